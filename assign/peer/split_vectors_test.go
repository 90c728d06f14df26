package peer_test

import "testing"

func splitVectors(t *testing.T, dir string, _ *tally) { t.Errorf("%s: not read yet", dir) }

func splitRows(t *testing.T, path string, _ *tally) { t.Errorf("%s: not read yet", path) }

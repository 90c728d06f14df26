package peer_test

import "testing"

func planoutVectors(t *testing.T, dir string, _ *tally) { t.Errorf("%s: not read yet", dir) }

func planoutRows(t *testing.T, path string, _ *tally) { t.Errorf("%s: not read yet", path) }

package peer_test

import "testing"

func posthogVectors(t *testing.T, dir string, _ *tally) { t.Errorf("%s: not read yet", dir) }

func posthogRows(t *testing.T, path string, _ *tally) { t.Errorf("%s: not read yet", path) }

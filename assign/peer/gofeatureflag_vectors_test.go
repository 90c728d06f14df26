package peer_test

import "testing"

func gofeatureflagVectors(t *testing.T, dir string, _ *tally) { t.Errorf("%s: not read yet", dir) }

func gofeatureflagRows(t *testing.T, path string, _ *tally) { t.Errorf("%s: not read yet", path) }

package peer_test

import "testing"

func unleashVectors(t *testing.T, dir string, _ *tally) { t.Errorf("%s: not read yet", dir) }

func unleashRows(t *testing.T, path string, _ *tally) { t.Errorf("%s: not read yet", path) }

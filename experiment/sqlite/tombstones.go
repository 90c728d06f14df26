package sqlite

import (
	"crypto/sha256"

	"github.com/touchlift/touchlift/experiment"
)

// tombstoneOf returns what is kept of an erased id.
func tombstoneOf(id experiment.ID) [sha256.Size]byte {
	return sha256.Sum256([]byte(string(id.Kind) + "\x00" + id.Value))
}

// readErasures looks up the newest tombstone.
func (r *recording) readErasures() error {
	stmt, err := r.conn.Prepare("SELECT erased_us FROM tombstones ORDER BY erased_us DESC LIMIT 1")
	if err != nil {
		return err
	}
	r.newestErasure, r.erasures, err = scalar(stmt)
	return err
}

// barred reports whether one of the ids was erased after a time.
func (r *recording) barred(ids []experiment.ID, us int64) (bool, error) {
	if !r.erasures || us >= r.newestErasure {
		return false, nil
	}
	for _, id := range ids {
		if erased, err := r.erasedAfter(id, us); erased || err != nil {
			return erased, err
		}
	}
	return false, nil
}

// barredExposure reports whether the unit or one of the ids of an exposure was
// erased after its time.
func (r *recording) barredExposure(e *experiment.Exposure, us int64) (bool, error) {
	barred, err := r.barred(e.IDs, us)
	if barred || err != nil {
		return barred, err
	}
	return r.barred([]experiment.ID{{Kind: e.Kind, Value: e.Unit}}, us)
}

func (w *writer) erasedAfter(id experiment.ID, us int64) (bool, error) {
	stmt, err := w.conn.Prepare("SELECT erased_us FROM tombstones WHERE hash = ?1")
	if err != nil {
		return false, err
	}
	hash := tombstoneOf(id)
	stmt.BindBytes(1, hash[:])
	erased, found, err := scalar(stmt)
	return found && us < erased, err
}

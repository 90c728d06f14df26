package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite/sqlitex"
)

// Supported is the newest schema version.
func Supported() int {
	all, err := loadMigrations(migrations)
	if err != nil {
		panic(err)
	}
	return len(all)
}

// OnWriter runs SQL on the connection that changes the file.
func (s *Store) OnWriter(query string) error {
	w, err := s.acquireWriter(context.Background())
	if err != nil {
		return err
	}
	defer s.releaseWriter(w)
	return sqlitex.ExecuteTransient(w.conn, query, nil)
}

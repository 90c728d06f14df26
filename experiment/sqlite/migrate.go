package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migration brings a file from version-1 to version.
type migration struct {
	version int
	script  string
}

// loadMigrations returns the migrations in order. The names start with the
// version, which counts from 1 without gaps.
func loadMigrations(folder fs.FS) ([]migration, error) {
	names, err := fs.Glob(folder, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for i, name := range names {
		version, err := strconv.Atoi(name[len("migrations/"):][:4])
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("sqlite: migration %s, want number %04d", name, i+1)
		}
		script, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, string(script)})
	}
	return all, nil
}

// migrate brings the file up to date. Whoever finds it so takes no lock.
func (s *Store) migrate(conn *sqlite.Conn) error {
	all, err := loadMigrations(migrations)
	if err != nil {
		return err
	}
	version, err := schemaVersion(conn)
	if err != nil || version == len(all) {
		return err
	}
	if version > len(all) {
		return &SchemaError{Found: version, Supported: len(all)}
	}
	if s.options.ReadOnly {
		return fmt.Errorf("%w: the schema is version %d, want %d", errReadOnly, version, len(all))
	}
	if err := s.begin(context.Background(), conn, "BEGIN EXCLUSIVE"); err != nil {
		return err
	}
	defer rollback(conn)
	if err := applyMigrations(conn, all); err != nil {
		return err
	}
	return execute(conn, "COMMIT")
}

// applyMigrations runs what the file lacks; the caller holds the lock, under
// which the version is read again.
func applyMigrations(conn *sqlite.Conn, all []migration) error {
	version, err := schemaVersion(conn)
	if err != nil {
		return err
	}
	if version > len(all) {
		return &SchemaError{Found: version, Supported: len(all)}
	}
	for _, m := range all[version:] {
		if err := sqlitex.ExecuteScript(conn, m.script, nil); err != nil {
			return fmt.Errorf("sqlite: migration %d: %w", m.version, err)
		}
		stmt, err := conn.Prepare("UPDATE meta SET value = ?1 WHERE name = 'schema'")
		if err != nil {
			return err
		}
		stmt.BindInt64(1, int64(m.version))
		if err := finish(stmt); err != nil {
			return err
		}
	}
	return nil
}

// schemaVersion returns the version of the file, 0 for a file without tables
// of ours.
func schemaVersion(conn *sqlite.Conn) (int, error) {
	version := 0
	read := func(stmt *sqlite.Stmt) error { version = stmt.ColumnInt(0); return nil }
	ours := "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'"
	err := sqlitex.ExecuteTransient(conn, ours, &sqlitex.ExecOptions{ResultFunc: read})
	if err != nil || version == 0 {
		return 0, err
	}
	version = -1
	err = sqlitex.ExecuteTransient(conn, "SELECT value FROM meta WHERE name = 'schema'", &sqlitex.ExecOptions{ResultFunc: read})
	if err == nil && version < 1 {
		err = fmt.Errorf("%w: its table meta names no schema version", ErrCorrupt)
	}
	return version, errors.Join(err)
}

package sqlite

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"
)

// Synchronous says when a recorded batch is on the disk.
type Synchronous uint8

// The modes.
const (
	// Full writes each batch through to the disk before Record returns. A
	// recorded batch survives the end of the process, of the operating system
	// and of the power.
	Full Synchronous = iota
	// Normal leaves that to the operating system. A recorded batch survives the
	// end of the process, kill -9 too. A power cut or a crash of the operating
	// system may lose every batch since the last checkpoint, all the work of
	// the last minutes; the file stays sound. Batches of 1,000 events become
	// a few percent faster, single events ten times.
	Normal
)

// Options of [OpenWith].
type Options struct {
	// Synchronous says when a recorded batch is on the disk. Default Full.
	Synchronous Synchronous
	// BusyTimeout is how long a call waits while another process writes to the
	// file. Then it fails with [experiment.ErrRetryable]. Default 10 s.
	BusyTimeout time.Duration
	// ReadOnly opens an existing file for Summarize only. Record and Forget
	// fail. The schema must be up to date.
	ReadOnly bool
	// Now returns the time of receipt and of erasure. Default time.Now.
	Now func() time.Time
}

// defaultBusyTimeout outlasts the checkpoint of another process.
const defaultBusyTimeout = 10 * time.Second

// Open opens the store in the file at path, with every option at its default,
// and creates the file if there is none. It is OpenWith(path, Options{}).
func Open(path string) (*Store, error) { return OpenWith(path, Options{}) }

// OpenWith opens the store in the file at path. Unless ReadOnly is set it
// creates the file if there is none, and brings an older schema up to date.
// The folder must exist. The path is taken as it stands: no URI, no
// ":memory:". One Store serves a process; several processes may have the file
// open.
//
// Errors are *[experiment.StoreError]; those of a file that cannot be used
// match [ErrNewerSchema] or [ErrCorrupt].
func OpenWith(path string, options Options) (*Store, error) {
	options, err := options.withDefaults()
	if err == nil {
		path, err = checkPath(path, options.ReadOnly)
	}
	if err != nil {
		return nil, openFailure(err)
	}
	s := newStore(path, options)
	if err := s.start(); err != nil {
		_ = s.Close()
		return nil, openFailure(err)
	}
	return s, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Synchronous > Normal {
		return o, fmt.Errorf("%w: Synchronous is %d, want Full or Normal", ErrInvalidOptions, o.Synchronous)
	}
	if o.BusyTimeout < 0 || o.BusyTimeout > math.MaxInt32*time.Millisecond {
		return o, fmt.Errorf("%w: BusyTimeout is %v, want 0 (for %v) to 24 days", ErrInvalidOptions, o.BusyTimeout, defaultBusyTimeout)
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = defaultBusyTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// checkPath returns the absolute path, so that connections opened later do not
// depend on the working directory.
func checkPath(path string, mustExist bool) (string, error) {
	if path == "" || path == ":memory:" {
		return "", fmt.Errorf("%w: path is %q, want a file; experiment.NewMemory keeps events in memory", ErrInvalidOptions, path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return "", &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("%w: is a folder, want a file", ErrInvalidOptions)}
	case err != nil && mustExist:
		return "", err
	}
	return path, nil
}

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"zombiezen.com/go/sqlite"

	"github.com/touchlift/touchlift/experiment"
)

// Why a file cannot be used. From Open, errors that match one of these match
// [experiment.ErrPermanent] too; see [Store.Record] for the outcome of a batch.
var (
	// ErrNewerSchema: a newer version of this package wrote the file. The error
	// is a *SchemaError.
	ErrNewerSchema = errors.New("sqlite: the file has a newer schema")
	// ErrCorrupt: the file is damaged, or is no SQLite database.
	ErrCorrupt = errors.New("sqlite: the file is damaged or no database")
	// ErrInvalidOptions: the path or an option has no meaning.
	ErrInvalidOptions = errors.New("sqlite: invalid options")
)

// SchemaError says that a file has a newer schema than this package knows.
type SchemaError struct {
	// Found is the schema version of the file.
	Found int
	// Supported is the newest version that this package can use.
	Supported int
}

// Error names both versions.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("%v: version %d, want at most %d", ErrNewerSchema, e.Found, e.Supported)
}

// Is reports true for ErrNewerSchema.
func (e *SchemaError) Is(target error) bool { return target == ErrNewerSchema }

// errReadOnly is the cause of a refused change in a store opened to be read.
var errReadOnly = errors.New("sqlite: the store was opened with ReadOnly")

// opRecord names recording in errors.
const opRecord = "record"

// failure types the error of an operation that stored nothing.
func failure(ctx context.Context, op string, err error) error {
	var typed *experiment.StoreError
	switch {
	case err == nil || errors.As(err, &typed) || errors.Is(err, experiment.ErrStoreClosed):
		return err
	case ctx.Err() != nil:
		return &experiment.StoreError{Op: op, Outcome: experiment.ErrRetryable, Err: context.Cause(ctx)}
	}
	v := verdictOn(err)
	if op == opRecord && !refusesRow(err) {
		// The events are sound, the place is not: they are to be kept until somebody
		// has mended it.
		v.outcome = experiment.ErrRetryable
	}
	if v.cause != nil {
		err = fmt.Errorf("%w: %w", v.cause, err)
	}
	return &experiment.StoreError{Op: op, Outcome: v.outcome, Err: err, Hint: v.hint}
}

// unknownOutcome types the error of a commit of which nobody can say whether
// it will be there after a crash.
func unknownOutcome(op string, err error) error {
	return &experiment.StoreError{
		Op: op, Outcome: experiment.ErrUnknownOutcome, Err: err,
		Hint: "the disk failed while the batch was being made durable; check the disk, then record the batch again",
	}
}

// refusesRow reports whether SQLite can never take what the batch holds,
// whatever becomes of the file.
func refusesRow(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultTooBig, sqlite.ResultConstraint, sqlite.ResultMismatch, sqlite.ResultRange:
		return true
	}
	return false
}

// verdict is what a cause means to the caller.
type verdict struct {
	outcome error
	cause   error // a sentinel of this package to add, or nil
	hint    string
}

func verdictOn(err error) verdict {
	switch {
	case errors.Is(err, errReadOnly):
		return verdict{experiment.ErrPermanent, nil, "open the file without ReadOnly to change it"}
	case errors.Is(err, ErrNewerSchema):
		return verdict{experiment.ErrPermanent, nil, "use the version of touchlift that wrote the file, or a later one"}
	case errors.Is(err, ErrInvalidOptions):
		return verdict{experiment.ErrPermanent, nil, ""}
	case errors.Is(err, fs.ErrNotExist):
		return verdict{experiment.ErrPermanent, nil, "create the folder first, or mend the path"}
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultFull:
		return verdict{experiment.ErrRetryable, nil, "the disk is full: free some space, then record the batch again"}
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return verdict{experiment.ErrRetryable, nil, "another process holds the file; raise Options.BusyTimeout if that is usual"}
	case sqlite.ResultInterrupt, sqlite.ResultNoMem, sqlite.ResultProtocol, sqlite.ResultSchema:
		return verdict{experiment.ErrRetryable, nil, ""}
	case sqlite.ResultIOErr:
		return verdict{experiment.ErrRetryable, nil, "the disk reports an error; check the disk"}
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultAuth:
		return verdict{experiment.ErrPermanent, nil, "the file cannot be written: check the permissions of the file and of its folder, and whether the disk is mounted read-only"}
	case sqlite.ResultCantOpen:
		return verdict{experiment.ErrPermanent, nil, "the path must be a file that this process may open, in a folder where it may create files"}
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return verdict{experiment.ErrPermanent, ErrCorrupt, "restore the file from a copy; see the package comment on backup"}
	}
	return verdict{experiment.ErrPermanent, nil, ""}
}

// openFailure types the error of opening.
func openFailure(err error) error { return failure(context.Background(), "open", err) }

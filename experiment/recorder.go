package experiment

import "context"

// Recorder takes events on their way to a store. Package record has one that
// queues and batches; a test or a synchronous writer may have its own. The
// events handed over belong to the recorder.
type Recorder interface {
	// Expose accepts an exposure or says why not.
	Expose(ctx context.Context, exposure Exposure) error
	// Track accepts a conversion or says why not.
	Track(ctx context.Context, conversion Conversion) error
}

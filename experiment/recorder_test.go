package experiment_test

import (
	"context"
	"sync"

	"github.com/touchlift/touchlift/experiment"
)

// kept is a recorder that keeps what it gets, or refuses with an error.
type kept struct {
	mu          sync.Mutex
	err         error
	exposures   []experiment.Exposure
	conversions []experiment.Conversion
}

func (k *kept) Expose(_ context.Context, e experiment.Exposure) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return k.err
	}
	k.exposures = append(k.exposures, e)
	return nil
}

func (k *kept) Track(_ context.Context, v experiment.Conversion) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return k.err
	}
	k.conversions = append(k.conversions, v)
	return nil
}

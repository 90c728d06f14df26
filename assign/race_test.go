//go:build race

package assign_test

// raceDetector makes long replays by a single goroutine shorter: the detector slows
// them twentyfold and has nothing to find in them.
const raceDetector = true

//go:build race

package main

// raceDetector says whether the race detector watches this test.
const raceDetector = true

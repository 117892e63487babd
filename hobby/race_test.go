//go:build race

package hobby_test

// raceEnabled says that the race detector is on, at a tenth of the speed.
const raceEnabled = true

//go:build !race

package hobby_test

const raceEnabled = false

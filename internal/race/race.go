//go:build race

// Package race tells tests whether the race detector is on.
package race

// Enabled says that the race detector is on. Code runs at about a tenth of its
// speed then, and sync.Pool, which regexp uses, drops some of what it is given.
const Enabled = true

//go:build !linux

package child

// Memory is the memory that this process uses, in bytes. What those use that it started
// is told on Linux only.
func Memory() int64 { return own() }

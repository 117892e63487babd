//go:build amd64 || arm64

package kernel

// pause tells the processor that a loop waits.
func pause()

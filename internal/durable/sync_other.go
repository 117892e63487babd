//go:build !unix

package durable

// syncDir has nothing to do: directories cannot be synchronised here.
func syncDir(string) error { return nil }

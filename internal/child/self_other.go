//go:build !linux

package child

import "os"

// Self is the path of this program, also when its file was replaced or removed where the
// system keeps that.
func Self() (string, error) { return os.Executable() }

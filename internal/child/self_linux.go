package child

import "os"

// Self is the path of this program, also when its file was replaced or removed.
func Self() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

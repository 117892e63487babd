//go:build unix

package durable

import (
	"errors"
	"os"
)

// syncDir writes a rename in dir to the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

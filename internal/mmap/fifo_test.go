//go:build linux || darwin

package mmap_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pastime-go/pastime/internal/mmap"
)

// TestFIFO holds that nothing waits for somebody to write to a FIFO.
func TestFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	for name, open := range map[string]func() error{
		"Open":        func() error { _, err := mmap.Open(path); return err },
		"OpenRegular": func() error { _, err := mmap.OpenRegular(path); return err },
		"ReadRegular": func() error { _, err := mmap.ReadRegular(path); return err },
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

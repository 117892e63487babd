package mmap_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/internal/mmap"
)

// TestRelease holds that what is released is not counted to the process, and can be
// read again.
func TestRelease(t *testing.T) {
	const size = 32 << 20
	want := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := mmap.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !bytes.Equal(f.Data, want) {
		t.Fatal("other bytes than the file's")
	}
	before := shared(t)
	f.Release(make([]byte, 1<<20)) // no part of it
	f.Release(f.Data[100 : size-100])
	if freed := before - shared(t); freed < size*9/10 {
		t.Errorf("%d bytes are given up, of %d", freed, size)
	}
	if !bytes.Equal(f.Data, want) {
		t.Error("other bytes after they were released")
	}
	f.Release(f.Data)
}

// shared is the memory of this process that files back, in bytes.
func shared(t *testing.T) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	var total, resident, shared int
	if _, err := fmt.Sscan(string(statm), &total, &resident, &shared); err != nil {
		t.Fatal(err)
	}
	return shared * os.Getpagesize()
}

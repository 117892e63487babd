// Package mmap maps files into memory to read them.
package mmap

import (
	"fmt"
	"io"
	"os"
	"unsafe"
)

// File is a file mapped read-only. Writing to Data faults; so does reading it
// after Close, or after somebody has shortened the file.
type File struct {
	Data  []byte
	unmap func() error
}

// Open maps the whole of the regular file at path. Where the system has no
// mapping, it is read into memory instead.
func Open(path string) (*File, error) {
	f, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if int64(int(size)) != size {
		return nil, fmt.Errorf("mmap: %s: %d bytes are too many for this platform", path, size)
	}
	if size == 0 {
		return &File{}, nil
	}
	data, unmap, err := mapFile(f, int(size))
	if err != nil {
		return nil, fmt.Errorf("mmap: mapping %s: %w", path, err)
	}
	return &File{Data: data, unmap: unmap}, nil
}

// OpenRegular opens a regular file to read it. Anything else is an error: the
// opening of a FIFO would wait until somebody writes to it.
func OpenRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.Open(path)
}

// ReadRegular reads a regular file, as [os.ReadFile] does.
func ReadRegular(path string) ([]byte, error) {
	f, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// Release tells the system that data, which need not be part of the file, is not read for
// a while. What of it is in memory is no longer counted to this process. Reading it
// again reads the file.
func (f *File) Release(data []byte) {
	if f.unmap == nil || len(data) == 0 {
		return
	}
	file, part := uintptr(unsafe.Pointer(unsafe.SliceData(f.Data))), uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	if part < file || part-file > uintptr(len(f.Data)) {
		return
	}
	page := os.Getpagesize()
	from, to := int(part-file), min(len(f.Data), int(part-file)+len(data))
	from = (from + page - 1) / page * page
	if to < len(f.Data) {
		to = to / page * page
	}
	if from < to {
		release(f.Data[from:to])
	}
}

// Close gives the memory back. Closing again does nothing.
func (f *File) Close() error {
	unmap := f.unmap
	f.Data, f.unmap = nil, nil
	if unmap == nil {
		return nil
	}
	return unmap()
}

package mmap

import (
	"os"
	"syscall"
	"unsafe"
)

func mapFile(f *os.File, size int) ([]byte, func() error, error) {
	return view(syscall.Handle(f.Fd()), syscall.PAGE_READONLY, syscall.FILE_MAP_READ, 0, size)
}

func mapAnonymous(size int) ([]byte, func() error, error) {
	return view(syscall.InvalidHandle, syscall.PAGE_READWRITE, syscall.FILE_MAP_WRITE, uint64(size), size)
}

// view maps size bytes of a file. length is that of a mapping without one.
func view(file syscall.Handle, protection, access uint32, length uint64, size int) ([]byte, func() error, error) {
	h, err := syscall.CreateFileMapping(file, nil, protection, uint32(length>>32), uint32(length), nil)
	if err != nil {
		return nil, nil, os.NewSyscallError("CreateFileMapping", err)
	}
	defer syscall.CloseHandle(h) // the view keeps the mapping
	addr, err := syscall.MapViewOfFile(h, access, 0, 0, uintptr(size))
	if err != nil {
		return nil, nil, os.NewSyscallError("MapViewOfFile", err)
	}
	// The address is not of Go's memory, so the collector never moves it; it is
	// read through a pointer to the variable, which vet accepts.
	data := unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), size)
	return data, func() error { return os.NewSyscallError("UnmapViewOfFile", syscall.UnmapViewOfFile(addr)) }, nil
}

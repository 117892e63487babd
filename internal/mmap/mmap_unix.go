//go:build unix && !aix && !solaris && !illumos

package mmap

import (
	"os"
	"syscall"
)

func mapFile(f *os.File, size int) ([]byte, func() error, error) {
	return mapped(int(f.Fd()), size, syscall.PROT_READ, syscall.MAP_SHARED)
}

func mapAnonymous(size int) ([]byte, func() error, error) {
	return mapped(-1, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
}

func mapped(fd, size, protection, flags int) ([]byte, func() error, error) {
	data, err := syscall.Mmap(fd, 0, size, protection, flags)
	if err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return data, func() error { return syscall.Munmap(data) }, nil
}

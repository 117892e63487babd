//go:build unix && !aix && !solaris && !illumos

package mmap

import "golang.org/x/sys/unix"

// release forgets whole pages of a mapped file. Where the system refuses, they stay.
func release(data []byte) { _ = unix.Madvise(data, unix.MADV_DONTNEED) }

package mmap

import "golang.org/x/sys/unix"

// huge asks for pages of 2 MB, which are found sooner when much memory is read in order. Where
// the system refuses, they stay small.
func huge(data []byte) { _ = unix.Madvise(data, unix.MADV_HUGEPAGE) }

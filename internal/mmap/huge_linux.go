package mmap

import "golang.org/x/sys/unix"

// huge asks for pages of 2 MB, which are found sooner when much memory is read in order. Where
// the system refuses, or less is wanted than one has, they stay small.
func huge(data []byte) {
	if len(data) >= 2<<20 {
		_ = unix.Madvise(data, unix.MADV_HUGEPAGE)
	}
}

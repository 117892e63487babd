//go:build !unix || aix || solaris || illumos

package mmap

func release([]byte) {}

package mmap

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrFault says that a mapped file could not be read: somebody has cut it short, or
// its disk failed.
var ErrFault = errors.New("mmap: a file was cut short, or cannot be read any more")

// Guard calls f, which reads mapped files. Where a page of one is gone, Guard
// returns ErrFault, and the process goes on; what f was making is then half done.
// Only f's own goroutine is guarded: in others that it starts, [Watch] makes a
// panic of the fault, which f has to bring back.
func Guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(Watch())
	defer func() {
		switch r := recover().(type) {
		case nil:
		case interface {
			error
			Addr() uintptr // runtime's, of a fault
		}:
			err = fmt.Errorf("%w: %w", ErrFault, r)
		default:
			panic(r)
		}
	}()
	return f()
}

// Watch makes a panic, in this goroutine, of a fault that would end the process. It
// returns what was so before.
func Watch() bool { return debug.SetPanicOnFault(true) }

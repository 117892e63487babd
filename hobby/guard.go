package hobby

import (
	"fmt"
	"runtime/debug"
)

// guard runs code of the host's and makes its panic an error, so that a bug in
// it costs one session, one run or one delivery, and not the program.
func guard(where string, fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("hobby: panic in %s: %v\n%s", where, r, debug.Stack())
		}
	}()
	return fn()
}

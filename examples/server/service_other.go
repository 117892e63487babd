//go:build !windows

package main

import (
	"context"
	"io"
)

// asService runs nothing: only Windows has services that answer a manager.
func asService(func(ctx context.Context, out, log io.Writer) error) (bool, error) { return false, nil }

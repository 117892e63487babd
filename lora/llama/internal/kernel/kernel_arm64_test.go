package kernel

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMicroIsGo holds that the micro-kernels give the bytes of Go.
func TestMicroIsGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, k := rapid.IntRange(1, mr).Draw(t, "rows"), rapid.IntRange(1, 50).Draw(t, "k")
		ldb, ldc := nr+rapid.IntRange(0, 20).Draw(t, "more of b"), nr+rapid.IntRange(0, 20).Draw(t, "more of c")
		add := rapid.Bool().Draw(t, "add")
		a, b, got := random(1, k*mr), random(2, k*ldb), random(3, rows*ldc)
		want := slices.Clone(got)
		micro(rows, k, a, b, ldb, got, ldc, add)
		microGo(rows, k, a, b, ldb, want, ldc, add)
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

package saturate_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/saturate"
)

// TestAdd compares with numbers that have no bounds.
func TestAdd(t *testing.T) {
	low, high := big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		want := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		if want.Cmp(low) < 0 {
			want = low
		}
		if want.Cmp(high) > 0 {
			want = high
		}
		if got := saturate.Add(a, b); got != want.Int64() {
			t.Errorf("%d + %d is %d, want %d", a, b, got, want)
		}
	})
}

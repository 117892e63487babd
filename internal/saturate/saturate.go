// Package saturate adds numbers from outside without wrapping.
package saturate

import "math"

// Add is a + b, or the nearest int64 to it.
func Add[T ~int64](a, b T) T {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

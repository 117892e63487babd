package cypher

import (
	"math"
	"slices"
)

// maxString bounds a string that an expression makes.
const maxString = 1 << 20

// arithmetic is null where a number does not fit, and where there is none.
func arithmetic(sign string, a, b any) any {
	x, ok1 := a.(int64)
	y, ok2 := b.(int64)
	if ok1 && ok2 {
		return whole(sign, x, y)
	}
	if sign == "+" {
		switch s := a.(type) {
		case string:
			if t, ok := b.(string); ok && len(s)+len(t) <= maxString {
				return s + t
			}
			return nil
		case []any:
			if t, ok := b.([]any); ok && len(s)+len(t) <= maxString {
				return append(slices.Clone(s), t...)
			}
			return nil
		}
	}
	f, ok1 := real(a)
	g, ok2 := real(b)
	if !ok1 || !ok2 {
		return nil
	}
	switch sign {
	case "+":
		return finite(f + g)
	case "-":
		return finite(f - g)
	case "*":
		return finite(f * g)
	case "/":
		return finite(f / g)
	}
	return finite(math.Mod(f, g))
}

func real(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}

func whole(sign string, x, y int64) any {
	switch sign {
	case "+":
		if z := x + y; (z > x) == (y > 0) {
			return z
		}
	case "-":
		if z := x - y; (z < x) == (y > 0) {
			return z
		}
	case "*":
		if x == 0 || y == 0 {
			return int64(0)
		}
		z := x * y
		if z/y == x && !(x == -1 && y == math.MinInt64) && !(y == -1 && x == math.MinInt64) {
			return z
		}
	case "/":
		if y != 0 && !(x == math.MinInt64 && y == -1) {
			return x / y
		}
	default:
		if y == -1 {
			return int64(0)
		}
		if y != 0 {
			return x % y
		}
	}
	return nil
}

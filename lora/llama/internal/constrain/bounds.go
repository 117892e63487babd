package constrain

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

func (c *compiler) number(s *dict, types kinds, place string) (node, error) {
	r := &between{}
	whole := wholeDigits
	if types&kindFractional != 0 {
		r.places, whole = boundedPlaces, boundedDigits
	}
	unit := new(big.Rat).SetInt64(pow10[r.places])
	most := big.NewInt(pow10[r.places+whole] - 1)
	least := new(big.Int).Neg(most)
	bounded := false
	for _, k := range []string{"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"} {
		x, ok := s.of[k]
		if !ok {
			continue
		}
		n, ok := x.(json.Number)
		if !ok {
			return nil, fmt.Errorf("at %s/%s: want a number", place, k)
		}
		b, err := rational(n)
		if err != nil {
			return nil, fmt.Errorf("at %s/%s: %w", place, k, err)
		}
		bounded = true
		b.Mul(b, unit)
		switch k {
		case "minimum":
			least = larger(least, ceil(b))
		case "exclusiveMinimum":
			least = larger(least, new(big.Int).Add(floor(b), big.NewInt(1)))
		case "maximum":
			most = smaller(most, floor(b))
		case "exclusiveMaximum":
			most = smaller(most, new(big.Int).Sub(ceil(b), big.NewInt(1)))
		}
	}
	if !bounded && types&kindFractional != 0 {
		return decimal{}, nil
	}
	if least.Cmp(most) > 0 {
		return nothing(), nil
	}
	r.lo, r.hi = least.Int64(), most.Int64()
	return r, nil
}

// rational is the exact value of a number of moderate length.
func rational(n json.Number) (*big.Rat, error) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
	if e, err := strconv.Atoi(exponent); len(mantissa) > 40 || exponent != "" && (err != nil || e < -40 || e > 40) {
		return nil, fmt.Errorf("the number %.50q is out of range", n.String())
	}
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return nil, fmt.Errorf("%.50q is no number", n.String())
	}
	return r, nil
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) } // Euclidean; the denominator is positive

func ceil(r *big.Rat) *big.Int {
	n := new(big.Rat).Neg(r)
	return new(big.Int).Neg(floor(n))
}

func larger(a, b *big.Int) *big.Int {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

func smaller(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

// counts reads a pair of bounds. They are 0 and -1 when they are not given.
func counts(s *dict, place, least, most string) (lo, hi int, err error) {
	hi = -1
	for name, dst := range map[string]*int{least: &lo, most: &hi} {
		x, ok := s.of[name]
		if !ok {
			continue
		}
		n, _ := x.(json.Number)
		r, err := rational(n)
		if err != nil || !r.IsInt() || r.Sign() < 0 {
			return 0, 0, fmt.Errorf("at %s/%s: want a whole number, 0 or more", place, name)
		}
		if !r.Num().IsInt64() || r.Num().Int64() > maxCount {
			if name == least {
				return 0, 0, fmt.Errorf("at %s/%s: at most %d is supported", place, name, maxCount)
			}
			continue // as good as no limit
		}
		*dst = int(r.Num().Int64())
	}
	return lo, hi, nil
}

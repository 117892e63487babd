package constrain

// decimal reads a number without bounds: at most 15 digits before the point and
// 15 after it, and an exponent of at most 2.
type decimal struct{}

// The places in a number. n is the number of digits in the present part.
const (
	numberStart uint8 = iota
	numberMinus
	numberZero // a whole part of 0, after which no digit may come
	numberWhole
	numberPoint
	numberFraction
	numberE
	numberSign
	numberExponent
)

const (
	wholeDigits    = 15
	fractionDigits = 15
	exponentDigits = 2
	// Of a number with bounds.
	boundedDigits = 12
	boundedPlaces = 6
)

func (decimal) start() local { return local{} }

func (decimal) step(s local, b byte, m moves) {
	digits := func(phase uint8, most int32) {
		n := s.n
		if s.phase != phase {
			n = 0
		}
		if n < most {
			m.to(local{phase: phase, n: n + 1})
		}
	}
	digit := b >= '0' && b <= '9'
	switch {
	case s.phase == closed:
	case s.phase == numberStart && b == '-':
		m.to(local{phase: numberMinus})
	case s.phase <= numberMinus && b == '0':
		m.to(local{phase: numberZero})
	case digit && (s.phase <= numberMinus || s.phase == numberWhole):
		digits(numberWhole, wholeDigits)
	case b == '.' && (s.phase == numberZero || s.phase == numberWhole):
		m.to(local{phase: numberPoint})
	case digit && (s.phase == numberPoint || s.phase == numberFraction):
		digits(numberFraction, fractionDigits)
	case (b == 'e' || b == 'E') && (s.phase == numberZero || s.phase == numberWhole || s.phase == numberFraction):
		m.to(local{phase: numberE})
	case (b == '+' || b == '-') && s.phase == numberE:
		m.to(local{phase: numberSign})
	case digit && s.phase >= numberE:
		digits(numberExponent, exponentDigits)
	}
}

func (d decimal) need(s local) int {
	if d.final(s) {
		return 0
	}
	return 1
}

func (decimal) final(s local) bool {
	switch s.phase {
	case numberZero, numberWhole, numberFraction, numberExponent:
		return true
	}
	return false
}

// between reads a number from lo to hi, both in units of the last digit that may
// be written: 10^-places. v is what has been read, without sign and point; n is
// the number of digits after the point, with bit 8 for a minus.
type between struct {
	lo, hi int64
	places int
}

const negative int32 = 1 << 8

// pow10 are the powers of ten that an int64 holds.
var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

func (r *between) start() local { return local{} }

func (r *between) step(s local, b byte, m moves) {
	digit := b >= '0' && b <= '9'
	d := int64(b) - '0'
	next := s
	switch {
	case s.phase == closed:
		return
	case s.phase == numberStart && b == '-':
		next.phase, next.n = numberMinus, negative
	case s.phase <= numberMinus && b == '0':
		next.phase = numberZero
	case digit && s.phase <= numberWhole && s.phase != numberZero:
		next.phase, next.v = numberWhole, 10*s.v+d
	case b == '.' && (s.phase == numberZero || s.phase == numberWhole) && r.places > 0:
		next.phase = numberPoint
	case digit && (s.phase == numberPoint || s.phase == numberFraction) && int(s.n&^negative) < r.places:
		next.phase, next.v, next.n = numberFraction, 10*s.v+d, s.n+1
	default:
		return
	}
	if r.need(next) < never {
		m.to(next)
	}
}

// magnitudes returns the bounds of the number after the sign.
func (r *between) magnitudes(s local) (lo, hi int64) {
	if s.n&negative != 0 {
		return max(0, -r.hi), -r.lo
	}
	return max(0, r.lo), r.hi
}

func (r *between) need(s local) int {
	lo, hi := r.magnitudes(s)
	switch s.phase {
	case closed:
		return 0
	case numberStart:
		return min(r.whole(lo, hi), sum(1, r.need(local{phase: numberMinus, n: negative})))
	case numberMinus:
		if r.places == 0 { // -0 is not written
			lo = max(lo, 1)
		}
		return r.whole(lo, hi)
	case numberZero:
		if r.places == 0 && s.n&negative != 0 {
			return never
		}
		return r.fraction(0, 0, false, lo, hi)
	case numberWhole:
		best := never
		for more := 0; ; more++ {
			// With more digits, v becomes one of the numbers from first to last.
			unit := pow10[r.places]
			if s.v > (r.most()/unit)/pow10[more] {
				return best
			}
			first, last := s.v*pow10[more], (s.v+1)*pow10[more]-1
			best = min(best, sum(more, r.between(first, last, lo, hi)))
		}
	}
	return r.fraction(s.v, int(s.n&^negative), true, lo, hi)
}

// most is the greatest magnitude.
func (r *between) most() int64 { return max(r.hi, -r.lo, 0) }

// whole is the fewest bytes of an unsigned number from lo to hi.
func (r *between) whole(lo, hi int64) int {
	best := never
	unit := pow10[r.places]
	for digits := 1; digits < 19; digits++ {
		first, last := pow10[digits-1], pow10[digits]-1
		if digits == 1 {
			first = 0
		}
		if first > hi/unit {
			break
		}
		best = min(best, sum(digits, r.between(first, last, lo, hi)))
	}
	return best
}

// between returns the fewest bytes that must follow one of the whole numbers from
// first to last so that the number is from lo to hi: none, or a point and some
// digits. first and last have the same number of digits.
func (r *between) between(first, last, lo, hi int64) int {
	unit := pow10[r.places]
	last = min(last, hi/unit)
	if first > last {
		return never
	}
	lo, hi = max(lo, first*unit), min(hi, last*unit+unit-1)
	for f := 0; f <= r.places; f++ {
		if grain := pow10[r.places-f]; lo <= hi && (lo+grain-1)/grain <= hi/grain {
			if f > 0 {
				f++
			}
			return f
		}
	}
	return never
}

// fraction is the fewest bytes that must follow v, which has n digits after the
// point, if there is one.
func (r *between) fraction(v int64, n int, point bool, lo, hi int64) int {
	grain := pow10[r.places-n]
	lo, hi = max(lo, v*grain), min(hi, v*grain+grain-1)
	if point && n == 0 && lo <= hi { // a digit must come
		for f := 1; f <= r.places; f++ {
			if g := pow10[r.places-f]; (lo+g-1)/g <= hi/g {
				return f
			}
		}
		return never
	}
	for f := n; lo <= hi && f <= r.places; f++ {
		if g := pow10[r.places-f]; (lo+g-1)/g <= hi/g {
			more := f - n
			if !point && more > 0 {
				more++
			}
			return more
		}
	}
	return never
}

func (r *between) final(s local) bool {
	switch s.phase {
	case numberZero, numberWhole, numberFraction:
		return r.need(s) == 0
	}
	return false
}

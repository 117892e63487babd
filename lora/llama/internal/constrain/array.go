package constrain

// array reads an array whose items match one schema.
type array struct {
	items    *value
	min, max int // max < 0: no limit
}

// The places in an array. n is the number of items so far, up to the largest
// bound.
const (
	arrayStart uint8 = iota
	arrayOpen
	arrayItem  // after an item
	arrayComma // after a comma
	arraySpace // after a comma and a space
)

func (a *array) start() local { return local{} }

func (a *array) step(s local, b byte, m moves) {
	switch s.phase {
	case arrayStart:
		if b == '[' {
			m.to(local{phase: arrayOpen})
		}
		return
	case arrayOpen, arrayItem:
		if b == ']' && int(s.n) >= a.min {
			m.to(local{phase: closed})
			return
		}
		if a.max >= 0 && int(s.n) >= a.max {
			return
		}
		if s.phase == arrayItem {
			if b == ',' && a.items.need < never {
				m.to(local{phase: arrayComma, n: s.n})
			}
			return
		}
	case arrayComma:
		if b == ' ' {
			m.to(local{phase: arraySpace, n: s.n})
			return
		}
	}
	n := int(s.n) + 1
	if a.max < 0 {
		n = min(n, max(a.min, 1))
	}
	m.push(local{phase: arrayItem, n: int32(n)}, a.items)
}

func (a *array) need(s local) int {
	missing := max(0, a.min-int(s.n))
	each := sum(a.items.need, 1)
	switch s.phase {
	case closed:
		return 0
	case arrayStart, arrayOpen:
		n := 2 - int(s.phase)
		if missing > 0 {
			n = sum(n-1, repeat(missing, each))
		}
		return n
	case arrayComma, arraySpace:
		return sum(a.items.need, repeat(max(0, missing-1), each), 1)
	}
	return sum(repeat(missing, each), 1)
}

func (a *array) final(s local) bool { return s.phase == closed }

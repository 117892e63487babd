package constrain

// array reads an array. Its first items match a schema each, the others one.
type array struct {
	prefix   []*value
	items    *value
	min, max int // max < 0: no limit
}

// item is what the item after n others matches.
func (a *array) item(n int) *value {
	if n < len(a.prefix) {
		return a.prefix[n]
	}
	return a.items
}

// missing is what the items after n others need until there are enough, each with a comma.
func (a *array) missing(n int) int {
	total := 0
	for ; n < min(a.min, len(a.prefix)); n++ {
		total = sum(total, a.prefix[n].need, 1)
	}
	return sum(total, repeat(max(0, a.min-n), sum(a.items.need, 1)))
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
			if b == ',' && a.item(int(s.n)).need < never {
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
		n = min(n, max(a.min, len(a.prefix), 1))
	}
	m.push(local{phase: arrayItem, n: int32(n)}, a.item(int(s.n)))
}

func (a *array) need(s local) int {
	missing := a.missing(int(s.n))
	switch s.phase {
	case closed:
		return 0
	case arrayStart, arrayOpen:
		n := 2 - int(s.phase)
		if missing > 0 {
			n = sum(n-1, missing) // the last item has no comma
		}
		return n
	case arrayComma, arraySpace:
		return sum(a.item(int(s.n)).need, a.missing(int(s.n)+1), 1)
	}
	return sum(missing, 1)
}

func (a *array) final(s local) bool { return s.phase == closed }

package constrain

// text reads a string with any characters.
type text struct {
	min, max int // in code points; max < 0: no limit
	// wide says that the bytes of UTF-8 beyond ASCII can be written one by one.
	wide bool
}

// The places in a string. n is the number of characters so far, up to the largest
// bound.
const (
	textStart uint8 = iota
	textBody
	textEscape // after a backslash
	textHex    // v is the number of hexadecimal digits to come
	textHexD   // after \ud, where a surrogate must not begin
	textUTF8   // v packs the bytes to come and the range of the next
)

func (t *text) start() local { return local{} }

// char is the place after one more character.
func (t *text) char(n int32) local {
	if n++; t.max < 0 && int(n) > t.min {
		n = int32(t.min)
	}
	return local{phase: textBody, n: n}
}

func (t *text) step(s local, b byte, m moves) {
	switch s.phase {
	case textStart:
		if b == '"' {
			m.to(local{phase: textBody})
		}
	case textBody:
		t.body(s, b, m)
	case textEscape:
		switch b {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			m.to(t.char(s.n))
		case 'u':
			m.to(local{phase: textHex, n: s.n, v: 4})
		}
	case textHex, textHexD:
		switch {
		case !isHex(b) || s.phase == textHexD && b > '7':
		case s.v == 4 && (b == 'd' || b == 'D'):
			m.to(local{phase: textHexD, n: s.n, v: 3})
		case s.v > 1:
			m.to(local{phase: textHex, n: s.n, v: s.v - 1})
		default:
			m.to(t.char(s.n))
		}
	case textUTF8:
		left, lo, hi := unpack(s.v)
		switch {
		case b < lo || b > hi:
		case left > 1:
			m.to(local{phase: textUTF8, n: s.n, v: pack(left-1, 0x80, 0xbf)})
		default:
			m.to(t.char(s.n))
		}
	}
}

func (t *text) body(s local, b byte, m moves) {
	if b == '"' {
		if int(s.n) >= t.min {
			m.to(local{phase: closed})
		}
		return
	}
	if t.max >= 0 && int(s.n) >= t.max {
		return
	}
	utf8 := func(left int, lo, hi byte) { m.to(local{phase: textUTF8, n: s.n, v: pack(left, lo, hi)}) }
	switch { // RFC 3629, section 4
	case b < ' ':
	case b == '\\':
		m.to(local{phase: textEscape, n: s.n})
	case b < 0x80:
		m.to(t.char(s.n))
	case b < 0xc2:
	case b < 0xe0:
		utf8(1, 0x80, 0xbf)
	case b == 0xe0:
		utf8(2, 0xa0, 0xbf)
	case b == 0xed:
		utf8(2, 0x80, 0x9f)
	case b < 0xf0:
		utf8(2, 0x80, 0xbf)
	case b == 0xf0:
		utf8(3, 0x90, 0xbf)
	case b < 0xf4:
		utf8(3, 0x80, 0xbf)
	case b == 0xf4:
		utf8(3, 0x80, 0x8f)
	}
}

func pack(left int, lo, hi byte) int64 { return int64(left)<<16 | int64(lo)<<8 | int64(hi) }

func unpack(v int64) (left int, lo, hi byte) { return int(v >> 16), byte(v >> 8), byte(v) }

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func (t *text) need(s local) int {
	open := 0 // bytes to the end of the character that is open
	switch s.phase {
	case closed:
		return 0
	case textStart:
		return t.min + 2
	case textBody:
		return max(0, t.min-int(s.n)) + 1
	case textEscape:
		open = 1
	case textHex, textHexD:
		open = int(s.v)
	case textUTF8:
		if !t.wide {
			return never
		}
		open, _, _ = unpack(s.v)
	}
	return open + max(0, t.min-int(s.n)-1) + 1
}

func (t *text) final(s local) bool { return s.phase == closed }

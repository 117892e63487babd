package constrain

// object reads an object: its declared properties in order, then additional ones.
type object struct {
	props []property
	// extra is the schema of additional properties; nil when there are none.
	// Their names are read by extraKey.
	extra, extraKey *value
	// open says that other properties than these are accepted, for oneOf.
	open bool

	// rest[i] is the fewest bytes of all required properties from i on, with a
	// comma before each; first[i] is the fewest bytes of one property from i on
	// that may come next, without a comma.
	rest, first []int
}

type property struct {
	name     string
	key      *value // reads the name in quotes and the colon
	val      *value
	required bool
}

// The places in an object; n is the index of the next property.
const (
	objectStart uint8 = iota
	objectOpen
	objectColon      // after the colon of property n
	objectColonSpace // and a space
	objectValue      // after a value
	objectComma      // after a comma
	objectSpace      // after a comma and a space
)

// settle computes rest and first from what is known of the inner values.
func (o *object) settle() {
	n := len(o.props)
	if o.rest == nil {
		o.rest, o.first = make([]int, n+1), make([]int, n+1)
	}
	o.rest[n], o.first[n] = 0, never
	if o.extra != nil {
		o.first[n] = sum(o.extraKey.need, o.extra.need)
	}
	for i := n - 1; i >= 0; i-- {
		p := o.props[i]
		one := sum(p.key.need, p.val.need)
		if p.required {
			o.rest[i], o.first[i] = sum(o.rest[i+1], one, 1), one
		} else {
			o.rest[i], o.first[i] = o.rest[i+1], min(one, o.first[i+1])
		}
	}
}

func (o *object) start() local { return local{} }

func (o *object) step(s local, b byte, m moves) {
	switch s.phase {
	case objectStart:
		if b == '{' {
			m.to(local{phase: objectOpen})
		}
	case objectOpen, objectValue:
		switch {
		case b == '}' && o.rest[s.n] == 0:
			m.to(local{phase: closed})
		case b == ',' && s.phase == objectValue && o.first[s.n] < never:
			m.to(local{phase: objectComma, n: s.n})
		case b == '"' && s.phase == objectOpen:
			o.keys(s, m)
		}
	case objectComma, objectSpace:
		switch {
		case b == '"':
			o.keys(s, m)
		case b == ' ' && s.phase == objectComma:
			m.to(local{phase: objectSpace, n: s.n})
		}
	case objectColon, objectColonSpace:
		if b == ' ' && s.phase == objectColon {
			m.to(local{phase: objectColonSpace, n: s.n})
			return
		}
		if i := int(s.n); i < len(o.props) {
			m.push(local{phase: objectValue, n: s.n + 1}, o.props[i].val)
		} else {
			m.push(local{phase: objectValue, n: s.n}, o.extra)
		}
	}
}

// keys pushes the keys of all properties that may come next: up to the first
// required one.
func (o *object) keys(s local, m moves) {
	for i := int(s.n); i < len(o.props); i++ {
		p := o.props[i]
		if p.val.need < never {
			m.push(local{phase: objectColon, n: int32(i)}, p.key)
		}
		if p.required {
			return
		}
	}
	if o.extra != nil {
		m.push(local{phase: objectColon, n: int32(len(o.props))}, o.extraKey)
	}
}

func (o *object) need(s local) int {
	switch s.phase {
	case closed:
		return 0
	case objectStart, objectOpen:
		n := 2 - int(s.phase)
		if o.rest[0] > 0 {
			n = sum(n-1, o.rest[0])
		}
		return n
	case objectColon, objectColonSpace:
		if i := int(s.n); i < len(o.props) {
			return sum(o.props[i].val.need, o.rest[i+1], 1)
		}
		return sum(o.extra.need, 1)
	case objectComma, objectSpace:
		if o.rest[s.n] > 0 {
			return o.rest[s.n]
		}
		return sum(o.first[s.n], 1)
	}
	return sum(o.rest[s.n], 1)
}

func (o *object) final(s local) bool { return s.phase == closed }

// extraKey reads the name of an additional property and the colon. The name is
// printable ASCII without quotes and backslashes, and none of the declared names.
// n is the state of the declared names' automaton, or -1 when the name is
// certainly none of them.
type extraKey struct{ declared *dfa }

const (
	keyStart uint8 = iota
	keyName
	keyQuoted
)

func (k *extraKey) start() local { return local{} }

func (k *extraKey) step(s local, b byte, m moves) {
	switch {
	case s.phase == keyStart && b == '"':
		m.to(local{phase: keyName})
	case s.phase == keyName && b == '"':
		if s.n < 0 || !k.declared.accept[s.n] {
			m.to(local{phase: keyQuoted})
		}
	case s.phase == keyName && b >= ' ' && b < 0x7f && b != '\\':
		next := int32(-1)
		if s.n >= 0 {
			next = k.declared.next(s.n, b)
		}
		m.to(local{phase: keyName, n: next})
	case s.phase == keyQuoted && b == ':':
		m.to(local{phase: closed})
	}
}

func (k *extraKey) need(s local) int {
	switch s.phase {
	case closed:
		return 0
	case keyQuoted:
		return 1
	case keyStart:
		return 1 + k.need(local{phase: keyName})
	}
	return 2 + k.detour(s.n)
}

// detour returns the fewest characters that make a name an undeclared one.
func (k *extraKey) detour(n int32) int {
	if n < 0 || !k.declared.accept[n] {
		return 0
	}
	edges := k.declared.edges[n]
	if len(edges) < '~'-' '-1 {
		return 1 // some character leads out of the declared names
	}
	least := never
	for _, e := range edges {
		least = min(least, 1+k.detour(e.to))
	}
	return least
}

func (k *extraKey) final(s local) bool { return s.phase == closed }

package constrain

import "fmt"

// A Grammar is the form of an answer, for one vocabulary. It is safe for
// concurrent use.
type Grammar struct{ m *machine }

// mask is the tokens that may follow a state.
type mask struct {
	bits []uint64
	// need is the greatest need of the states that the tokens lead to.
	need int
	any  bool
}

// A Matcher follows one answer. It is not safe for concurrent use.
type Matcher struct {
	m     *machine
	at    *state
	ended bool
	bits  []uint64
}

// Start begins an answer.
func (g *Grammar) Start() *Matcher {
	g.m.mu.Lock()
	defer g.m.mu.Unlock()
	return &Matcher{m: g.m, at: g.m.first}
}

// Need is the fewest tokens that are certainly enough to finish, without the
// token that ends the answer.
func (m *Matcher) Need() int { return m.at.need }

// Done reports whether the answer is complete and nothing may be added to it.
func (m *Matcher) Done() bool {
	if m.ended {
		return true
	}
	if !m.at.final {
		return false
	}
	k, _ := m.allowed()
	return !k.any
}

// CanEnd reports whether the answer may end here.
func (m *Matcher) CanEnd() bool { return m.ended || m.at.final }

// allowed returns the mask of the state, and its machine's vocabulary.
func (m *Matcher) allowed() (*mask, *Vocab) {
	m.m.mu.Lock()
	defer m.m.mu.Unlock()
	if m.at.mask == nil {
		m.at.mask = m.m.mask(m.at, func(to *state, _ int) bool { return to.need < never })
	}
	return m.at.mask, m.m.vocab
}

// Mask returns the tokens that may come next, a bit for each. left is how many
// tokens may still come, including the one that ends the answer. Mask leaves out
// tokens after which the rest would not certainly be enough to finish. When left
// is too small already, it allows the shortest way only, and the answer may end
// before it is complete. The result is valid until the next call and must not be
// changed.
func (m *Matcher) Mask(left int) ([]uint64, error) {
	k, v := m.allowed()
	bits := k.bits
	switch {
	case m.at.need > left-1: // too few tokens, unless some have many bytes
		bits = m.filtered(func(to *state, bytes int) bool { return to.need == m.at.need-bytes })
	case k.need > left-2:
		bits = m.filtered(func(to *state, _ int) bool { return to.need <= left-2 })
	}
	if m.at.final {
		m.bits = append(m.bits[:0], bits...)
		bits = m.bits
		for _, id := range v.ends {
			bits[id>>6] |= 1 << (id & 63)
		}
	}
	for _, w := range bits {
		if w != 0 {
			return bits, nil
		}
	}
	return nil, fmt.Errorf("constrain: %w", errUnwritable)
}

func (m *Matcher) filtered(ok func(to *state, bytes int) bool) []uint64 {
	m.m.mu.Lock()
	defer m.m.mu.Unlock()
	return m.m.mask(m.at, ok).bits
}

// mask walks the vocabulary from a state. The machine must be locked.
func (m *machine) mask(from *state, ok func(to *state, bytes int) bool) *mask {
	v := m.vocab
	k := &mask{bits: make([]uint64, (v.size+63)/64)}
	path := make([]*state, v.depth+2)
	path[0] = from
	for i := int32(0); i < int32(len(v.tree)-1); {
		br := &v.tree[i]
		to := m.step(path[br.depth], br.b)
		if to == dead {
			i = br.skip
			continue
		}
		path[br.depth+1] = to
		i++
		if end := v.tree[i].first; br.first < end && ok(to, int(br.depth)+1) {
			k.need, k.any = max(k.need, to.need), true
			for _, id := range v.tokens[br.first:end] {
				k.bits[id>>6] |= 1 << (id & 63)
			}
		}
	}
	if len(m.states) > maxStates {
		m.forget()
	}
	return k
}

// Accept adds a token to the answer. It reports whether the token may come.
func (m *Matcher) Accept(id int) bool {
	v := m.m.vocab
	for _, end := range v.ends {
		if id == end {
			m.ended = m.at.final
			return m.ended
		}
	}
	if id < 0 || id >= v.size || v.pieces[id] == "" || m.ended {
		return false
	}
	m.m.mu.Lock()
	defer m.m.mu.Unlock()
	at := m.at
	for i := range len(v.pieces[id]) {
		at = m.m.step(at, v.pieces[id][i])
	}
	if at == dead {
		return false
	}
	m.at = at
	return true
}

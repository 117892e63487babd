package constrain

import (
	"encoding/binary"
	"slices"
	"sync"
)

// frame is a value that is being read, within the values around it. Equal frames
// are the same frame, so stacks are compared by address.
type frame struct {
	frameKey
	id   int
	need int // the fewest bytes to the end of the whole text
}

type frameKey struct {
	n  node
	s  local
	up *frame
}

// state is the set of all stacks that a text leads to.
type state struct {
	stacks []*frame // by id
	need   int      // the fewest bytes to an end
	final  bool     // the text may end here
	next   [256]*state
	mask   *mask
}

// dead is the state without stacks. No text continues from it.
var dead = &state{need: never}

// maxStates is the largest number of states that a machine keeps. When there are
// more, it forgets them all; those in use stay valid.
const maxStates = 4096

// maxStacks bounds the choices that are followed at once. Of more, those with the
// shortest way to an end are kept. Then not all that the schema accepts can be
// written.
const maxStacks = 256

// machine makes states and keeps them. It is safe for concurrent use.
type machine struct {
	mu     sync.Mutex
	vocab  *Vocab
	first  *state
	root   *value
	frames map[frameKey]*frame
	states map[string]*state
	made   int // frames ever made: ids are not used twice
}

func newMachine(root *value, v *Vocab) *machine {
	m := &machine{vocab: v, root: root}
	m.forget()
	return m
}

func (m *machine) forget() {
	m.frames, m.states = map[frameKey]*frame{}, map[string]*state{}
	w := walker{machine: m}
	under := m.frame(frameKey{n: bottom{}})
	for _, n := range m.root.alts {
		w.out = append(w.out, m.frame(frameKey{n, n.start(), under}))
	}
	m.first = m.state(w.out)
}

func (m *machine) frame(k frameKey) *frame {
	f := m.frames[k]
	if f == nil {
		m.made++
		f = &frame{frameKey: k, id: m.made}
		f.need = k.n.need(k.s)
		if k.up != nil {
			f.need = sum(f.need, k.up.need)
		}
		m.frames[k] = f
	}
	return f
}

// state returns the state of a set of stacks, which it may reorder.
func (m *machine) state(stacks []*frame) *state {
	if len(stacks) == 0 {
		return dead
	}
	byID := func(a, b *frame) int { return a.id - b.id }
	slices.SortFunc(stacks, byID)
	stacks = slices.Compact(stacks)
	if len(stacks) > maxStacks {
		slices.SortStableFunc(stacks, func(a, b *frame) int { return a.need - b.need })
		stacks = stacks[:maxStacks]
		slices.SortFunc(stacks, byID)
	}
	var key []byte
	for _, f := range stacks {
		key = binary.AppendUvarint(key, uint64(f.id))
	}
	s := m.states[string(key)]
	if s == nil {
		s = &state{stacks: slices.Clone(stacks), need: never}
		for _, f := range stacks {
			s.need = min(s.need, f.need)
			s.final = s.final || f.ends()
		}
		m.states[string(key)] = s
	}
	return s
}

// ends reports whether the whole text may end with this stack.
func (f *frame) ends() bool {
	for ; f != nil; f = f.up {
		if !f.n.final(f.s) {
			return false
		}
	}
	return true
}

// step returns the state after one more byte. The machine must be locked.
func (m *machine) step(s *state, b byte) *state {
	if next := s.next[b]; next != nil {
		return next
	}
	if s == dead {
		return dead
	}
	w := walker{machine: m}
	for _, f := range s.stacks {
		w.read(f.n, f.s, f.up, b)
	}
	next := m.state(w.out)
	s.next[b] = next
	return next
}

// walker collects the stacks that a byte leads to.
type walker struct {
	*machine
	out []*frame
}

// read lets the innermost value read the byte, and also the value around it where
// the innermost may end here.
func (w *walker) read(n node, s local, up *frame, b byte) {
	n.step(s, b, &move{w, n, up, b})
	if up != nil && n.final(s) {
		w.read(up.n, up.s, up.up, b)
	}
}

// move takes what a node's step leads to, within a stack.
type move struct {
	w  *walker
	n  node
	up *frame
	b  byte
}

func (m *move) to(s local) {
	f := m.up
	if s.phase != closed {
		f = m.w.frame(frameKey{m.n, s, m.up})
	}
	m.w.out = append(m.w.out, f)
}

func (m *move) push(s local, inner *value) {
	var up *frame
	for _, n := range inner.alts {
		if up == nil {
			up = m.w.frame(frameKey{m.n, s, m.up})
		}
		n.step(n.start(), m.b, &move{m.w, n, up, m.b})
	}
}

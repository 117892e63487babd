// Package regular decides whether two regular expressions match the same texts.
package regular

import (
	"encoding/binary"
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// ErrTooLarge says that the automata of two expressions are too large to compare.
var ErrTooLarge = errors.New("regular: the expressions are too large to compare")

const (
	// maxInsts bounds the instructions of an expression. maxWork bounds the
	// instructions that a comparison visits, which takes well under a second.
	maxInsts = 4000
	maxWork  = 20_000_000
	// maxMemory bounds the bytes of the visited states.
	maxMemory = 32 << 20
)

// Compare reports whether two expressions in RE2 syntax match the same whole texts,
// by Go's rules: anchors, flags and word borders mean what they mean to package
// regexp. Where they differ, witness is one of the shortest texts that only one of
// them matches. The error is ErrTooLarge where the expressions are too large to
// compare; another error says that one is not an expression.
//
// Both run as non-deterministic automata at the same time, over all texts: a
// breadth-first search through the pairs of the subset construction (Rabin and
// Scott 1959). Runes that no instruction tells apart are one symbol.
func Compare(a, b string) (same bool, witness string, err error) {
	c := comparison{known: map[string]bool{}}
	for i, e := range []string{a, b} {
		if c.machines[i], err = compile(e); err != nil {
			return false, "", err
		}
	}
	if err := c.symbolize(); err != nil {
		return false, "", err
	}
	return c.search()
}

// machine is an expression's automaton.
type machine struct {
	insts   []syntax.Inst
	start   uint32
	matches [][]bool // by symbol and instruction; nil for an instruction that reads no rune

	// For a closure: the instructions that were visited in this turn.
	visited []uint32
	turn    uint32
	stack   []uint32
}

func compile(expression string) (*machine, error) {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("regular: %w", err)
	}
	p, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, fmt.Errorf("regular: %w", err)
	}
	if len(p.Inst) > maxInsts {
		return nil, fmt.Errorf("%w: one has %d instructions", ErrTooLarge, len(p.Inst))
	}
	return &machine{insts: p.Inst, start: uint32(p.Start), visited: make([]uint32, len(p.Inst))}, nil
}

// reads reports whether an instruction reads a rune.
func reads(i *syntax.Inst) bool {
	return i.Op == syntax.InstRune || i.Op == syntax.InstRune1 || i.Op == syntax.InstRuneAny || i.Op == syntax.InstRuneAnyNotNL
}

// closure returns the instructions that read a rune or match, and that are
// reached from others without reading a rune, at a place of the text where the
// conditions hold.
func (m *machine) closure(from []uint32, holds syntax.EmptyOp, work *int) (to []uint32) {
	m.turn++
	m.stack = append(m.stack[:0], from...)
	for len(m.stack) > 0 {
		pc := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if m.visited[pc] == m.turn {
			continue
		}
		m.visited[pc] = m.turn
		*work++
		switch i := &m.insts[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			m.stack = append(m.stack, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			m.stack = append(m.stack, i.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^holds == 0 {
				m.stack = append(m.stack, i.Out)
			}
		case syntax.InstFail:
		default:
			to = append(to, pc)
		}
	}
	return to
}

// accepts reports whether the text may end where these instructions are next.
func (m *machine) accepts(from []uint32, holds syntax.EmptyOp, work *int) bool {
	return slices.ContainsFunc(m.closure(from, holds, work), func(pc uint32) bool { return m.insts[pc].Op == syntax.InstMatch })
}

// step returns the instructions after a symbol is read, in order.
func (m *machine) step(from []uint32, symbol int, work *int) (to []uint32) {
	*work += len(from)
	for _, pc := range from {
		if m.matches[symbol][pc] {
			to = append(to, m.insts[pc].Out)
		}
	}
	slices.Sort(to)
	return slices.Compact(to)
}

// comparison is two machines that read the same text.
type comparison struct {
	machines [2]*machine
	symbols  []rune // one rune for each symbol
	known    map[string]bool
	memory   int
	work     int
}

// state is the text read so far, and each machine's instructions after it.
type state struct {
	parent *state
	last   rune // the last rune read; -1 at the start
	next   [2][]uint32
}

// symbolize divides all runes into symbols, such that no instruction and no
// condition tells the runes of one symbol apart.
func (c *comparison) symbolize() error {
	// No text contains surrogates.
	borders := []rune{0, '\n', '\n' + 1, '0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1, 0xD800, 0xE000}
	for _, m := range c.machines {
		for i := range m.insts {
			borders = append(borders, edges(&m.insts[i])...)
		}
	}
	slices.Sort(borders)
	kinds := map[string]int{}
	for _, r := range slices.Compact(borders) {
		if r > unicode.MaxRune || !utf8.ValidRune(r) {
			continue
		}
		kind := []byte{byte(category(r))}
		row := [2][]bool{}
		for i, m := range c.machines {
			row[i] = make([]bool, len(m.insts))
			for pc := range m.insts {
				row[i][pc] = reads(&m.insts[pc]) && m.insts[pc].MatchRune(r)
				kind = append(kind, '0')
				if row[i][pc] {
					kind[len(kind)-1] = '1'
				}
			}
			if c.work += len(m.insts); c.work > maxWork {
				return ErrTooLarge
			}
		}
		if _, known := kinds[string(kind)]; known {
			continue
		}
		if c.memory += 2 * len(kind); c.memory > maxMemory {
			return ErrTooLarge
		}
		kinds[string(kind)] = len(c.symbols)
		c.symbols = append(c.symbols, r)
		for i, m := range c.machines {
			m.matches = append(m.matches, row[i])
		}
	}
	return nil
}

// edges returns the runes at which a range that an instruction reads begins or
// ends.
func edges(i *syntax.Inst) (all []rune) {
	switch {
	case i.Op != syntax.InstRune && i.Op != syntax.InstRune1:
		return nil
	case len(i.Rune) == 1: // alone, it may stand for its other letter cases
		all = append(all, i.Rune[0], i.Rune[0]+1)
		for r := unicode.SimpleFold(i.Rune[0]); r != i.Rune[0]; r = unicode.SimpleFold(r) {
			all = append(all, r, r+1)
		}
		return all
	}
	for n := 0; n+1 < len(i.Rune); n += 2 {
		all = append(all, i.Rune[n], i.Rune[n+1]+1)
	}
	return all
}

// category is the class of a rune in a condition: a line feed, a letter of a word,
// or another rune.
func category(r rune) int {
	switch {
	case r == '\n':
		return 0
	case syntax.IsWordChar(r):
		return 1
	default:
		return 2
	}
}

// search looks for the shortest text that only one machine matches.
func (c *comparison) search() (same bool, witness string, err error) {
	first := &state{last: -1}
	for i, m := range c.machines {
		first.next[i] = []uint32{m.start}
	}
	for queue := []*state{first}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		var accepts [2]bool
		end := syntax.EmptyOpContext(s.last, -1)
		for i, m := range c.machines {
			accepts[i] = m.accepts(s.next[i], end, &c.work)
		}
		if accepts[0] != accepts[1] {
			return false, s.text(), nil
		}
		news, err := c.successors(s)
		if err != nil {
			return false, "", err
		}
		queue = append(queue, news...)
	}
	return true, "", nil
}

// successors returns the states after one more symbol that were not visited
// before.
func (c *comparison) successors(s *state) (news []*state, err error) {
	var reached [3][2][]uint32 // by the category of the symbol
	var done [3]bool
	for symbol, r := range c.symbols {
		k := category(r)
		if !done[k] {
			done[k] = true
			holds := syntax.EmptyOpContext(s.last, r)
			for i, m := range c.machines {
				reached[k][i] = m.closure(s.next[i], holds, &c.work)
			}
		}
		n := &state{parent: s, last: r}
		for i, m := range c.machines {
			n.next[i] = m.step(reached[k][i], symbol, &c.work)
		}
		if len(n.next[0])+len(n.next[1]) == 0 {
			continue // no text that begins so is matched
		}
		key := n.key()
		if c.known[key] {
			continue
		}
		c.known[key] = true
		c.memory += 2*len(key) + 100
		if c.work > maxWork || c.memory > maxMemory {
			return nil, ErrTooLarge
		}
		news = append(news, n)
	}
	return news, nil
}

// key is equal for states from which the same texts are matched.
func (s *state) key() string {
	b := []byte{byte(category(s.last))}
	for _, next := range s.next {
		b = binary.AppendUvarint(b, uint64(len(next)))
		for _, pc := range next {
			b = binary.AppendUvarint(b, uint64(pc))
		}
	}
	return string(b)
}

// text returns the text read so far.
func (s *state) text() string {
	var all []rune
	for ; s.parent != nil; s = s.parent {
		all = append(all, s.last)
	}
	slices.Reverse(all)
	return string(all)
}

package constrain

import (
	"encoding/binary"
	"errors"
	"regexp/syntax"
	"slices"
)

// The bounds of a pattern: the states of its automaton, and the steps to make it.
const (
	maxPatternStates = 4096
	maxPatternSteps  = 20_000_000
)

var errPatternSize = errors.New("the expression's automaton is too large")

// pattern makes the automaton of the JSON strings in printable ASCII that expr
// matches somewhere in, with at least min and, unless it is negative, at most max
// characters: the subset construction over the regular expression's program.
func pattern(expr string, min, max int) (*dfa, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	b := patternBuilder{prog: prog, min: min, max: max, d: newDFA(), ids: map[string]int32{}}
	return b.build()
}

type patternBuilder struct {
	prog     *syntax.Prog
	min, max int
	d        *dfa
	ids      map[string]int32
	queue    []patternState
	steps    int
}

// patternState is a set of instructions that a match may be at. Their empty
// instructions are not followed yet, because that depends on the next character.
type patternState struct {
	id   int32
	pcs  []uint32
	prev rune // -1 at the beginning
	n    int  // characters so far, as far as they matter
	// matched says that a match has ended, whatever follows.
	matched bool
}

func (b *patternBuilder) build() (*dfa, error) {
	quoted := b.d.state(false)
	b.d.edges[0] = []edge{{'"', quoted}}
	end := b.d.state(true)
	b.queue = []patternState{{id: quoted, prev: -1}}
	for len(b.queue) > 0 {
		s := b.queue[0]
		b.queue = b.queue[1:]
		if _, match := b.follow(s, -1); match && s.n >= b.min {
			b.d.edges[s.id] = append(b.d.edges[s.id], edge{'"', end})
		}
		if b.max >= 0 && s.n >= b.max {
			continue
		}
		escape := int32(-1)
		// All that matters of the next character is whether it is a word
		// character.
		word, other := b.reach(s, 'a'), b.reach(s, ' ')
		for c := byte(' '); c < 0x7f; c++ {
			r := other
			if syntax.IsWordChar(rune(c)) {
				r = word
			}
			to, ok := b.char(s, rune(c), r)
			if !ok {
				return nil, errPatternSize
			}
			switch {
			case c == '"' || c == '\\':
				if escape < 0 {
					escape = b.d.state(false)
					b.d.edges[s.id] = append(b.d.edges[s.id], edge{'\\', escape})
				}
				b.d.edges[escape] = append(b.d.edges[escape], edge{c, to})
			default:
				b.d.edges[s.id] = append(b.d.edges[s.id], edge{c, to})
			}
		}
		slices.SortFunc(b.d.edges[s.id], func(x, y edge) int { return int(x.b) - int(y.b) })
	}
	return b.d, nil
}

// reach is what a state reaches without reading a character.
type reach struct {
	pcs   []uint32
	match bool
}

func (b *patternBuilder) reach(s patternState, next rune) (r reach) {
	r.pcs, r.match = b.follow(s, next)
	return r
}

// char returns the state after one more character.
func (b *patternBuilder) char(s patternState, c rune, r reach) (int32, bool) {
	next := patternState{prev: c, n: s.n + 1, matched: r.match}
	if b.max < 0 {
		next.n = min(next.n, b.min)
	}
	if b.steps += len(r.pcs) + 1; b.steps > maxPatternSteps {
		return 0, false
	}
	for _, pc := range r.pcs {
		if inst := &b.prog.Inst[pc]; !r.match && inst.MatchRune(c) {
			next.pcs = append(next.pcs, inst.Out)
		}
	}
	slices.Sort(next.pcs)
	next.pcs = slices.Compact(next.pcs)
	class := byte(0) // all that a later step can see of the character
	switch {
	case next.matched:
		class = 2
	case syntax.IsWordChar(c):
		class = 1
	}
	key := []byte{class}
	key = binary.AppendUvarint(key, uint64(next.n))
	for _, pc := range next.pcs {
		key = binary.AppendUvarint(key, uint64(pc))
	}
	id, known := b.ids[string(key)]
	if !known {
		if len(b.d.edges) >= maxPatternStates {
			return 0, false
		}
		id = b.d.state(false)
		b.ids[string(key)] = id
		next.id = id
		b.queue = append(b.queue, next)
	}
	return id, true
}

// follow returns the instructions that read a character, reached from a state by
// those that read none when next comes (-1 at the end), and whether a match ends
// here. A match may begin anywhere.
func (b *patternBuilder) follow(s patternState, next rune) (pcs []uint32, match bool) {
	if s.matched {
		return nil, true
	}
	context := syntax.EmptyOpContext(s.prev, next)
	seen := make([]bool, len(b.prog.Inst))
	var walk func(pc uint32)
	walk = func(pc uint32) {
		if seen[pc] {
			return
		}
		seen[pc] = true
		switch inst := &b.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			walk(inst.Out)
			walk(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			walk(inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^context == 0 {
				walk(inst.Out)
			}
		case syntax.InstMatch:
			match = true
		case syntax.InstFail:
		default:
			pcs = append(pcs, pc)
		}
	}
	for _, pc := range s.pcs {
		walk(pc)
	}
	walk(uint32(b.prog.Start))
	return pcs, match
}

// errUnwritable is the error of a schema that no text in this vocabulary matches.
var errUnwritable = errors.New("no text of the model's vocabulary matches it")

package constrain

import "fmt"

// never is more bytes than any text has. It means that there is no way to the
// end. Sums of some of them do not overflow.
const never = 1 << 28

// sum adds numbers of bytes.
func sum(ns ...int) int {
	total := 0
	for _, n := range ns {
		total = min(never, total+n)
	}
	return total
}

// repeat is n times each.
func repeat(n, each int) int {
	if n > 0 && each >= never/n {
		return never
	}
	return n * each
}

// local is a node's place in the value that it reads. Each node gives the fields
// its own meaning, except for the phase closed.
type local struct {
	phase uint8
	n     int32
	v     int64
}

// closed says that the value is complete. No further byte belongs to it.
const closed uint8 = 255

// A node reads the text of one kind of value, byte by byte.
type node interface {
	// start returns the place before the first byte.
	start() local
	// step calls to for each place that byte b leads to.
	step(s local, b byte, to moves)
	// need is the fewest bytes from s to the end of the value.
	need(s local) int
	// final reports whether the value may end at s.
	final(s local) bool
}

// moves takes what a step leads to.
type moves interface {
	// to another place in the same value.
	to(s local)
	// push says that the byte is the first of a value inside, after which the
	// outer one is at s.
	push(s local, inner *value)
}

// A value is what a schema describes: one of several kinds of text.
type value struct {
	nodes []node
	// of are schemas whose texts are texts of this one, too (anyOf, oneOf, $ref).
	of []*value
	// alts are the alternatives of nodes and of, without repetition; known after
	// settle.
	alts []node
	// need is the fewest bytes of a text.
	need int

	// The JSON values that it stands for, which oneOf uses: the kinds that are
	// written, the kinds that the schema accepts, and the literals when it has
	// only literals.
	writes, accepts kinds
	literals        map[string]bool
}

// flatten fills alts. A schema that is an alternative of itself adds nothing.
func (v *value) flatten() {
	seen := map[*value]bool{}
	var add func(x *value)
	add = func(x *value) {
		if seen[x] {
			return
		}
		seen[x] = true
		v.alts = append(v.alts, x.nodes...)
		for _, y := range x.of {
			add(y)
		}
	}
	add(v)
}

// settle finds the alternatives of all values and the fewest bytes of each: the
// least fixed point, from above (Knuth, A generalization of Dijkstra's algorithm,
// 1977, by rounds rather than with a queue).
func settle(all []*value) error {
	alternatives := 0
	for _, v := range all {
		v.need = never
		v.flatten()
		if alternatives += len(v.alts); alternatives > maxAlternatives {
			return fmt.Errorf("more than %d alternatives", maxAlternatives)
		}
	}
	for changed := true; changed; {
		changed = false
		for i := len(all) - 1; i >= 0; i-- { // inner values come after outer ones
			v := all[i]
			for _, n := range v.alts {
				if o, ok := n.(*object); ok {
					o.settle()
				}
				if need := n.need(n.start()); need < v.need {
					v.need, changed = need, true
				}
			}
		}
	}
	return nil
}

// bottom is below every stack: the whole text has been read.
type bottom struct{}

func (bottom) start() local            { return local{} }
func (bottom) step(local, byte, moves) {}
func (bottom) need(local) int          { return 0 }
func (bottom) final(local) bool        { return true }

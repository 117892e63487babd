package constrain

import "fmt"

// never is a number of bytes that no text has: there is no way to the end. It
// leaves room for sums.
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

// local is where a node stands in the value that it reads. What the fields mean
// is the node's own, but for phase closed.
type local struct {
	phase uint8
	n     int32
	v     int64
}

// closed says that the value has been read: no byte more belongs to it.
const closed uint8 = 255

// A node reads the text of one kind of value, byte by byte.
type node interface {
	// start is where it stands before the first byte.
	start() local
	// step tells of each place that byte b leads to.
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
	// of are schemas whose kinds are this one's too (anyOf, oneOf, $ref).
	of []*value
	// any of nodes and of, without repetition; known after settle.
	alts []node
	// need is the fewest bytes of a text.
	need int

	// What is known of the JSON values it stands for, for oneOf: the kinds that
	// are written, those that the schema accepts, and the literals when it has
	// only these.
	writes, accepts kinds
	literals        map[string]bool
}

// flatten fills alts. A schema that is itself an alternative of itself adds
// nothing.
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

package constrain

import "fmt"

// distinct checks that no text for one of several schemas matches another one, as
// oneOf demands. It accepts only what it can prove.
func distinct(vs []*value, place string) error {
	for i, a := range vs {
		for j, b := range vs {
			if i != j && !excludes(a, b, 0) {
				return fmt.Errorf("at %s: a value of schema %d may match schema %d too; "+
					"tell them apart by type or by a required property with different constants, or use anyOf", place, i, j)
			}
		}
	}
	return nil
}

// allWrites and allAccepts include the alternatives'.
func (v *value) allWrites() kinds  { return v.union(func(v *value) kinds { return v.writes }) }
func (v *value) allAccepts() kinds { return v.union(func(v *value) kinds { return v.accepts }) }

func (v *value) union(of func(*value) kinds) kinds {
	seen := map[*value]bool{}
	var add func(v *value) kinds
	add = func(v *value) kinds {
		if seen[v] {
			return 0
		}
		seen[v] = true
		k := of(v)
		for _, w := range v.of {
			k |= add(w)
		}
		return k
	}
	return add(v)
}

// excludes reports whether it is certain that nothing written for a matches b.
func excludes(a, b *value, depth int) bool {
	const deep = 8 // recursive schemas
	switch {
	case a.allWrites()&b.allAccepts() == 0:
		return true
	case depth > deep:
		return false
	case len(a.of) > 0:
		for _, x := range a.of {
			if !excludes(x, b, depth+1) {
				return false
			}
		}
		return true
	case len(b.of) > 0:
		for _, x := range b.of {
			if !excludes(a, x, depth+1) {
				return false
			}
		}
		return true
	case a.literals != nil && b.literals != nil:
		for x := range a.literals {
			if b.literals[x] {
				return false
			}
		}
		return true
	}
	x, y := a.object(), b.object()
	return x != nil && y != nil && a.writes&b.accepts == kindObject && x.excludes(y, depth)
}

// object is the object among the value's own nodes.
func (v *value) object() *object {
	for _, n := range v.nodes {
		if o, ok := n.(*object); ok {
			return o
		}
	}
	return nil
}

func (o *object) property(name string) *property {
	for i := range o.props {
		if o.props[i].name == name {
			return &o.props[i]
		}
	}
	return nil
}

func (o *object) excludes(other *object, depth int) bool {
	for i := range o.props { // what is always there and does not match
		p := &o.props[i]
		if !p.required {
			continue
		}
		q := other.property(p.name)
		if q == nil && !other.open || q != nil && excludes(p.val, q.val, depth+1) {
			return true
		}
	}
	for i := range other.props { // what is demanded and never there
		q := &other.props[i]
		if q.required && o.extra == nil && o.property(q.name) == nil {
			return true
		}
	}
	return false
}

package kgraph

import (
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// rules are the relations, numbered. Those that are not declared get their numbers when
// they come.
type rules struct {
	all    []Relation
	at     map[hobby.Relation]int32
	ends   []bool // by relation: one of its facts may end another fact, or be ended
	groups []bool // by relation: it ends another one, or is ended by one
}

func newRules(declared []Relation) (*rules, error) {
	r := &rules{at: map[hobby.Relation]int32{}}
	for _, d := range declared {
		if d.Name == "" {
			return nil, fmt.Errorf("kgraph: %w: a relation has no name", hobby.ErrInvalid)
		}
		if _, ok := r.at[d.Name]; ok {
			return nil, fmt.Errorf("kgraph: %w: the relation %q is declared twice", hobby.ErrInvalid, d.Name)
		}
		d.Ends = slices.Clone(d.Ends)
		r.put(d)
	}
	for _, d := range declared {
		for _, other := range d.Ends {
			n, ok := r.at[other]
			if !ok {
				return nil, fmt.Errorf("kgraph: %w: the relation %q ends %q, which is not declared", hobby.ErrInvalid, d.Name, other)
			}
			r.groups[n], r.groups[r.at[d.Name]] = true, true
		}
	}
	for n := range r.all {
		r.ends[n] = r.groups[n] || r.all[n].Functional
	}
	return r, nil
}

func (r *rules) put(d Relation) int32 {
	for _, sort := range []*Sort{&d.Subject, &d.Object} {
		if *sort == "" {
			*sort = Term
		}
	}
	n := int32(len(r.all))
	r.at[d.Name] = n
	r.all, r.ends, r.groups = append(r.all, d), append(r.ends, false), append(r.groups, false)
	return n
}

// number is a relation's number.
func (r *rules) number(name hobby.Relation) int32 {
	if n, ok := r.at[name]; ok {
		return n
	}
	return r.put(Relation{Name: name})
}

// stops reports whether a later fact of relation g ends one of f between the same two.
func (r *rules) stops(g, f int32) bool { return slices.Contains(r.all[g].Ends, r.all[f].Name) }

// chains are those that a fact belongs to.
func (r *rules) chains(from, to, relation int32) []chain {
	if !r.ends[relation] {
		return nil
	}
	var all []chain
	if r.all[relation].Functional {
		all = append(all, chain{from, none, relation})
	}
	if r.groups[relation] {
		all = append(all, chain{from, to, none})
	}
	return all
}

// sorts are those of the relations.
func (r *rules) sorts() (all []Sort) {
	for i := range r.all {
		for _, s := range []Sort{r.all[i].Subject, r.all[i].Object} {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

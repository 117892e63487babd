package kgraph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// rules are the relations, numbered. Those that are not declared get their numbers when
// they come.
type rules struct {
	all    []Relation
	at     map[hobby.Relation]int32
	enders [][]int32 // by relation: those that end it

	declared int // the first so many
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
		if s := d.Subject + d.Object; strings.Contains(string(s), ":") {
			return nil, fmt.Errorf("kgraph: %w: a sort of the relation %q has a colon, which ends the sort in an id", hobby.ErrInvalid, d.Name)
		}
		d.Ends = slices.Clone(d.Ends)
		r.put(d)
	}
	r.declared = len(r.all)
	for _, d := range declared {
		for _, other := range d.Ends {
			n, ok := r.at[other]
			if !ok {
				return nil, fmt.Errorf("kgraph: %w: the relation %q ends %q, which is not declared", hobby.ErrInvalid, d.Name, other)
			}
			r.enders[n] = append(r.enders[n], r.at[d.Name])
		}
	}
	return r, nil
}

// fresh are the rules without the relations that are not declared.
func (r *rules) fresh() *rules {
	f := &rules{at: map[hobby.Relation]int32{}, declared: r.declared}
	for n := range r.declared {
		f.put(r.all[n])
	}
	copy(f.enders, r.enders)
	return f
}

func (r *rules) put(d Relation) int32 {
	for _, sort := range []*Sort{&d.Subject, &d.Object} {
		if *sort == "" {
			*sort = Term
		}
	}
	n := int32(len(r.all))
	r.at[d.Name] = n
	r.all, r.enders = append(r.all, d), append(r.enders, nil)
	return n
}

// number is a relation's number.
func (r *rules) number(name hobby.Relation) int32 {
	if n, ok := r.at[name]; ok {
		return n
	}
	return r.put(Relation{Name: name})
}

// chains are those of the facts that a fact may end.
func (r *rules) chains(from, to, relation int32) (all []chain) {
	if r.all[relation].Functional {
		all = append(all, chain{from, none, relation})
	}
	if len(r.all[relation].Ends) > 0 {
		all = append(all, chain{from, to, relation})
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

package gocode

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// A clone that is worth reading of has so many lines or more, and at most so many other names and
// values: with more of them, two parts of a program only have the same form.
const (
	leastLines    = 20
	mostDifferent = 1
)

// worth reports whether people should read that two places have the same code. A table of values
// has to be the same, each test is written to be read alone, what is of one system is alike that of
// another, and where the folders differ, one often keeps what the other was made from.
func (p *twin) worth() bool {
	c := p.clone
	test := func(s side) bool { return strings.HasPrefix(s.name[strings.LastIndexByte(s.name, '.')+1:], "Test") }
	a, b := p.a.facts, p.b.facts
	return c.tokens-c.same <= mostDifferent && c.aEnd-c.aLine >= leastLines-1 && c.does >= leastDone && !test(p.a) && !test(p.b) &&
		!a.bound && !b.bound && a.dir() == b.dir() && (!a.command || !b.command)
}

// side is one of the two places of a clone.
type side struct {
	facts     *facts
	line, end int    // of the function, or else of the clone
	name      string // of the function that most of it is in
	full      string // the same as the graph has it, where all of it is in one
}

// key is what clones of one place have in common.
func (s side) key() string {
	return fmt.Sprintf("%s:%d", s.facts.path, s.line)
}

// twin is two places with the same code.
type twin struct {
	a, b  side
	clone *clone
}

// twins tells which functions have the same code. Those that are alike, two by two, are told
// of together, the longest first. That any two have code of the same form is a fact for the graph.
func twins(root string, found []clone, read load) (alike, facts []finding) {
	var pairs []twin
	in := namer(root, read)
	for i := range found {
		c := &found[i]
		p := twin{in(c.a, c.aLine, c.aEnd), in(c.b, c.bLine, c.bEnd), c}
		if p.a.key() != p.b.key() {
			pairs = append(pairs, p)
		}
	}
	return clusters(pairs), duplicates(pairs)
}

// duplicates are the facts about pairs of functions.
func duplicates(pairs []twin) (all []finding) {
	var claims []hobby.Claim
	var first []twin
	for _, p := range pairs {
		if p.a.full == "" || p.b.full == "" || p.a.full == p.b.full {
			continue
		}
		if len(claims)%hobby.MaxClaims == 0 {
			first = append(first, p)
		}
		claims = append(claims, hobby.Claim{
			Subject: p.a.full, Relation: hobby.Duplicates, Object: p.b.full, Confidence: max(0.05, p.clone.similarity()),
		})
	}
	n := 0
	for part := range slices.Chunk(claims, hobby.MaxClaims) {
		p := first[n]
		n++
		text := fmt.Sprintf("%s and %s have code of the same form", part[0].Subject, part[0].Object)
		if more := len(part) - 1; more > 0 {
			text += fmt.Sprintf(", as have %s of functions", counted(more, "more pair"))
		}
		all = append(all, finding{
			Key: fmt.Sprintf("duplicates %x", study.Hash(fmt.Sprint(part))), Topic: p.a.facts.dir(), Weight: 0.25,
			Confidence: 1, Claims: part, Text: text,
			Evidence: []hobby.Evidence{at(p.a.facts.path, p.clone.aLine, p.clone.aEnd), at(p.b.facts.path, p.clone.bLine, p.clone.bEnd)},
		})
	}
	return all
}

// clusters tell which places have the same code, those together that are alike two by two.
func clusters(pairs []twin) (all []finding) {
	parent := map[string]string{}
	var find func(string) string
	find = func(k string) string {
		p, ok := parent[k]
		if !ok || p == k {
			return k
		}
		parent[k] = find(p)
		return parent[k]
	}
	for _, p := range pairs {
		if a, b := find(p.a.key()), find(p.b.key()); p.worth() && a != b {
			parent[a] = b
		}
	}
	type cluster struct {
		sides   []side
		largest *clone
	}
	of := map[string]*cluster{}
	var order []*cluster
	for _, p := range pairs {
		if !p.worth() {
			continue
		}
		root := find(p.a.key())
		c := of[root]
		if c == nil {
			c = &cluster{largest: p.clone}
			of[root] = c
			order = append(order, c)
		}
		for _, s := range []side{p.a, p.b} {
			if !slices.ContainsFunc(c.sides, func(o side) bool { return o.key() == s.key() }) {
				c.sides = append(c.sides, s)
			}
		}
	}
	for _, c := range order {
		slices.SortFunc(c.sides, func(a, b side) int {
			return cmp.Or(cmp.Compare(a.facts.path, b.facts.path), cmp.Compare(a.line, b.line))
		})
		var told []placed
		for _, s := range c.sides {
			told = append(told, placed{s.facts, s.line, s.end, s.name})
		}
		l := c.largest
		but := "to the letter"
		if n := l.tokens - l.same; n > 0 {
			but = fmt.Sprintf("but for %s", counted(n, "name or value"))
			if n > 1 {
				but = fmt.Sprintf("but for %d names and values", n)
			}
		}
		what := fmt.Sprintf("%s have the same code in common, up to %s of it, %s",
			counted(len(told), "place"), counted(l.aEnd-l.aLine+1, "line"), but)
		all = append(all, tell("twins", what, 0, 1, told, mostSmall))
	}
	return all
}

// namer finds the function that lines are in or mostly in, parsing each file once.
func namer(root string, read load) func(f *facts, line, end int) side {
	type source struct {
		file      *file
		functions []function
	}
	parsed := map[*facts]source{}
	return func(f *facts, line, end int) side {
		p, ok := parsed[f]
		if !ok {
			if text := read(f); text != nil {
				p.file = parse(f.path, text)
				p.functions = functions(p.file)
			}
			if len(parsed) >= 64 {
				clear(parsed)
			}
			parsed[f] = p
		}
		s := side{facts: f, line: line, end: end}
		if p.file == nil {
			return s
		}
		s.full = functionAt(root, f.dir(), p.functions, line, end)
		most := 0
		for _, fn := range p.functions {
			if n := min(end, fn.end) - max(line, fn.line) + 1; n > most {
				most, s.name, s.line, s.end = n, fn.name, fn.line, fn.end
			}
		}
		return s
	}
}

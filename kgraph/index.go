package kgraph

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// index is a graph's facts in memory. Adding a change costs the same in a small graph
// and in a large one; forgetting makes the index anew. Everything is in rows that refer
// to each other by position, so that millions fit.
//
// Nodes are numbered by their first fact, and so alike in every process.
type index struct {
	rev   int64
	rules *rules

	texts table[string]      // sorts, kinds, activities, sources and files
	names table[name]        // ways to write the names of nodes
	forms []form             // what belongs to each name
	keys  map[name]int32     // nodes by their key, where no name of the node is the key; see keyed
	alike map[string][]int32 // nodes by their names, and the ends of these, in lower case
	nodes []node

	origins  []origin
	ids      map[string]int32   // of origins
	sources  map[string][]int32 // origins by the hash of their source
	gone     int                // origins that are forgotten
	facts    []fact
	spans    map[int32]Span       // of the facts of which it is known; see Statement.Sentence
	chains   map[chain][]int32    // facts that may end others, by when they began
	decided  map[int32][]decision // by origin
	verdicts []int32              // origins, in the order in which they were decided on
	tainted  int                  // facts of tainted origins
	since    int64                // when the first fact was recorded or began to hold; forever before
}

const (
	none    = -1
	forever = math.MaxInt64
)

// name is a name with its sort, a position in texts.
type name struct {
	sort int32
	text string
}

// form is what belongs to a name.
type form struct {
	node int32
	next int32 // the node's name before
	uses int32 // facts that use it
}

// node is a concept.
type node struct {
	form    int32 // the newest; the others follow by form.next
	out, in int32 // the newest facts from here and to here
	rev     int64 // of the first fact
}

type origin struct {
	id                           string
	activity, kind, source, file int32 // positions in texts
	line                         int32
	first, facts                 int32 // its facts lie side by side
	rev, recorded                int64
	tainted, accepted, gone      bool
	version                      int32 // of the decision that accepted says
}

// fact is a statement. The facts of a node are chained: each has the position of the one
// before.
type fact struct {
	subject, object  int32 // names
	relation         int32 // a position in rules.all
	origin           int32
	out, in          int32 // the subject's and the object's fact before
	confidence       float64
	from, to         int64 // Unix nanoseconds; to is forever where it is open
	extracted, dated bool  // dated: From was given
}

type decision struct {
	rev      int64
	version  int32
	accepted bool
}

// chain names facts that may end others: those of a subject by a functional relation,
// where object is none, or those between two nodes by a relation that ends others.
type chain struct{ subject, object, relation int32 }

// table numbers values from 0 in the order in which they come.
type table[T comparable] struct {
	all []T
	at  map[T]int32
}

func newTable[T comparable](first ...T) table[T] {
	t := table[T]{at: map[T]int32{}}
	for _, v := range first {
		t.put(v)
	}
	return t
}

// put returns the number of v, and whether v is new.
func (t *table[T]) put(v T) (n int32, fresh bool) {
	if n, ok := t.at[v]; ok {
		return n, false
	}
	n = int32(len(t.all))
	t.all = append(t.all, v)
	t.at[v] = n
	return n, true
}

func newIndex(r *rules) *index {
	return &index{
		rules: r, texts: newTable(""), names: newTable[name](), keys: map[name]int32{}, alike: map[string][]int32{},
		ids: map[string]int32{}, sources: map[string][]int32{}, spans: map[int32]Span{}, chains: map[chain][]int32{},
		decided: map[int32][]decision{},
		since:   forever,
	}
}

// apply adds a change. What is forgotten is gone at once; [index.again] gives back its
// room.
func (x *index) apply(c *Change) {
	switch c.Op {
	case Stated:
		if _, ok := x.ids[c.ID]; !ok {
			x.state(c)
		}
	case Decided:
		if at, ok := x.ids[c.ID]; ok {
			x.decided[at] = append(x.decided[at], decision{c.Rev, int32(c.Version), c.Accepted})
			x.verdicts = append(x.verdicts, at)
		}
	case Forgotten:
		for _, at := range x.sources[c.Hash] {
			x.origins[at].gone = true
			delete(x.ids, x.origins[at].id)
			x.gone++
		}
		delete(x.sources, c.Hash)
	}
	x.rev = max(x.rev, c.Rev)
}

// again makes an index of what is not forgotten, as if it had never been there.
func (x *index) again() *index {
	y := newIndex(x.rules.fresh())
	for at := range x.origins {
		if x.origins[at].gone {
			continue
		}
		c := x.change(int32(at))
		y.apply(&c)
		if d := x.decided[int32(at)]; d != nil {
			y.decided[y.ids[c.ID]] = d
		}
	}
	y.rev = x.rev
	return y
}

// change is the change that stated an origin.
func (x *index) change(at int32) Change {
	o := &x.origins[at]
	c := Change{Rev: o.rev, Op: Stated, Origin: x.origin(at), Version: int(o.version), Statements: make([]Statement, o.facts)}
	c.Accepted = o.accepted
	for i := range c.Statements {
		c.Statements[i] = x.statement(o.first + int32(i))
	}
	return c
}

func (x *index) state(c *Change) {
	text := func(s string) int32 { n, _ := x.texts.put(s); return n }
	at := x.put(origin{
		id: c.ID, activity: text(c.Activity), kind: text(string(c.Kind)), source: text(c.Source), file: text(c.File), line: int32(c.Line),
		first: int32(len(x.facts)), facts: int32(len(c.Statements)), rev: c.Rev, recorded: c.Recorded.UnixNano(),
		tainted: c.Taint != hobby.Trusted, accepted: c.Accepted, version: int32(c.Version),
	})
	for i := range c.Statements {
		x.add(&c.Statements[i], at)
	}
}

// put adds an origin without its facts.
func (x *index) put(o origin) (at int32) {
	at = int32(len(x.origins))
	x.ids[o.id] = at
	x.origins = append(x.origins, o)
	if source := x.texts.all[o.source]; source != "" {
		hash := hobby.SourceHash(source)
		x.sources[hash] = append(x.sources[hash], at)
	}
	return at
}

func (x *index) add(s *Statement, at int32) {
	o := &x.origins[at]
	r := x.rules.number(s.Relation)
	d := &x.rules.all[r]
	f := fact{
		subject: x.form(d.Subject, s.Subject, o.rev), object: x.form(d.Object, s.Object, o.rev), relation: r, origin: at,
		confidence: s.Confidence, from: o.recorded, to: forever, extracted: s.Extracted, dated: !s.From.IsZero(),
	}
	if f.dated {
		f.from = s.From.UnixNano()
	}
	if !s.To.IsZero() {
		f.to = s.To.UnixNano()
	}
	x.link(f, s.Sentence)
}

// link adds a fact whose names and origin are there.
func (x *index) link(f fact, s Span) {
	if x.origins[f.origin].tainted {
		x.tainted++
	}
	x.since = min(x.since, f.from, x.origins[f.origin].recorded)
	n := int32(len(x.facts))
	from, to := x.ends(&f)
	f.out, f.in = x.nodes[from].out, x.nodes[to].in
	x.nodes[from].out, x.nodes[to].in = n, n
	x.facts = append(x.facts, f)
	if s != (Span{}) {
		x.spans[n] = s
	}
	for _, c := range x.rules.chains(from, to, f.relation) {
		all := x.chains[c]
		x.chains[c] = slices.Insert(all, x.later(all, f.from), n)
	}
}

// later is the position in a chain of the first fact that began after a time.
func (x *index) later(all []int32, than int64) int {
	i, _ := slices.BinarySearchFunc(all, than, func(n int32, than int64) int { return cmp.Or(cmp.Compare(x.facts[n].from, than), -1) })
	return i
}

// ends are the nodes of a fact.
func (x *index) ends(f *fact) (from, to int32) {
	return x.forms[f.subject].node, x.forms[f.object].node
}

// form returns the number of a name, and makes the node that it names if it is the first.
func (x *index) form(s Sort, text string, rev int64) int32 {
	sort, _ := x.texts.put(string(s))
	n, fresh := x.names.put(name{sort, text})
	if fresh {
		key := name{sort, s.key(text)}
		node, ok := x.keys[key]
		if !ok && key.text != text {
			node, ok = x.keyed(s, key)
		}
		if !ok {
			node = int32(len(x.nodes))
			x.nodes = append(x.nodes, newNode(rev))
			if key.text != text {
				x.keys[key] = node
			}
		}
		x.forms = append(x.forms, form{node: node, next: x.nodes[node].form})
		x.nodes[node].form = n
		if lower := strings.ToLower(text); lower != key.text || s.exact() { // the others are found by their keys
			x.call(lower, node)
		}
		if end := s.end(text); end != text {
			x.call(strings.ToLower(end), node)
		}
	}
	x.forms[n].uses++
	return n
}

func newNode(rev int64) node { return node{form: none, out: none, in: none, rev: rev} }

// keyed finds the node of a key of a sort: what its names have in common; see Sort.key. A
// name that is its key is found by the names, and needs no second entry.
func (x *index) keyed(s Sort, key name) (node int32, ok bool) {
	if node, ok = x.keys[key]; ok {
		return node, true
	}
	n, ok := x.names.at[key]
	if !ok || s.key(key.text) != key.text {
		return 0, false
	}
	return x.forms[n].node, true
}

// call has a node found by a text.
func (x *index) call(text string, node int32) {
	if all := x.alike[text]; !slices.Contains(all[max(0, len(all)-8):], node) {
		x.alike[text] = append(all, node)
	}
}

func moment(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

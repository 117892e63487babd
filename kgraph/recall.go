package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/rank"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// RecallOptions say what is recalled. Nil and the zero value are legal.
type RecallOptions struct {
	At
	// Untrusted lets in texts from outside that nobody accepted. Such a text may have
	// been written for a model to obey; it is marked.
	Untrusted bool
	// Limit is the most items; 50 when it is 0.
	Limit int
	// Tokens counts the tokens of a text. Nil estimates one for every four bytes.
	Tokens func(text string) int
}

// Recalled is something that the agent knows.
type Recalled struct {
	// Text is that of an insight, or of a fact: "subject relation object".
	Text string
	// Fact says that it is a fact that no stored insight tells.
	Fact bool
	// ID is the insight's, or the fact's origin's.
	ID string
	// Source is where the text came from; "" when it was computed here.
	Source string
	At     time.Time
	Taint  hobby.Taint
	// Accepted says that a tainted text may be used nevertheless.
	Accepted bool
	Tokens   int
	// Score is the sum of the parts' shares.
	Score float64
	Parts []RecallPart
}

// RecallPart is the place of an item in one ranking: "exact" is how well its words answer
// the question, "words" is how well they do whatever their endings, "pairs" is how well two
// words side by side do (all BM25), and "near" is how near its concepts are to those that
// the question names (personalised PageRank).
type RecallPart struct {
	Name string
	// Rank counts from 1, Value is the ranking's own, and Share what it adds to Score.
	Rank         int
	Value, Share float64
}

// The weights of the rankings, whose scores are added, and how many of each take part.
// "exact" is plain BM25. That a word has the question's form tells something, and so does
// that it has another one. That two words stand side by side tells more than that both are
// there (Metzler and Croft 2005).
const (
	weighExact, weighWords, weighPairs, weighNear = 1, 1, .2, .3

	recallPool = 1000
)

// Recall finds what the agent should read before it answers a question: insights, and
// facts that no stored insight tells, best first and without repetitions, of at most
// budget tokens in all. What no longer holds is left out. budget must be positive. How much
// more it finds than plain BM25 is in docs/measured.md.
//
// The first call reads all insights of the store; later ones read what is new. Of insights
// that were moved out of it since, the texts come from [Options.Past], and of those that
// were moved before, the facts are found.
func (g *Graph) Recall(ctx context.Context, question string, budget int, o *RecallOptions) ([]Recalled, error) {
	var opts RecallOptions
	if o != nil {
		opts = *o
	}
	if budget <= 0 || opts.Limit < 0 {
		return nil, fmt.Errorf("kgraph: %w: Recall has the budget %d and the limit %d", hobby.ErrInvalid, budget, opts.Limit)
	}
	sized := opts.Tokens == nil // what find says of the tokens is what the text will have
	if sized {
		opts.Tokens = func(text string) int { return estimated(len(text)) }
	}
	found, err := g.memory.find(ctx, g, question, &opts)
	if err != nil {
		return nil, fmt.Errorf("kgraph: recalling: %w", err)
	}
	var all []Recalled
	var told []saying
	limit := cmp.Or(opts.Limit, 50)
	for len(all) < limit {
		if sized {
			found = slices.DeleteFunc(found, func(r Recalled) bool { return r.Tokens > budget })
		}
		if len(found) == 0 {
			break
		}
		batch := found[:min(len(found), max(limit, 50))] // enough that ratings can change who comes first
		found = found[len(batch):]
		read, err := g.texts(ctx, batch)
		if err == nil {
			err = g.rate(ctx, batch, read)
		}
		if err != nil {
			return nil, fmt.Errorf("kgraph: recalling: %w", err)
		}
		for i := range batch {
			r := &batch[i]
			suspect := r.Taint != hobby.Trusted && !r.Accepted
			if r.Text == "" || suspect && !opts.Untrusted {
				continue
			}
			if r.Tokens = opts.Tokens(r.Text); r.Tokens > budget || len(all) == limit {
				continue // a shorter one may fit
			}
			said := saying{wordSet(r.Text), negations(r.Text), suspect}
			if slices.ContainsFunc(told, said.repeats) {
				continue
			}
			budget -= r.Tokens
			told, all = append(told, said), append(all, *r)
		}
	}
	return all, nil
}

// estimated are the tokens of so many bytes of text.
func estimated(bytes int) int { return (bytes + 3) / 4 }

func wordSet(text string) map[string]bool {
	m := map[string]bool{}
	for _, w := range rank.Words(text) {
		m[w] = true
	}
	return m
}

// saying is what a text says, to tell one that says it again.
type saying struct {
	words     map[string]bool
	negations int
	suspect   bool // tainted, and nobody accepted it
}

// repeats reports whether another saying says the same: nine of ten of the words of both
// are in both, and it denies as often. A suspect one takes no place from a trusted one.
func (a saying) repeats(b saying) bool {
	if a.negations != b.negations || b.suspect && !a.suspect {
		return false
	}
	both := 0
	for w := range a.words {
		if b.words[w] {
			both++
		}
	}
	all := len(a.words) + len(b.words) - both
	return all > 0 && both*10 >= all*9
}

// negations counts the words that deny. [rank.Words] leaves them out as common ones.
func negations(text string) (n int) {
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		switch w {
		case "not", "no", "nor", "never", "none", "neither", "cannot", "without":
			n++
		default:
			if strings.HasSuffix(w, "n't") || strings.HasSuffix(w, "n’t") {
				n++
			}
		}
	}
	return n
}

// texts reads the insights of items anew, so that what was forgotten is not told, and
// decisions count that were made meanwhile. It returns them by their ids.
func (g *Graph) texts(ctx context.Context, items []Recalled) (map[string]hobby.Insight, error) {
	var ids []string
	for i := range items {
		if !items[i].Fact {
			ids = append(ids, items[i].ID)
		}
	}
	read, err := g.byID(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range items {
		if r := &items[i]; !r.Fact {
			if in, ok := read[r.ID]; ok {
				r.Text, r.Source, r.At, r.Taint, r.Accepted = in.Text, in.Source, in.At, in.Taint, in.Taint != hobby.Trusted && in.Trusted()
			}
		}
	}
	return read, nil
}

func (g *Graph) byID(ctx context.Context, ids []string) (map[string]hobby.Insight, error) {
	m := map[string]hobby.Insight{}
	if g.opts.Past != nil {
		all, err := g.opts.Past.Insights(ctx, ids)
		for _, in := range all {
			m[in.ID] = in
		}
		return m, err
	}
	for _, id := range ids {
		p, err := g.insights.Insights(ctx, hobby.InsightFilter{ID: id})
		if err != nil {
			return nil, err
		}
		for _, in := range p.Insights {
			m[in.ID] = in
		}
	}
	return m, nil
}

// memory is what Recall searches: the words of insights, and of facts that no insight
// tells. It has no texts.
type memory struct {
	mu       mutex
	x        *index // of which the facts are; another one makes the memory anew
	docs     []doc
	exact    *rank.Texts // of docs, by words
	pairs    *rank.Texts // of docs, by words side by side
	words    *rank.Texts // of docs, by stems
	insights map[string]int32
	newest   string // the id of the insight that was the newest when they were read last
	origins  int    // of x that are here
}

// doc is an insight, or a fact.
type doc struct {
	id   string
	at   int64
	fact int32 // none for an insight
	size int32 // bytes of its text
}

// find ranks what there is. It gives facts their texts, and insights none; and the tokens of
// both by their size.
func (m *memory) find(ctx context.Context, g *Graph, question string, o *RecallOptions) ([]Recalled, error) {
	if err := m.mu.lock(ctx); err != nil {
		return nil, err
	}
	defer m.mu.unlock()
	x, done, err := g.read(ctx)
	if err != nil {
		return nil, err
	}
	done() // reading insights does not hold up what is added
	if m.x != x {
		m.x, m.docs, m.insights, m.newest, m.origins = x, nil, map[string]int32{}, "", 0
		m.exact, m.pairs, m.words = rank.NewTexts(rank.Words), rank.NewTexts(rank.Pairs), rank.NewTexts(rank.Stems)
	}
	if err := m.catchUp(ctx, g); err != nil {
		return nil, err
	}
	v := g.view(o.At, time.Now())
	n := g.net(v)
	g.mu.RLock()
	defer g.mu.RUnlock()
	m.states()
	l := o.At.lens(time.Now())
	rankings, err := m.rankings(ctx, v, n, question, &l)
	if err != nil {
		return nil, err
	}
	var all []Recalled
	for _, f := range rank.Sum(3*recallPool, rankings...) {
		d := &m.docs[f.ID]
		r := Recalled{ID: d.id, At: moment(d.at), Score: f.Score, Tokens: estimated(int(d.size))}
		if d.fact != none {
			v := x.fact(d.fact, &l)
			r.Text, r.Fact = fmt.Sprintf("%s %s %s", v.Subject, v.Relation, v.Object), true
			r.Source, r.Taint, r.Accepted = v.Source, v.Taint, v.Taint != hobby.Trusted && v.Accepted
		}
		for _, p := range f.Parts {
			r.Parts = append(r.Parts, RecallPart{p.Name, p.Rank, p.Score, p.Share})
		}
		all = append(all, r)
	}
	return all, nil
}

// rankings are those of the docs that fit. What was recorded later has no part in any
// score. The caller holds the index still.
func (m *memory) rankings(ctx context.Context, v *view, n *net, question string, l *lens) ([]rank.List, error) {
	var then func(int32) bool // the docs that there were; nil for all
	if l.asOf != math.MaxInt64 {
		then = func(doc int32) bool { return m.docs[doc].at <= l.asOf }
	}
	fitting := func(all []rank.Scored) []rank.Scored {
		return slices.DeleteFunc(all, func(s rank.Scored) bool { return !m.fits(&m.docs[s.ID], l) })
	}
	all := []rank.List{
		{Name: "exact", Weight: weighExact, Ranked: fitting(m.exact.Find(question, recallPool, then))},
		{Name: "words", Weight: weighWords, Ranked: fitting(m.words.Find(question, recallPool, then))},
		{Name: "pairs", Weight: weighPairs, Ranked: fitting(m.pairs.Find(question, recallPool, then))},
	}
	if v.x != m.x {
		return all, nil
	}
	near, err := m.near(ctx, v, n, question)
	if near = fitting(near); err != nil || len(near) == 0 {
		return all, err
	}
	weight := float64(weighNear)
	if exact := all[0].Ranked; len(exact) > 0 { // the nearest counts as the best text
		weight *= exact[0].Score
	}
	return append(all, rank.List{Name: "near", Weight: weight / near[0].Score, Ranked: near}), nil
}

// catchUp reads the insights that are new, newest first. Where nothing is new it reads one.
// What was restored from an archive comes before what is older and may be known.
func (m *memory) catchUp(ctx context.Context, g *Graph) error {
	f := hobby.InsightFilter{Limit: 1}
	var fresh []hobby.Insight
	for old := false; ; f.Limit = min(10*f.Limit, 1000) {
		p, err := g.insights.Insights(ctx, f)
		if err != nil {
			return err
		}
		for _, in := range p.Insights {
			if old = in.ID == m.newest; old {
				break
			}
			fresh = append(fresh, in)
		}
		if f.Cursor = p.Next; old || f.Cursor == "" {
			break
		}
	}
	for _, in := range slices.Backward(fresh) {
		m.learn(&in)
	}
	if len(fresh) > 0 {
		m.newest = fresh[0].ID
	}
	return nil
}

// learn adds an insight that is not there.
func (m *memory) learn(in *hobby.Insight) {
	if _, ok := m.insights[in.ID]; ok {
		return
	}
	m.insights[in.ID] = int32(len(m.docs))
	m.put(doc{id: in.ID, at: nanos(in.At), fact: none}, in.Text)
}

func (m *memory) put(d doc, text string) {
	d.size = int32(len(text))
	m.docs = append(m.docs, d)
	m.exact.Add(text)
	m.pairs.Add(text)
	m.words.Add(text)
}

// states adds the facts that no insight tells. The index does not change meanwhile.
func (m *memory) states() {
	for ; m.origins < len(m.x.origins); m.origins++ {
		o := &m.x.origins[m.origins]
		if _, ok := m.insights[o.id]; ok || o.gone {
			continue
		}
		for i := range o.facts {
			n := o.first + i
			s := m.x.statement(n)
			m.put(doc{id: o.id, at: o.recorded, fact: n}, fmt.Sprint(s.Subject, " ", s.Relation, " ", s.Object))
		}
	}
}

// fits reports whether a doc was recorded by then, and has a fact that holds if it has
// one at all.
func (m *memory) fits(d *doc, l *lens) bool {
	if d.at > l.asOf {
		return false
	}
	if d.fact != none {
		return m.x.holds(d.fact, l)
	}
	at, ok := m.x.ids[d.id]
	if !ok {
		return true
	}
	o := &m.x.origins[at]
	for i := range o.facts {
		if m.x.holds(o.first+i, l) {
			return true
		}
	}
	return o.facts == 0
}

// seeds is how many concepts a question may name.
const seeds = 5

// near ranks docs by how near their concepts are to those that the question names: those
// all of whose words are in it.
func (m *memory) near(ctx context.Context, v *view, n *net, question string) ([]rank.Scored, error) {
	asked := wordSet(question)
	scores := map[int32]float64{}
	used := 0
	for _, s := range n.names().Find(question, 20, nil) {
		if used == seeds {
			break
		}
		if !within(wordSet(shortName(&n.nodes[s.ID])), asked) {
			continue
		}
		used++
		near, err := rank.Near(ctx, n.stated, s.ID, rows.Both, 1e-4)
		if err != nil {
			return nil, err
		}
		for node, r := range near {
			scores[node] += r
		}
	}
	docs := map[int32]float64{}
	for _, s := range rank.Best(scores, recallPool) {
		for f := range v.around(n.of[s.ID]) {
			o := m.x.facts[f].origin
			d, ok := m.insights[m.x.origins[o].id]
			if ok {
				docs[d] = max(docs[d], s.Score)
			}
		}
	}
	return rank.Best(docs, recallPool), nil
}

func shortName(n *Node) string { return n.Sort.end(n.Name) }

func within(words, of map[string]bool) bool {
	for w := range words {
		if !of[w] {
			return false
		}
	}
	return len(words) > 0
}

// nameText is what a node is found by.
func nameText(n *Node) string { return strings.Join(append([]string{shortName(n)}, n.Aliases...), " ") }

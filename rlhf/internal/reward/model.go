package reward

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mat"
)

// ErrTooFew says that there are not enough ratings to learn from.
var ErrTooFew = errors.New("not enough ratings")

// MinRatings is how many observations of stars or flags a fit takes at least, and
// MinKind how many of a kind before anything is predicted of it.
const (
	MinRatings = 20
	MinKind    = 3
)

// Options configures a fit. The zero value is legal.
type Options struct {
	// HalfLife is the age at which an observation counts half as much as the newest.
	// Default 90 days.
	HalfLife time.Duration
	// Since, unless it is zero, is when tastes changed: what was said before counts a
	// hundredth.
	Since time.Time
	// Newcomer is the number of ratings below which a rater is a newcomer. Default 10.
	Newcomer int
	// Embedder names what the items' Meaning is of. Default "": nothing, and it is not looked at.
	Embedder string `json:",omitempty"`
	// Like, unless nil, was fitted to nearly the same: the search for prior variances starts at
	// its own and is a sixth as long. Nothing else is taken from it. It has the same Embedder.
	Like *Model `json:"-"`
}

func (o *Options) withDefaults() Options {
	d := Options{}
	if o != nil {
		d = *o
	}
	d.HalfLife = cmp.Or(d.HalfLife, 90*24*time.Hour)
	d.Newcomer = cmp.Or(d.Newcomer, 10)
	return d
}

// effect is what is known of an item beyond its features.
type effect struct {
	Mean float64
	// Variance is that of the effect if the features' weights were known.
	Variance float64
	Count    int
	// Known and Fresh are what those who have rated often and newcomers count on it.
	Known, Fresh float64
}

// Model predicts ratings. It is not safe for concurrent use while Update is called.
type Model struct {
	cols   columns
	w      []float64
	cov    *mat.SymDense
	gaps   [stars - 2]float64
	cuts   cuts
	flag   float64
	spread spread
	raters map[string]*rater
	items  map[string]*effect
	kinds  map[string]*seenKind
	// noise is the mean over the raters.
	noise float64
	// last is when the newest observation was made.
	last  time.Time
	opts  Options
	count int
}

// seenKind is what was rated of a kind.
type seenKind struct {
	Count int
	// Text is the sum of the vectors of its items, shapes, words and meanings alone, and Items
	// their number.
	Text  []float64
	Items int
}

// sample is about how many observations, evenly of all, the variances are first looked for in
// where there are twice as many or more.
const sample = 20_000

// Fit learns from observations, which are in the order of time.
func Fit(observations []Observation, o *Options) (*Model, error) {
	if with := o.withDefaults(); with.Like == nil && len(observations) >= 2*sample {
		var some []Observation
		for i := 0; i < len(observations); i += len(observations) / sample {
			some = append(some, observations[i])
		}
		if like, err := fitOnce(some, &with); err == nil { // else the search begins at the defaults
			with.Like = like
		}
		return fitOnce(observations, &with)
	}
	return fitOnce(observations, o)
}

func fitOnce(observations []Observation, o *Options) (*Model, error) {
	m := &Model{opts: o.withDefaults(), raters: map[string]*rater{}, items: map[string]*effect{}, kinds: map[string]*seenKind{}}
	ids, names, all, data := m.index(observations)
	if m.count < MinRatings {
		return nil, fmt.Errorf("%w: a fit needs %d, and there are %d", ErrTooFew, MinRatings, m.count)
	}
	m.cols = newColumns(all, centerOf(all, m.opts.Embedder))
	vectors, g := make([]vec, len(all)), make([]group, m.cols.len())
	for i := range all {
		vectors[i] = m.cols.vector(&all[i])
		m.sawItem(&all[i], &vectors[i])
	}
	for j := range g {
		g[j] = m.cols.group(j)
	}
	shares := m.weigh(observations, data, len(names))
	used := compact(vectors)
	for k, at := range used {
		g[k] = g[at]
	}
	p := newProblem(vectors, g[:len(used)], data, shares)
	search := rounds
	if like := m.opts.Like; like != nil {
		m.opts.Like = nil
		group := append(slices.Clone(like.spread.Group), p.spread.Group[len(like.spread.Group):]...)
		search, p.spread = rounds/6, like.spread
		p.spread.Group = group
	}
	cov, err := p.solve(steps, 1e-4, search)
	if err != nil {
		return nil, err
	}
	m.gaps, m.cuts, m.flag, m.spread = p.gaps, cutsOf(p.gaps), p.flag, p.spread
	m.spread.Group = m.spread.Group[:m.cols.groups()]
	m.expand(p.w, cov, used)
	for i, id := range ids {
		t := p.totals(i)
		e := &effect{Mean: p.own[i], Variance: 1 / t.bend, Count: len(p.byItem[i])}
		for _, k := range p.byItem[i] {
			if data[k].claimed || p.raters[data[k].rater].Count < m.opts.Newcomer {
				e.Fresh += data[k].weight
			} else {
				e.Known += data[k].weight
			}
		}
		m.items[id] = e
	}
	weight := 0.0
	for i, n := range names {
		r := p.raters[i]
		m.raters[n] = &r
		m.noise += r.Weight * r.Noise
		weight += r.Weight
	}
	m.noise /= max(weight, tiny)
	return m, nil
}

// compact renumbers the columns of vectors so that those are left that some vector uses,
// and the intercept. It returns which these are.
func compact(vectors []vec) (used []int) {
	seen := map[int]bool{0: true}
	for _, v := range vectors {
		for _, at := range v.at {
			seen[at] = true
		}
	}
	used = slices.Sorted(maps.Keys(seen))
	now := make(map[int]int, len(used))
	for k, at := range used {
		now[at] = k
	}
	for _, v := range vectors {
		for i, at := range v.at {
			v.at[i] = now[at]
		}
	}
	return used
}

// expand takes weights and their covariance of the columns that were used. Of the others
// nothing is known beyond their prior.
func (m *Model) expand(w []float64, cov *mat.SymDense, used []int) {
	n := m.cols.len()
	m.w, m.cov = make([]float64, n), mat.NewSymDense(n, nil)
	for j := range n {
		m.cov.SetSym(j, j, m.spread.Group[m.cols.group(j)])
	}
	for k, at := range used {
		m.w[at] = w[k]
		for l := k; l < len(used); l++ {
			m.cov.SetSym(at, used[l], cov.At(k, l))
		}
	}
}

// solve finds the mode, the prior variances and the covariance of the weights. A search for
// the mode ends after so many steps, or when a step is shorter than near.
func (p *problem) solve(steps int, near float64, rounds int) (*mat.SymDense, error) {
	h := mat.NewSymDense(len(p.w), nil)
	p.see()
	var cov *mat.SymDense
	for round := range rounds {
		for step := range steps {
			far, err := p.stepCore(h)
			if err != nil {
				return nil, err
			}
			far = max(far, p.stepRaters())
			p.see()
			if step%3 == 0 {
				p.stepCuts()
				p.see()
			}
			if far < near {
				break
			}
		}
		var err error
		if cov, err = p.covariance(h); err != nil {
			return nil, err
		}
		if round < rounds-1 {
			p.learnSpread(cov)
			p.see()
		}
	}
	return cov, nil
}

// rounds and steps bound the search: prior variances, and Newton's method for each.
const (
	rounds = 12
	steps  = 5
)

// index numbers items and raters in the order of their first observation, and makes the
// data of them.
func (m *Model) index(observations []Observation) (ids, names []string, items []Item, data []datum) {
	item, rater := map[string]int{}, map[string]int{}
	number := func(of *Item) int {
		i, ok := item[of.ID]
		if !ok {
			i = len(items)
			item[of.ID] = i
			ids, items = append(ids, of.ID), append(items, *of)
		}
		return i
	}
	for k := range observations {
		o := &observations[k]
		r, ok := rater[o.Rater]
		if !ok {
			r = len(names)
			rater[o.Rater] = r
			names = append(names, o.Rater)
		}
		if o.At.After(m.last) {
			m.last = o.At
		}
		for _, d := range o.data() {
			d.rater, d.item = r, number(&o.Item)
			if d.sort == preferred {
				d.over = number(o.Over)
			}
			d.claimed = o.Claimed
			d.weight = float64(k) // replaced by weigh
			data = append(data, d)
			m.count++
		}
	}
	return ids, names, items, data
}

// data are the terms of the likelihood that an observation is.
func (o *Observation) data() (ds []datum) {
	if o.Stars >= 1 && o.Stars <= stars {
		ds = append(ds, datum{sort: sort(o.Stars)})
	}
	if o.Helpful != nil {
		s := unhelpful
		if *o.Helpful {
			s = helpful
		}
		ds = append(ds, datum{sort: s})
	}
	if o.Over != nil {
		ds = append(ds, datum{sort: preferred})
	}
	return ds
}

// kind is what was seen of one.
func (m *Model) kind(name string) *seenKind {
	k := m.kinds[name]
	if k == nil {
		k = &seenKind{Text: make([]float64, m.cols.firstName())}
		m.kinds[name] = k
	}
	return k
}

// sawItem counts an item among what was seen of its kind.
func (m *Model) sawItem(i *Item, v *vec) {
	k := m.kind(i.Kind)
	k.Items++
	for n, at := range v.at {
		if at < m.cols.firstName() {
			k.Text[at] += v.val[n]
		}
	}
}

// The bounds of what newcomers, and names that nobody vouches for, count: on one item as much as newcomerFew ratings and a
// tenth of what others say; altogether as much as newcomerAll ratings and the others.
const (
	newcomerFew   = 4
	newcomerShare = 0.1
	newcomerAll   = 200
)

// weigh gives each datum its weight: less for old ones, and for those of newcomers where
// these are many. shares are the means of what is left of the weights of each rater for the
// latter reason.
func (m *Model) weigh(observations []Observation, data []datum, raters int) (shares []float64) {
	given := map[int]int{}
	for i := range data {
		given[data[i].rater]++
	}
	var known, fresh float64
	ofItem := map[int]*[2]float64{}
	for i := range data {
		d := &data[i]
		o := &observations[int(d.weight)]
		d.weight = cmp.Or(o.Weight, 1) * math.Exp2(-m.last.Sub(o.At).Hours()/m.opts.HalfLife.Hours())
		if o.At.Before(m.opts.Since) {
			d.weight /= 100
		}
		t := ofItem[d.item]
		if t == nil {
			t = &[2]float64{}
			ofItem[d.item] = t
		}
		if d.claimed || given[d.rater] < m.opts.Newcomer {
			fresh += d.weight
			t[1] += d.weight
		} else {
			known += d.weight
			t[0] += d.weight
		}
		m.kind(o.Item.Kind).Count++
	}
	all := min(1, (newcomerAll+known)/max(fresh, tiny))
	shares = make([]float64, raters)
	for i := range data {
		d, left := &data[i], 1.0
		if d.claimed || given[d.rater] < m.opts.Newcomer {
			t := ofItem[d.item]
			left = min(all, (newcomerFew+newcomerShare*t[0])/t[1])
		}
		d.weight *= left
		shares[d.rater] += left / float64(given[d.rater])
	}
	for i := range shares {
		shares[i] = cmp.Or(shares[i], 1) // who said nothing of use
	}
	return shares
}

// Weight is a feature with a name and what it is worth.
type Weight struct {
	Name   string
	Weight float64
	SD     float64
}

// Weights are those of the features with a name, the largest first.
func (m *Model) Weights() []Weight {
	var ws []Weight
	for j := 1; j < len(m.w); j++ {
		if n := m.cols.name(j); n != "" {
			ws = append(ws, Weight{n, m.w[j], math.Sqrt(m.cov.At(j, j))})
		}
	}
	slices.SortStableFunc(ws, func(a, b Weight) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
	return ws
}

// Count is how many observations the model has learned from, and Raters of how many
// people.
func (m *Model) Count() int  { return m.count }
func (m *Model) Raters() int { return len(m.raters) }

// Since is when tastes changed, as the model was told; zero for never.
func (m *Model) Since() time.Time { return m.opts.Since }

// Embedder is that of the items' Meaning that the model knows; "" for none.
func (m *Model) Embedder() string { return m.opts.Embedder }

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
	// Text is the sum of the vectors of its items, shapes and words alone, and Items
	// their number.
	Text  []float64
	Items int
}

// Fit learns from observations, which are in the order of time.
func Fit(observations []Observation, o *Options) (*Model, error) {
	m := &Model{opts: o.withDefaults(), raters: map[string]*rater{}, items: map[string]*effect{}, kinds: map[string]*seenKind{}}
	ids, names, all, data := m.index(observations)
	if m.count < MinRatings {
		return nil, fmt.Errorf("%w: a fit needs %d, and there are %d", ErrTooFew, MinRatings, m.count)
	}
	m.cols = newColumns(all)
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
	cov, err := p.solve(steps, 1e-4, rounds)
	if err != nil {
		return nil, err
	}
	m.gaps, m.cuts, m.flag, m.spread = p.gaps, cutsOf(p.gaps), p.flag, p.spread
	m.expand(p.w, cov, used)
	for i, id := range ids {
		t := p.totals(i)
		e := &effect{Mean: p.own[i], Variance: 1 / t.bend, Count: len(p.byItem[i])}
		for _, k := range p.byItem[i] {
			if p.raters[data[k].rater].Count < m.opts.Newcomer {
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
		k = &seenKind{Text: make([]float64, firstName)}
		m.kinds[name] = k
	}
	return k
}

// sawItem counts an item among what was seen of its kind.
func (m *Model) sawItem(i *Item, v *vec) {
	k := m.kind(i.Kind)
	k.Items++
	for n, at := range v.at {
		if at < firstName {
			k.Text[at] += v.val[n]
		}
	}
}

// The bounds of what newcomers count: on one item as much as newcomerFew ratings and a
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
		if given[d.rater] < m.opts.Newcomer {
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
		if given[d.rater] < m.opts.Newcomer {
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

// Prediction is what the model expects people to say of an item.
type Prediction struct {
	// Mean is the expected number of stars, over all raters. SD is the standard
	// deviation of that mean, not of a rating.
	Mean, SD float64
	// Z and Variance are those of the worth that people perceive.
	Z, Variance float64
}

// Predict says what the model expects of an item; false where it has seen too little of
// the kind.
func (m *Model) Predict(i *Item) (Prediction, bool) {
	k := m.kinds[i.Kind]
	if k == nil || k.Count < MinKind {
		return Prediction{}, false
	}
	x := m.cols.vector(i)
	z, variance := m.w[0]+x.dot(m.w), m.variance(&x)+m.unseen(i)
	if e := m.items[i.ID]; e != nil && i.ID != "" {
		z += e.Mean
		variance = m.together(variance, e)
	} else {
		variance += m.spread.Item
	}
	return m.predict(z, variance*m.unsure()), true
}

// unsure widens a variance for what is not known of the spreads, which are taken as if they
// were known: a part of the order of one in the number of ratings (Kass and Steffey 1989).
// The constant is that of simulated people.
func (m *Model) unsure() float64 { return 1 + 40/float64(max(m.count, 1)) }

// together is the variance of the worth of an item that was rated. Its own effect makes
// up for a part of what is not known of its features.
func (m *Model) together(features float64, e *effect) float64 {
	share := min(e.Variance/m.spread.Item, 1)
	return share*share*features + e.Variance
}

// Cell says what the model expects of what comes of practising a kind, a family and a
// level, before there is a text of it; false where it has seen too little of the kind.
func (m *Model) Cell(kind, family string, level int) (Prediction, bool) {
	k := m.kinds[kind]
	if k == nil || k.Count < MinKind {
		return Prediction{}, false
	}
	var x vec
	for at, sum := range k.Text {
		x.add(at, sum/float64(max(k.Items, 1)))
	}
	i := Item{Kind: kind, Family: family, Level: level}
	n := m.cols.named(&i)
	x.at, x.val = append(x.at, n.at...), append(x.val, n.val...)
	return m.predict(m.w[0]+x.dot(m.w), (m.variance(&x)+m.unseen(&i))*m.unsure()), true
}

// unseen is the variance of what nobody has rated: a family or a level.
func (m *Model) unseen(i *Item) (v float64) {
	for _, n := range i.names() {
		if _, ok := m.cols.at[n]; !ok {
			v += m.spread.Group[groupOf(n)]
		}
	}
	return v
}

// variance is that of the intercept and the weights' part of an item's worth.
func (m *Model) variance(x *vec) float64 {
	v := m.cov.At(0, 0)
	for i, at := range x.at {
		row := 2 * m.cov.At(0, at)
		for j, to := range x.at {
			row += x.val[j] * m.cov.At(at, to)
		}
		v += x.val[i] * row
	}
	return max(v, tiny)
}

// predict turns a worth into stars, as those would give it who mean it: without noise.
// Raters' biases flatten the curve (MacKay 1992).
func (m *Model) predict(z, variance float64) Prediction {
	flat := 1 / math.Sqrt(1+math.Pi/8*m.spread.Bias)
	at := func(z float64) float64 {
		s := 1.0
		for _, c := range m.cuts {
			s += logistic((z - c) * flat)
		}
		return s
	}
	// The mean over the worth's normal distribution, by Gauss and Hermite with 5 points.
	sd := math.Sqrt(variance)
	var mean, square float64
	for i, x := range hermite.x {
		s := at(z + sd*x)
		mean += hermite.w[i] * s
		square += hermite.w[i] * s * s
	}
	return Prediction{Mean: min(max(mean, 1), stars), SD: math.Sqrt(max(square-mean*mean, 0)), Z: z, Variance: variance}
}

// hermite has the points and weights of a mean over a standard normal distribution.
var hermite = struct{ x, w [5]float64 }{
	[5]float64{-2.8569700138728, -1.3556261799742, 0, 1.3556261799742, 2.8569700138728},
	[5]float64{0.0112574113277, 0.2220759220056, 0.5333333333333, 0.2220759220056, 0.0112574113277},
}

// Interval holds the mean rating of what was predicted with the given chance, such as
// 0.9.
func (m *Model) Interval(p Prediction, chance float64) (low, high float64) {
	away := math.Sqrt2 * math.Erfinv(chance) * math.Sqrt(p.Variance)
	return m.predict(p.Z-away, tiny).Mean, m.predict(p.Z+away, tiny).Mean
}

// Chances are those that a rater gives 1 to 5 stars to what was predicted. rater may be
// "" or unknown.
func (m *Model) Chances(p Prediction, by string) (c [stars]float64) {
	bias, variance, scale, noise := 0.0, m.spread.Bias, 0.0, m.noise
	if r := m.raters[by]; r != nil {
		bias, variance, scale, noise = r.Bias, r.Variance, r.Scale, r.Noise
	}
	s := math.Exp(scale)
	flat := 1 / math.Sqrt(1+math.Pi/8*(variance+s*s*p.Variance))
	// The cuts are widened in the place of the worth being narrowed.
	z := m.w[0] + bias + s*(p.Z-m.w[0])
	above := 1.0
	for k := range c {
		next := 0.0
		if k < stars-1 {
			next = logistic((z - m.cuts[k]) * flat)
		}
		c[k] = (1-noise)*(above-next) + noise*anyStars[k]
		above = next
	}
	return c
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

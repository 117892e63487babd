package reward

import (
	"math"
	"time"
)

// Observation is what one person once said.
type Observation struct {
	Rater string
	Item  Item
	// Stars are 1 to 5; 0 for none.
	Stars int
	// Helpful says whether it was marked so; nil when it was not marked.
	Helpful *bool
	// Over was liked less than Item; nil when nothing was compared.
	Over *Item
	At   time.Time
	// Weight is how much it counts beside others; 0 is 1.
	Weight float64
	// Claimed says that nobody vouches for the rater's name: whatever they rate, it counts as
	// a newcomer's.
	Claimed bool
}

// sort is the sort of a datum: 1 to 5 are stars.
type sort int8

const (
	helpful sort = 6 + iota
	unhelpful
	preferred
)

// datum is one term of the likelihood.
type datum struct {
	rater, item, over int // over is for preferred
	sort              sort
	weight            float64
	claimed           bool
}

// anyStars are the chances of 1 to 5 stars where they say nothing. Who wants to move a
// mean, or does not look, mostly gives the fewest or the most.
var anyStars = [stars]float64{0.35, 0.1, 0.1, 0.1, 0.35}

// noise is the chance of a datum that says nothing.
func (d *datum) noise() float64 {
	if d.sort <= stars {
		return anyStars[d.sort-1]
	}
	return 0.5
}

// rater is what is known of one.
type rater struct {
	// Bias is added to the worth, and Scale is the logarithm of what multiplies it.
	Bias, Scale float64
	// Noise is the chance that a rating of theirs says nothing.
	Noise float64
	// Variance is the bias'.
	Variance float64
	// Count is how many ratings they gave, and Weight the sum of what they count. Share in
	// (0, 1] is how much they count among all raters: 1, or less for one of many newcomers.
	Count  int
	Weight float64
	Share  float64
}

// spread are the prior variances.
type spread struct {
	Group             []float64 // in a model that has no embedder without the last
	Item, Bias, Scale float64
}

// startSpread is where the search for them starts. An intercept may be five logits away,
// which is nearly anything; further, and people who all say the same would say nothing.
func startSpread() spread {
	return spread{Group: []float64{25, 1, 0.4, 0.6, 0.2, 0.4, 0.2, 0.4}, Item: 0.3, Bias: 0.5, Scale: 0.05}
}

// tails are the degrees of freedom of the biases' prior, which is Student's: who likes
// nothing at all is far from the others, and does not move them.
const tails = 4.0

// inside is how much a rater's bias counts among those of all (Lange, Little and Taylor
// 1989). What a newcomer says counts for their share, and so does that they are one of all:
// else a crowd would be what people are like.
func (p *problem) inside(r *rater) float64 {
	return r.Share * (tails + 1) / (tails + r.Bias*r.Bias/p.spread.Bias)
}

// The prior of a rater's noise is a beta's: one rating in 40, as if 5 had been seen.
const noiseSeen, noiseSaid = 5.0, 0.125

// problem is a fit under way.
type problem struct {
	items  []vec // without the intercept
	data   []datum
	groups []group // of the columns

	w       []float64 // the weights; w[0] is the intercept
	own     []float64 // the items' own effects
	raters  []rater
	gaps    [stars - 2]float64
	flag    float64 // z must exceed it for "helpful"
	spread  spread
	byRater [][]int // the data of each rater
	byItem  [][]int // those of each item

	worth   []float64 // of the items, without the intercept
	scales  []float64 // exp(Scale) of the raters
	views   []view    // of the data, with noise
	genuine []float64 // the chance of each datum to be no noise
	joint   float64   // the logarithm of the joint density
}

func newProblem(items []vec, g []group, data []datum, shares []float64) *problem {
	raters := len(shares)
	p := &problem{
		items: items, data: data, groups: g, w: make([]float64, len(g)), own: make([]float64, len(items)),
		raters: make([]rater, raters), spread: startSpread(),
		byRater: make([][]int, raters), byItem: make([][]int, len(items)),
		worth: make([]float64, len(items)), scales: make([]float64, raters), views: make([]view, len(data)), genuine: make([]float64, len(data)),
	}
	for i, d := range data {
		p.byRater[d.rater] = append(p.byRater[d.rater], i)
		p.byItem[d.item] = append(p.byItem[d.item], i)
		if d.sort == preferred {
			p.byItem[d.over] = append(p.byItem[d.over], i)
		}
		r := &p.raters[d.rater]
		r.Count++
		r.Weight += d.weight
	}
	for i := range p.raters {
		p.raters[i].Noise, p.raters[i].Share = noiseSaid/noiseSeen, shares[i]
	}
	return p
}

// see works out what the data say at the current values.
func (p *problem) see() {
	for i := range p.items {
		p.worth[i] = p.items[i].dot(p.w) + p.own[i]
	}
	for i := range p.raters {
		p.scales[i] = math.Exp(p.raters[i].Scale)
	}
	c := cutsOf(p.gaps)
	o := c.odds()
	p.joint = p.prior()
	for i := range p.data {
		d := &p.data[i]
		r := &p.raters[d.rater]
		v := p.viewOf(d, &o)
		q := d.noise()
		all := (1-r.Noise)*v.p + r.Noise*q
		genuine := (1 - r.Noise) * v.p / all
		p.joint += d.weight * math.Log(all)
		p.genuine[i] = genuine
		p.views[i] = view{v.p, v.slope * genuine * d.weight, v.info * genuine * d.weight}
	}
}

// viewOf is the view of a datum as if it were no noise.
func (p *problem) viewOf(d *datum, o *odds) view {
	scale := p.scales[d.rater]
	if d.sort == preferred {
		return flagged(true, scale*(p.worth[d.item]-p.worth[d.over]))
	}
	z := p.w[0] + p.raters[d.rater].Bias + scale*p.worth[d.item]
	switch d.sort {
	case helpful, unhelpful:
		return flagged(d.sort == helpful, z-p.flag)
	}
	return o.rated(int(d.sort), z)
}

// prior is the logarithm of the prior density, without constants.
func (p *problem) prior() (l float64) {
	for j, w := range p.w {
		l -= w * w / (2 * p.spread.Group[p.groups[j]])
	}
	for _, v := range p.own {
		l -= v * v / (2 * p.spread.Item)
	}
	for i := range p.raters {
		r := &p.raters[i]
		l -= r.Share * ((tails+1)/2*math.Log1p(r.Bias*r.Bias/(tails*p.spread.Bias)) + r.Scale*r.Scale/(2*p.spread.Scale))
		l += noiseSaid*math.Log(r.Noise) + (noiseSeen-noiseSaid)*math.Log(1-r.Noise)
	}
	for _, g := range p.gaps {
		l -= g * g / 2
	}
	return l - p.flag*p.flag/8
}

// move is where Newton's method takes a rater's bias and scale, if the slope of the
// scale is first lowered by a number that all raters have in common.
type move struct{ bias, biasBy, scale, scaleBy float64 }

// stepRaters moves each rater's bias, scale and noise, and says how far. The mean of the
// scales stays 0, since else they and the weights could say the same. That of the biases
// moves to the intercept, which says the same, as far as the priors of both want.
func (p *problem) stepRaters() (far float64) {
	moves := make([]move, len(p.raters))
	var sum, by, mean, weight float64
	for k := range p.raters {
		moves[k] = p.moveOf(k)
		sum += p.raters[k].Scale + moves[k].scale
		by += moves[k].scaleBy
	}
	common := sum / by
	for k := range p.raters {
		r, m := &p.raters[k], &moves[k]
		db, ds := m.bias-common*m.biasBy, m.scale-common*m.scaleBy
		far = max(far, math.Abs(db), math.Abs(ds))
		r.Bias += within(db, 1)
		r.Scale = within(r.Scale+within(ds, 0.5), 1.5)
		mean += p.inside(r) * r.Bias
		weight += p.inside(r)
	}
	prior := p.spread.Bias / p.spread.Group[intercept]
	mean = (mean - prior*p.w[0]) / (weight + prior)
	for k := range p.raters {
		p.raters[k].Bias -= mean
	}
	p.w[0] += mean
	return far
}

func (p *problem) moveOf(k int) move {
	r := &p.raters[k]
	scale := math.Exp(r.Scale)
	of := p.inside(r) / p.spread.Bias
	gb, gs := -r.Bias*of, -r.Share*r.Scale/p.spread.Scale
	bb, bs, ss := of, 0.0, r.Share/p.spread.Scale
	noise, sum := noiseSaid, noiseSeen
	for _, i := range p.byRater[k] {
		d, v := &p.data[i], &p.views[i]
		var worth, bias float64
		if d.sort == preferred {
			worth = scale * (p.worth[d.item] - p.worth[d.over])
		} else {
			worth, bias = scale*p.worth[d.item], 1
		}
		gb += bias * v.slope
		gs += worth * v.slope
		bb += bias * v.info
		bs += bias * worth * v.info
		ss += worth * worth * v.info
		noise += d.weight * (1 - p.genuine[i])
		sum += d.weight
	}
	det := bb*ss - bs*bs
	r.Noise = noise / sum
	r.Variance = ss / det
	return move{(ss*gb - bs*gs) / det, -bs / det, (bb*gs - bs*gb) / det, bb / det}
}

// within is x in [-most, most].
func within(x, most float64) float64 { return min(max(x, -most), most) }

// stepCuts moves the thresholds by Newton's method, with slopes by differences: there
// are four of them.
func (p *problem) stepCuts() {
	const h = 1e-4
	es := make([]float64, len(p.data))
	for i := range p.data {
		if d := &p.data[i]; d.sort <= stars {
			r := &p.raters[d.rater]
			es[i] = expOf(p.w[0] + r.Bias + p.scales[d.rater]*p.worth[d.item])
		}
	}
	value := func(gaps [stars - 2]float64) float64 {
		c := cutsOf(gaps)
		o := c.odds()
		l := 0.0
		for _, g := range gaps {
			l -= g * g / 2
		}
		for i := range p.data {
			if d := &p.data[i]; d.sort <= stars {
				l += d.weight * p.genuine[i] * math.Log(o.chance(int(d.sort), es[i]))
			}
		}
		return l
	}
	at := value(p.gaps)
	for k := range p.gaps {
		up, down := p.gaps, p.gaps
		up[k] += h
		down[k] -= h
		a, b := value(up), value(down)
		slope, bend := (a-b)/(2*h), (a+b-2*at)/(h*h)
		if bend < 0 {
			next := p.gaps
			next[k] = within(next[k]+within(-slope/bend, 0.5), 4)
			if v := value(next); v > at {
				p.gaps, at = next, v
			}
		}
	}
	slope, bend := -p.flag/4, 0.25
	for i := range p.data {
		if d := &p.data[i]; d.sort == helpful || d.sort == unhelpful {
			slope -= p.views[i].slope
			bend += p.views[i].info
		}
	}
	p.flag += within(slope/bend, 1)
}

// chance is that of y stars, where e is expOf(z).
func (o *odds) chance(y int, e float64) float64 {
	above, next := 1.0, 0.0
	if y > 1 {
		above = e / (e + o[y-2])
	}
	if y < stars {
		next = e / (e + o[y-1])
	}
	return max(above-next, tiny)
}

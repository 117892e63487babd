package reward

import "math"

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
	z, variance := m.w[0]+x.dot(m.w), m.variance(&x)+m.unseen(i.names())+m.unmeant(i)
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
func (m *Model) unsure() float64 { return 1 + unsureOf/float64(max(m.count, 1)) }

// unsureOf was chosen with simulated people (docs/measured.md). What it would have to be for
// real ones is not known: no ratings of theirs were there to look at.
const unsureOf = 40

// together is the variance of the worth of an item that was rated. Its own effect makes
// up for a part of what is not known of its features.
func (m *Model) together(features float64, e *effect) float64 {
	share := min(e.Variance/m.spread.Item, 1)
	return share*share*features + e.Variance
}

// Cell says what the model expects of what comes of practising a kind, a family and a
// level, before there is a text of it; false where it has seen too little of the kind.
// answers is how many a session will have, 0 where that is not known.
func (m *Model) Cell(kind, family string, level, answers int) (Prediction, bool) {
	k := m.kinds[kind]
	if k == nil || k.Count < MinKind {
		return Prediction{}, false
	}
	var x vec
	for at, sum := range k.Text {
		x.add(at, sum/float64(max(k.Items, 1)))
	}
	i := Item{Kind: kind, Family: family, Level: level, Answers: answers}
	names := i.names()
	n := m.cols.named(names)
	x.at, x.val = append(x.at, n.at...), append(x.val, n.val...)
	return m.predict(m.w[0]+x.dot(m.w), (m.variance(&x)+m.unseen(names))*m.unsure()), true
}

// unseen is the variance of what nobody has rated: a family or a level.
func (m *Model) unseen(names []string) (v float64) {
	for _, n := range names {
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

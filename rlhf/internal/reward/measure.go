package reward

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
)

// Metrics say how well ratings were predicted that a model had not seen.
type Metrics struct {
	// N is how many ratings they are of.
	N int `json:"n"`
	// RMSE is in stars, LogLoss in nats.
	RMSE    float64 `json:"rmse"`
	LogLoss float64 `json:"log_loss"`
	// ECE is the mean distance between the chance that was predicted for at least 2, 3,
	// 4 and 5 stars, and how often there were, in ten groups of equal size.
	ECE float64 `json:"ece"`
	// AUC is the chance that something with 4 or 5 stars was predicted above something
	// with fewer, PairwiseAccuracy that of two things that one person rated differently
	// the better was predicted above the other. NaN where there are no pairs.
	AUC              float64 `json:"auc"`
	PairwiseAccuracy float64 `json:"pairwise_accuracy"`
	// BaselineRMSE is that of the means of raters and items, AverageRMSE that of the
	// mean of a kind's last ratings.
	BaselineRMSE float64 `json:"baseline_rmse"`
	AverageRMSE  float64 `json:"average_rmse"`
}

// Split puts about a tenth of the observations aside: always the same ones, and all of
// one rater about one item together.
func Split(all []Observation) (learn, held []Observation) {
	for i := range all {
		h := fnv.New64a()
		fmt.Fprint(h, all[i].Rater, "\x00", all[i].Item.ID)
		if x := h.Sum64(); (x^x>>29)%10 == 0 {
			held = append(held, all[i])
		} else {
			learn = append(learn, all[i])
		}
	}
	return learn, held
}

// guess is a rating and what was predicted of it.
type guess struct {
	rater  string
	stars  int
	mean   float64
	chance [stars]float64
}

// Measure predicts ratings that m has not seen. learned are what it was fitted to, from
// which the baselines learn too.
func (m *Model) Measure(learned, held []Observation) Metrics {
	var gs []guess
	base := newBaseline(learned)
	var r Metrics
	for i := range held {
		o := &held[i]
		p, ok := m.Predict(&o.Item)
		if !ok || o.Stars < 1 || o.Stars > stars {
			continue
		}
		g := guess{rater: o.Rater, stars: o.Stars, chance: m.Chances(p, o.Rater)}
		for k, c := range g.chance {
			g.mean += float64(k+1) * c
		}
		gs = append(gs, g)
		y := float64(o.Stars)
		r.RMSE += (y - g.mean) * (y - g.mean)
		r.LogLoss -= math.Log(max(g.chance[o.Stars-1], tiny))
		r.BaselineRMSE += square(y - base.predict(o))
		r.AverageRMSE += square(y - base.average(o.Item.Kind))
	}
	r.N = len(gs)
	n := float64(max(r.N, 1))
	r.RMSE, r.LogLoss = math.Sqrt(r.RMSE/n), r.LogLoss/n
	r.BaselineRMSE, r.AverageRMSE = math.Sqrt(r.BaselineRMSE/n), math.Sqrt(r.AverageRMSE/n)
	for k := 2; k <= stars; k++ {
		r.ECE += calibration(gs, k) / (stars - 1)
	}
	r.AUC, r.PairwiseAccuracy = auc(gs), pairwise(gs)
	return r
}

func square(x float64) float64 { return x * x }

// calibration is the calibration error of the chance of at least k stars.
func calibration(gs []guess, k int) (e float64) {
	type pair struct{ predicted, seen float64 }
	ps := make([]pair, len(gs))
	for i := range gs {
		for y := k; y <= stars; y++ {
			ps[i].predicted += gs[i].chance[y-1]
		}
		if gs[i].stars >= k {
			ps[i].seen = 1
		}
	}
	slices.SortFunc(ps, func(a, b pair) int { return cmp.Compare(a.predicted, b.predicted) })
	const bins = 10
	for b := range bins {
		part := ps[b*len(ps)/bins : (b+1)*len(ps)/bins]
		sum := 0.0
		for _, p := range part {
			sum += p.predicted - p.seen
		}
		e += math.Abs(sum) / float64(max(len(ps), 1))
	}
	return e
}

// auc is the area under the curve of 4 or 5 stars by the predicted mean (Mann and
// Whitney 1947).
func auc(gs []guess) float64 {
	gs = slices.Clone(gs)
	slices.SortFunc(gs, func(a, b guess) int { return cmp.Compare(a.mean, b.mean) })
	var ranks, good float64
	for i := 0; i < len(gs); {
		j := i
		for j < len(gs) && gs[j].mean == gs[i].mean {
			j++
		}
		for k := i; k < j; k++ {
			if gs[k].stars >= 4 {
				ranks += float64(i+j+1) / 2
				good++
			}
		}
		i = j
	}
	bad := float64(len(gs)) - good
	if good == 0 || bad == 0 {
		return math.NaN()
	}
	return (ranks - good*(good+1)/2) / (good * bad)
}

// pairwise is how often of two ratings of a person the better was predicted so. Of each
// person at most 200 ratings count.
func pairwise(gs []guess) float64 {
	by := map[string][]guess{}
	for _, g := range gs {
		if len(by[g.rater]) < 200 {
			by[g.rater] = append(by[g.rater], g)
		}
	}
	var right, n float64
	for _, own := range by {
		for i := range own {
			for j := range i {
				if d := float64(own[i].stars - own[j].stars); d != 0 {
					n++
					switch p := (own[i].mean - own[j].mean) * d; {
					case p > 0:
						right++
					case p == 0:
						right += 0.5
					}
				}
			}
		}
	}
	return right / n
}

// baseline predicts by means: of all, of the rater, of the kind, family and level, and
// of the item, each of what the one before left over, and drawn to 0 as if by three.
type baseline struct {
	all               float64
	rater, cell, item map[string]float64
	last              map[string][]float64 // of a kind
}

const lastRatings = 20

func newBaseline(learned []Observation) *baseline {
	b := &baseline{last: map[string][]float64{}}
	var rated []*Observation
	for i := range learned {
		if o := &learned[i]; o.Stars >= 1 && o.Stars <= stars {
			rated = append(rated, o)
			b.all += float64(o.Stars)
			l := append(b.last[o.Item.Kind], float64(o.Stars))
			b.last[o.Item.Kind] = l[max(0, len(l)-lastRatings):]
		}
	}
	b.all /= float64(max(len(rated), 1))
	left := make([]float64, len(rated))
	for i, o := range rated {
		left[i] = float64(o.Stars) - b.all
	}
	means := func(key func(*Observation) string) map[string]float64 {
		sum, n := map[string]float64{}, map[string]float64{}
		for i, o := range rated {
			sum[key(o)] += left[i]
			n[key(o)]++
		}
		for k := range sum {
			sum[k] /= n[k] + 3
		}
		for i, o := range rated {
			left[i] -= sum[key(o)]
		}
		return sum
	}
	b.rater, b.cell, b.item = means(raterKey), means(cellKey), means(itemKey)
	return b
}

func raterKey(o *Observation) string { return o.Rater }
func itemKey(o *Observation) string  { return o.Item.ID }
func cellKey(o *Observation) string {
	return fmt.Sprint(o.Item.Kind, "\x00", o.Item.Family, "\x00", o.Item.Level)
}

func (b *baseline) predict(o *Observation) float64 {
	return b.all + b.rater[raterKey(o)] + b.cell[cellKey(o)] + b.item[itemKey(o)]
}

func (b *baseline) average(kind string) float64 {
	if len(b.last[kind]) == 0 {
		return b.all
	}
	sum := 0.0
	for _, y := range b.last[kind] {
		sum += y
	}
	return sum / float64(len(b.last[kind]))
}

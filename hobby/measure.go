package hobby

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pastime-go/pastime/internal/irt"
)

// Measure estimates proficiency from tallies, as of the UTC day of asOf. It is
// a function of the tallies' sums alone: their order does not matter.
//
// Per family it fits an item-response model whose levels' difficulties are
// estimated together with the ability, over the family's guessing floor
// (Birnbaum 1968; package irt says how). What was verified d days ago counts
// with the weight (1 + 19d/(81*90))^-0.5, the power curve of FSRS with a
// stability of 90 days: as evidence grows old the interval widens.
//
// Only answers of the model with the given key count, so a new model starts
// with nothing. With modelKey "" each kind is measured for the model that
// answered last. Practice and held-out tasks count alike: both are new to the
// model when they are asked. Families that no hobby lists are left out; levels
// beyond a family's own count as its highest.
func Measure(tallies []Tally, hobbies []Hobby, modelKey string, asOf time.Time) Proficiency {
	b := newBook()
	for _, t := range tallies {
		b.add(t)
	}
	return b.measure(hobbies, modelKey, Day(asOf))
}

// measureKind measures one hobby from the answers of one model; the draws are
// nil when nothing was measured.
func measureKind(h *Hobby, own answers, today int, fit *fits) (KindProficiency, []float64) {
	k := KindProficiency{Kind: h.Kind}
	all := newMixture()
	for _, f := range familiesOf(h) {
		p, draws := measureFamily(&f, own[f.Name], today, fit)
		if draws != nil {
			all.add(draws, p.Estimate)
		}
		if len(h.Families) > 0 {
			k.Families = append(k.Families, p)
		}
	}
	var draws []float64
	k.Estimate, draws = all.estimate()
	return k, draws
}

// familiesOf are the hobby's families; one without a name where it has none.
func familiesOf(h *Hobby) []Family {
	if len(h.Families) == 0 {
		return []Family{{Levels: 1}}
	}
	return h.Families
}

// measureFamily measures one family from its answers.
func measureFamily(f *Family, own []dayCount, today int, fit *fits) (FamilyProficiency, []float64) {
	levels := min(max(1, f.Levels), irt.MaxLevels)
	p := FamilyProficiency{Family: f.Name, Level: 1, Levels: make([]Estimate, levels)}
	cells := make([]irt.Cell, levels)
	// Integers are summed per day before they are weighted, in the order of
	// days, so that the order of the tallies cannot change the result.
	for len(own) > 0 {
		day := own[0].day
		sums := make([]Estimate, levels)
		for ; len(own) > 0 && own[0].day == day; own = own[1:] {
			at := &sums[min(max(1, own[0].level), levels)-1]
			at.Items, at.Passes = add(at.Items, own[0].tries), add(at.Passes, own[0].passes)
		}
		w, last := retention(today-day), time.Unix(int64(day)*86400, 0).UTC()
		for l, sum := range sums {
			if sum.Items == 0 {
				continue
			}
			cells[l].Tries += w * float64(sum.Items)
			cells[l].Passes += w * float64(sum.Passes)
			for _, e := range []*Estimate{&p.Levels[l], &p.Estimate} {
				e.Items, e.Passes, e.Last = add(e.Items, sum.Items), add(e.Passes, sum.Passes), last
			}
		}
	}
	if p.Estimate.Items == 0 {
		return p, nil
	}
	post := fit.of(cells, f.Guess)
	for l, e := range post.levels {
		p.Levels[l].Mean, p.Levels[l].Low, p.Levels[l].High = e.Mean, e.Low, e.High
	}
	p.Estimate.Mean, p.Estimate.Low, p.Estimate.High = post.whole.Mean, post.whole.Low, post.whole.High
	p.Level = post.open
	return p, post.draws
}

// add is a+b, without overflow.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// retention is the weight of evidence that is age days old: FSRS's power
// forgetting curve at a stability of 90 days. What lies in the future counts
// in full.
func retention(age int) float64 {
	const stability = 90
	return math.Pow(1+19.0/81*float64(max(0, age))/stability, -0.5)
}

// summarise returns the mean and the central 95 % interval of draws.
func summarise(draws []float64) (mean, low, high float64) {
	sorted := slices.Clone(draws)
	slices.Sort(sorted)
	for _, v := range sorted {
		mean += v
	}
	at := func(q float64) float64 {
		x := q*float64(len(sorted)) - 0.5
		i := min(max(0, int(math.Floor(x))), len(sorted)-2)
		return sorted[i] + (min(max(x, 0), float64(len(sorted)-1))-float64(i))*(sorted[i+1]-sorted[i])
	}
	return mean / float64(len(sorted)), at(0.025), at(0.975)
}

// mixture is the mean of independent posteriors.
type mixture struct {
	sum   []float64
	parts int
	e     Estimate
}

func newMixture() *mixture { return &mixture{sum: make([]float64, irt.Draws)} }

// add takes one more posterior into the mean. Draws come sorted, so each part
// is shuffled, always in the same way.
func (m *mixture) add(draws []float64, e Estimate) {
	m.parts++
	order := rand.New(rand.NewPCG(uint64(m.parts), 0)).Perm(len(draws))
	for i, j := range order {
		m.sum[i] += draws[j]
	}
	m.e.Items, m.e.Passes = add(m.e.Items, e.Items), add(m.e.Passes, e.Passes)
	if e.Last.After(m.e.Last) {
		m.e.Last = e.Last
	}
}

// estimate returns the mean's posterior; zero and nil when there are no parts.
func (m *mixture) estimate() (Estimate, []float64) {
	if m.parts == 0 {
		return Estimate{}, nil
	}
	for i := range m.sum {
		m.sum[i] /= float64(m.parts)
	}
	m.e.Mean, m.e.Low, m.e.High = summarise(m.sum)
	return m.e, m.sum
}

// gain measures the hobby on the first and on the second half of the answers,
// divided at a day, and returns the difference.
func gain(h *Hobby, own answers, today int, fit *fits) *float64 {
	perDay := map[int]int64{}
	total := int64(0)
	for _, counts := range own {
		for _, c := range counts {
			perDay[c.day] += c.tries
			total += c.tries
		}
	}
	first, cut := int64(0), 0
	for _, d := range slices.Sorted(maps.Keys(perDay)) {
		if first += perDay[d]; 2*first >= total {
			cut = d
			break
		}
	}
	if first < gainItems || total-first < gainItems {
		return nil
	}
	early, late := own.divided(cut)
	before, _ := measureKind(h, early, today, fit)
	after, _ := measureKind(h, late, today, fit)
	diff, n := 0.0, 0
	if len(h.Families) == 0 {
		diff, n = after.Estimate.Mean-before.Estimate.Mean, 1
	}
	for i := range before.Families { // only what both halves practised
		if b, a := before.Families[i].Estimate, after.Families[i].Estimate; b.Measured() && a.Measured() {
			diff += a.Mean - b.Mean
			n++
		}
	}
	if n == 0 {
		return nil
	}
	diff /= float64(n)
	return &diff
}

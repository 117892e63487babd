package reward

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
)

// mixed are observations of all sorts: stars, flags and comparisons, with texts.
func mixed(seed uint64, n int) (obs []Observation) {
	rng := rand.New(rand.NewPCG(seed, 7))
	words := []string{"roman", "numerals", "are", "read", "from", "left", "to", "right", "a", "map", "goroutine", "leak"}
	item := func(i int) Item {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		text := ""
		for range 5 + r.IntN(20) {
			text += words[r.IntN(len(words))] + " "
		}
		return Item{ID: fmt.Sprint("i", i), Kind: fmt.Sprint("kind", i%3), Family: fmt.Sprint("family", i%5), Level: 1 + i%2, Text: text,
			Confidence: r.Float64(), Evidence: r.IntN(5)}
	}
	for k := range n {
		i := rng.IntN(n / 3)
		o := Observation{Rater: fmt.Sprint("r", rng.IntN(n/20+2)), Item: item(i), At: epoch.Add(time.Duration(k) * time.Hour)}
		if rng.IntN(4) > 0 {
			o.Stars = min(max(1+i%3+rng.IntN(3), 1), 5)
		}
		if rng.IntN(3) == 0 {
			yes := rng.IntN(3) < 1+i%3
			o.Helpful = &yes
		}
		if rng.IntN(5) == 0 {
			other := item((i + 1 + rng.IntN(3)) % (n / 3))
			o.Over = &other
		}
		if o.Stars == 0 && o.Helpful == nil && o.Over == nil {
			o.Stars = 3
		}
		obs = append(obs, o)
	}
	return obs
}

// problemOf is the problem of a fit as Fit makes it.
func problemOf(obs []Observation) *problem {
	m := &Model{opts: (*Options)(nil).withDefaults(), raters: map[string]*rater{}, items: map[string]*effect{}, kinds: map[string]*seenKind{}}
	_, names, all, data := m.index(obs)
	m.cols = newColumns(all, nil)
	vectors, g := make([]vec, len(all)), make([]group, m.cols.len())
	for i := range all {
		vectors[i] = m.cols.vector(&all[i])
		m.sawItem(&all[i], &vectors[i])
	}
	for j := range g {
		g[j] = m.cols.group(j)
	}
	return newProblem(vectors, g, data, m.weigh(obs, data, len(names)))
}

// TestFitEndsAtTheMode differentiates the joint density, which is written apart from its
// slopes, at what a fit found.
func TestFitEndsAtTheMode(t *testing.T) {
	p := problemOf(mixed(1, 400))
	if _, err := p.solve(200, 1e-9, 3); err != nil {
		t.Fatal(err)
	}
	slope := func(x *float64) float64 {
		const h = 1e-5
		at := *x
		*x = at + h
		p.see()
		up := p.joint
		*x = at - h
		p.see()
		down := p.joint
		*x = at
		p.see()
		return (up - down) / (2 * h)
	}
	worst := 0.0
	check := func(what string, x *float64) {
		s := slope(x)
		worst = max(worst, math.Abs(s))
		if !(math.Abs(s) < 1e-2) {
			t.Errorf("%s: the density has a slope of %v at its mode", what, s)
		}
	}
	for j := range p.w {
		check(fmt.Sprint("weight ", j), &p.w[j])
	}
	for i := range p.own {
		check(fmt.Sprint("item ", i), &p.own[i])
	}
	first := slope(&p.raters[0].Scale)
	for i := range p.raters {
		check(fmt.Sprint("bias ", i), &p.raters[i].Bias)
		// The scales' mean is held, so that the slopes are all alike.
		if s := slope(&p.raters[i].Scale); !(math.Abs(s-first) < 1e-2) {
			t.Errorf("scale %d: the density has a slope of %v at its mode, scale 0 of %v", i, s, first)
		}
		check(fmt.Sprint("noise ", i), &p.raters[i].Noise)
	}
	for k := range p.gaps {
		check(fmt.Sprint("gap ", k), &p.gaps[k])
	}
	check("flag", &p.flag)
	t.Logf("the steepest slope is %.2g", worst)
}

// TestViewsAreDerivatives differentiates the logarithm of the chance of each rating.
func TestViewsAreDerivatives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gap := rapid.Float64Range(-1.5, 1.5)
		c := cutsOf([stars - 2]float64{gap.Draw(t, "a"), gap.Draw(t, "b"), gap.Draw(t, "c")})
		z := rapid.Float64Range(-6, 6).Draw(t, "z")
		o := c.odds()
		const h = 1e-5
		info, sum := 0.0, 0.0
		for y := 1; y <= stars; y++ {
			v := c.rated(y, z)
			want := (math.Log(o.chance(y, expOf(z+h))) - math.Log(o.chance(y, expOf(z-h)))) / (2 * h)
			if math.Abs(v.slope-want) > 1e-4 {
				t.Fatalf("%d stars at %v: a slope of %v, by differences %v", y, z, v.slope, want)
			}
			info += v.p * v.slope * v.slope
			sum += v.p
			if got := c.rated(y, z).info; y == stars && math.Abs(got-info) > 1e-9 {
				t.Fatalf("information %v, the mean of the squared slopes is %v", got, info)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("the chances sum to %v", sum)
		}
	})
}

// TestUpdateIsNearRefit learns the last tenth one at a time, and compares with a fit of
// all.
func TestUpdateIsNearRefit(t *testing.T) {
	p := peopletest.New(peopletest.Standard(), 10_001)
	obs := ask(p, 0, 500)
	m, all := fit(t, obs[:450], nil), fit(t, obs, nil)
	var cells []Item
	for _, c := range p.Cells() {
		cells = append(cells, Item{Kind: c.Name(), Level: c.Level + 1})
	}
	before := Distance(m, all, cells, cells)
	for i := range obs[450:] {
		m.Update(&obs[450+i], nil)
	}
	after := Distance(m, all, cells, cells)
	t.Logf("%.4f stars away before the updates, %.4f after", before, after)
	if !(after < before/2) {
		t.Errorf("50 updates leave a distance of %.4f stars from a fit, and without them it is %.4f", after, before)
	}
}

// TestFitLikeAnother begins with the variances of a fit to a tenth more: it ends where a whole
// search does, and takes nothing else of the other.
func TestFitLikeAnother(t *testing.T) {
	p := peopletest.New(peopletest.Standard(), 10_004)
	obs := ask(p, 0, 1000)
	var cells []Item
	for _, c := range p.Cells() {
		cells = append(cells, Item{Kind: c.Name(), Level: c.Level + 1})
	}
	all, part := fit(t, obs, nil), fit(t, obs[:900], nil)
	like := fit(t, obs[:900], &Options{Like: all})
	if got, with := Distance(like, part, cells, cells), Distance(all, part, cells, cells); !(got < 0.01 && got < with/5) {
		t.Errorf("a short search ends %.4f stars from a whole one; the other is %.4f away", got, with)
	}
	if like.Count() != part.Count() || like.opts != part.opts {
		t.Errorf("it says %d and %+v, a whole search %d and %+v", like.Count(), like.opts, part.Count(), part.opts)
	}
}

// TestEditTakesBack edits a rating: what is known then is nearly what a model knows that
// saw the last word alone.
func TestEditTakesBack(t *testing.T) {
	p := peopletest.New(peopletest.Standard(), 10_002)
	obs := ask(p, 0, 300)
	edited, straight := fit(t, obs, nil), fit(t, obs, nil)
	first := Observation{Rater: "p1", Item: Item{ID: "new", Kind: "kind03", Level: 2}, Stars: 1, At: epoch.Add(9000 * time.Hour)}
	last := first
	last.Stars = 4
	at := func(m *Model) float64 { p, _ := m.Predict(&first.Item); return p.Mean }
	none := at(straight)
	straight.Update(&last, nil)
	edited.Update(&first, nil)
	low := at(edited)
	edited.Update(&last, &first)
	if !(low < none && none < at(straight) && math.Abs(at(edited)-at(straight)) < 0.2*(at(straight)-low)) {
		t.Errorf("%.3f at first, %.3f after 1 star, %.3f after that became 4, %.3f with 4 at once", none, low, at(edited), at(straight))
	}
	again := at(edited)
	edited.Update(&last, &last)
	if got := at(edited); got != again {
		t.Errorf("the same word again moves a prediction from %v to %v", again, got)
	}
}

func TestModelIsStored(t *testing.T) {
	obs := mixed(3, 200)
	m := fit(t, obs, nil)
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again, err := fit(t, obs, nil).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if Digest(b) != Digest(again) {
		t.Error("two fits of the same ratings differ")
	}
	var read Model
	if err := read.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	extra := mixed(4, 60)
	for i := range extra { // with names and raters that are new
		extra[i].Item.Kind += "x"
		m.Update(&extra[i], nil)
		read.Update(&extra[i], nil)
	}
	for i := range extra {
		want, ok := m.Predict(&extra[i].Item)
		got, also := read.Predict(&extra[i].Item)
		if d := cmp.Diff(want, got); d != "" || ok != also {
			t.Fatalf("a model that was stored predicts otherwise (-kept +read):\n%s", d)
		}
	}
	for _, part := range []string{"raters", "items", "kinds"} {
		without := strings.Replace(string(b), `"`+part+`":{`, `"`+part+`":null,"other":{`, 1)
		if without == string(b) || new(Model).UnmarshalBinary([]byte(without)) == nil {
			t.Errorf("what was written without %s is a model", part)
		}
	}
	for cut := range 50 {
		if new(Model).UnmarshalBinary(b[:cut*len(b)/50]) == nil {
			t.Errorf("%d of %d bytes are a model", cut*len(b)/50, len(b))
		}
	}
}

func TestUnknownKindsAreNotPredicted(t *testing.T) {
	m := fit(t, mixed(5, 100), nil)
	if p, ok := m.Predict(&Item{Kind: "other", Text: "roman numerals"}); ok {
		t.Errorf("a kind that nobody rated is predicted: %+v", p)
	}
	if p, ok := m.Cell("other", "", 1, 0); ok {
		t.Errorf("a kind that nobody rated is predicted: %+v", p)
	}
	if _, ok := m.Predict(&Item{Kind: "kind1", Text: "roman numerals"}); !ok {
		t.Error("a kind that was rated is not predicted")
	}
}

// TestWildObservations lets anything be rated by anybody.
func TestWildObservations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var obs []Observation
		for range rapid.IntRange(MinRatings, 60).Draw(t, "n") {
			o := Observation{
				Rater: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "rater"), Stars: rapid.IntRange(-1, 7).Draw(t, "stars"),
				At: epoch.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "at"))),
				Item: Item{ID: rapid.SampledFrom([]string{"", "x", "y", "z"}).Draw(t, "id"),
					Kind:   rapid.SampledFrom([]string{"", "k", "k/l", "@"}).Draw(t, "kind"),
					Family: rapid.SampledFrom([]string{"", "f", "f@2"}).Draw(t, "family"), Level: rapid.IntRange(-1, 3).Draw(t, "level"),
					Text: rapid.String().Draw(t, "text"), Confidence: rapid.Float64().Draw(t, "confidence"), Evidence: rapid.Int().Draw(t, "evidence")},
			}
			if rapid.Bool().Draw(t, "flag") {
				yes := rapid.Bool().Draw(t, "yes")
				o.Helpful = &yes
			}
			obs = append(obs, o)
		}
		m, err := Fit(obs, nil)
		if errors.Is(err, ErrTooFew) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range obs {
			m.Update(&obs[i], nil)
			p, ok := m.Predict(&obs[i].Item)
			if ok && !(p.Mean >= 1 && p.Mean <= 5 && p.SD >= 0 && p.SD < 3 && p.Variance > 0) {
				t.Fatalf("%+v of %+v", p, obs[i])
			}
		}
	})
}

// TestMeansAreStars predicts what is liked by nobody, or by everybody: rounding had made the
// mean less than one star.
func TestMeansAreStars(t *testing.T) {
	m := fit(t, mixed(8, 100), nil)
	for _, z := range []float64{-1e6, -126.5, 0, 126.5, 1e6} {
		if p := m.predict(z, 338.25); !(p.Mean >= 1 && p.Mean <= 5 && p.SD >= 0) {
			t.Errorf("a worth of %v is %+v", z, p)
		}
	}
}

// TestRefitOfManyIsQuick fits 100,000 ratings of 5,000 texts by 500 people. The document
// says what it takes on one processor.
func TestRefitOfManyIsQuick(t *testing.T) {
	if !*full {
		t.Skip("runs with -full")
	}
	obs := mixed(6, 15_000)
	for len(obs) < 100_000 {
		more := obs[len(obs)%15_000]
		more.Rater, more.At = fmt.Sprint("r", len(obs)%500), epoch.Add(time.Duration(len(obs))*time.Minute)
		obs = append(obs, more)
	}
	rng, of := rand.New(rand.NewPCG(9, 53)), map[string][]float32{}
	for i := range obs { // what an embedder says of the texts
		item := &obs[i].Item
		if of[item.ID] == nil {
			vector := make([]float32, 64)
			for j := range vector {
				vector[j] = float32(rng.NormFloat64())
			}
			of[item.ID] = Project(vector)
		}
		item.Meaning = of[item.ID]
	}
	for _, o := range []*Options{nil, {Embedder: "e"}} {
		start, cpu := time.Now(), proc.CPUTime()
		m := fit(t, obs, o)
		took := proc.CPUTime() - cpu
		t.Logf("a fit of %d ratings by %d people, with the embedder %q: %v, %v of processor time", m.Count(), m.Raters(), m.Embedder(),
			time.Since(start).Round(time.Millisecond), took)
		if took > 10*time.Second {
			t.Errorf("%v of processor time, want at most 10 s", took)
		}
	}
}

// TestOlderRatingsFade has people give a kind some 2.5 stars and, two half-lives later, as often
// some 3.5: the earlier ratings count a quarter. Another kind is always given 3.
func TestOlderRatingsFade(t *testing.T) {
	const n, life = 400, 30 * 24 * time.Hour
	rng := rand.New(rand.NewPCG(11, 3))
	var obs []Observation
	for k := range 2 * n {
		o := Observation{Rater: fmt.Sprint("r", k%20), At: epoch, Item: Item{ID: fmt.Sprint("i", k), Kind: fmt.Sprint("kind", k/20%2)}}
		worth := 3.0
		if o.Item.Kind == "kind1" {
			worth = 2.5
		}
		if k >= n {
			o.At = epoch.Add(2 * life)
			worth = 6 - worth
		}
		o.Stars = min(max(int(math.Round(worth+rng.NormFloat64())), 1), 5)
		obs = append(obs, o)
	}
	mean := func(half time.Duration) float64 {
		p, ok := fit(t, obs, &Options{HalfLife: half}).Predict(&Item{Kind: "kind1"})
		if !ok {
			t.Fatal("a kind that was rated is not predicted")
		}
		return p.Mean
	}
	never, slow, quick := mean(1e6*time.Hour), mean(life), mean(life/4)
	if !(math.Abs(never-3) < 0.12 && math.Abs(slow-(2.5*0.25+3.5)/1.25) < 0.12 && math.Abs(quick-3.5) < 0.12) {
		t.Errorf("%.2f stars where nothing fades, %.2f after two half-lives, %.2f after eight; want 3, 3.3 and 3.5", never, slow, quick)
	}
}

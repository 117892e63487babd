package rlhf

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
)

var (
	full = flag.Bool("full", false, "simulate as many people as the documents say")
	most = flag.Int("most", 200, "with -full, simulate at most so many worlds")
	part = flag.Int("part", 0, "simulate the ten people of this number alone, and log each")
)

// firstSeed is that of the first simulated people. The constants were chosen on others,
// with seeds below it.
const firstSeed = 40_000

// lottery is a policy that likes all candidates alike.
type lottery struct {
	cs    []hobby.Candidate
	items int // answers of a session
	asked int
}

func (l *lottery) plan(r *rand.Rand) hobby.Plan {
	l.asked++
	p := hobby.Plan{Policy: "lottery/1", Candidates: l.cs, Budget: hobby.Budget{Items: l.items}}
	c := l.cs[r.IntN(len(l.cs))]
	p.Kind, p.Family, p.Level, p.Propensity = c.Kind, c.Family, c.Level, c.Probability
	return p
}

// Choose implements hobby.Policy.
func (l *lottery) Choose(_ context.Context, s hobby.State) (hobby.Plan, error) {
	return l.plan(s.Rand), nil
}

// life is an agent that practises for people who rate it. A day has 20 sessions. Each is
// shown to one of them. At its end the model is fitted, and the policy is checked, whether it
// follows or not.
type life struct {
	t      *testing.T
	people *peopletest.People
	policy lottery
	opts   PolicyOptions
	rng    *rand.Rand

	all     []Rated
	plans   map[string]*hobby.Plan
	model   *taste
	now     ModelInfo // whether the policy follows, and since when
	chosen  int
	ratings int
	turns   []int // the ratings each time that it began to follow or was rolled back
	last    OffPolicy
	day     int     // sessions of a day
	longer  float64 // how many stars people like a session more that is twice as long
	quick   bool    // while the policy is followed, look at nothing but what ends it
}

func newLife(t *testing.T, r peopletest.Rules, seed uint64) *life {
	l := &life{t: t, people: peopletest.New(r, seed), opts: PolicyOptions{}.withDefaults(), day: sessionsOfDay, rng: rand.New(rand.NewPCG(seed, 2)),
		plans: map[string]*hobby.Plan{}}
	cells := l.people.Cells()
	for _, c := range cells {
		l.policy.cs = append(l.policy.cs, hobby.Candidate{Kind: hobby.Kind(c.Name()), Level: c.Level + 1, Probability: 1 / float64(len(cells))})
	}
	return l
}

const sessionsOfDay = 20

// session is a choice, and perhaps a rating.
func (l *life) session() {
	p := l.policy.plan(l.rng)
	if l.model != nil {
		p = vary(p, nil, l.rng)
	}
	if l.now.Follows {
		p = steer(p, l.model, &l.opts, l.rng)
	}
	l.practise(p)
	if l.chosen%l.day == 0 {
		l.night()
	}
}

// at is when the next session is.
func (l *life) at() time.Time {
	return time.Unix(1_800_000_000, 0).UTC().Add(time.Duration(l.chosen) * 24 * time.Hour / time.Duration(l.day))
}

// practise does as a plan says, and perhaps somebody rates it.
func (l *life) practise(p hobby.Plan) {
	at := l.at()
	id := fmt.Sprint("a", l.chosen)
	l.chosen++
	l.plans[id] = &p
	who := l.people.Person()
	more := l.longer * math.Log2(float64(max(p.Budget.Items, 1))/float64(max(l.policy.items, 1)))
	if stars, ok := l.people.RateMore(who, l.cell(p.Kind, p.Level), more); ok {
		l.ratings++
		r := Rated{Feedback: Feedback{Pos: int64(l.ratings), Type: Activity, Target: id, Rater: fmt.Sprint("p", who), Rating: stars, At: at},
			About: Target{Type: Activity, ID: id, Kind: p.Kind, Level: p.Level, Activity: id, Items: p.Budget.Items}}
		l.all = append(l.all, r)
		if l.model != nil {
			l.model.learn(&r)
		}
	}
}

func (l *life) cell(k hobby.Kind, level int) peopletest.Cell {
	var n int
	fmt.Sscanf(string(k), "kind%d", &n)
	return peopletest.Cell{Kind: n, Level: level - 1}
}

// night fits, and checks.
func (l *life) night() {
	m, err := fitTaste(l.all, nil)
	if untold(err) {
		return
	} else if err != nil {
		l.t.Fatal(err)
	}
	l.model = m
	since := m.model.Since()
	if !l.now.Follows && float64(l.ratings) < l.opts.Effective {
		return
	}
	f := following{now: l.now.Follows, since: l.now.switched}
	if l.quick && f.now {
		l.last = f.worse(decisions(l.all, l.plans, f.since), &l.opts)
	} else if l.last, err = evaluate(l.all, l.plans, since, &l.opts, nil, nil, f); err != nil {
		l.t.Fatal(err)
	}
	if l.last.switches(l.now.Follows) {
		l.now.Follows, l.now.switched = !l.now.Follows, l.at()
		l.turns = append(l.turns, l.ratings)
	}
}

// worth is the true mean rating of what is chosen by a distribution over the candidates.
func (l *life) worth(q []float64) (v float64) {
	for i, c := range l.policy.cs {
		v += q[i] * l.people.Expected(-1, l.cell(c.Kind, c.Level))
	}
	return v
}

// worths are the true mean ratings of what is chosen by the policy, by the one that learned
// nothing, and by an oracle that knows the shared taste and has the same limits.
func (l *life) worths() (policy, unlearned, oracle float64) {
	base, taste := make([]float64, len(l.policy.cs)), make([]float64, len(l.policy.cs))
	for i, c := range l.policy.cs {
		base[i], taste[i] = c.Probability, l.people.Taste(l.cell(c.Kind, c.Level))
	}
	unlearned = l.worth(base)
	policy = unlearned
	if l.now.Follows {
		stars, _ := l.model.expectAll(l.policy.cs)
		policy = l.worth(l.opts.tilted(l.policy.cs, base, stars))
	}
	free := l.opts
	free.Sharpness = 100 // only the divergence bounds the oracle
	return policy, unlearned, l.worth(free.tilted(l.policy.cs, base, taste))
}

func seeds(few, many int) (s []uint64) {
	n, first := few, firstSeed
	if *full {
		n = min(many, *most)
	}
	if *part > 0 { // ten of the many
		n, first = 10, firstSeed+10*(*part)
	}
	for i := range n {
		s = append(s, uint64(first+i))
	}
	return s
}

// mean is that of values, with the ends of its 95 % interval.
func mean(v []float64) (m, low, high float64) {
	var ss float64
	for _, x := range v {
		m += x / float64(len(v))
	}
	for _, x := range v {
		ss += (x - m) * (x - m)
	}
	away := 1.96 * math.Sqrt(ss/float64(len(v)*(len(v)-1)))
	return m, m - away, m + away
}

// TestPolicyLearnsWhatPeopleLike is the promise: within 500 ratings what the policy
// chooses is rated at least a fifth better, at least 60 % as much better as an oracle's
// choices; and 200 choices after all tastes changed that is so again.
func TestPolicyLearnsWhatPeopleLike(t *testing.T) {
	if race.Enabled {
		t.Skip("there is one goroutine")
	}
	var rise, share, again, opened []float64
	var backBefore, backAfter int
	for _, seed := range seeds(2, 200) {
		l := newLife(t, peopletest.Standard(), seed)
		for l.ratings < 500 {
			l.session()
		}
		policy, unlearned, oracle := l.worths()
		rise = append(rise, policy/unlearned-1)
		share = append(share, (policy-unlearned)/(oracle-unlearned))
		turns := len(l.turns)
		if turns > 0 {
			opened = append(opened, float64(l.turns[0]))
		}
		backBefore += turns / 2
		l.people.Change()
		for range 200 {
			l.session()
		}
		policy, unlearned, oracle = l.worths()
		again = append(again, (policy-unlearned)/(oracle-unlearned))
		backAfter += len(l.turns)/2 - turns/2
		if k := len(again) - 1; *part > 0 {
			t.Logf("seed %d: %.4f %.4f %.4f", seed, rise[k], share[k], again[k])
		}
		if l.policy.asked != l.chosen {
			t.Fatalf("the inner policy was asked %d times for %d choices", l.policy.asked, l.chosen)
		}
	}
	report := func(what string, v []float64) (m, low float64) {
		m, low, high := mean(v)
		t.Logf("%s: %.3f (%.3f to %.3f, n = %d)", what, m, low, high, len(v))
		return m, low
	}
	if m, low := report("rise", rise); !(m >= 0.2 && low > 0) {
		t.Errorf("what is chosen is rated %.1f %% better, want 20", 100*m)
	}
	if m, _ := report("share of the oracle's lift", share); !(m >= 0.6) {
		t.Errorf("%.0f %% of the oracle's lift, want 60", 100*m)
	}
	if m, _ := report("share of the new oracle's lift after a change", again); !(m >= 0.6) {
		t.Errorf("%.0f %% of the oracle's lift after tastes changed, want 60", 100*m)
	}
	report("ratings until the policy follows", opened)
	t.Logf("rolled back %d times before the change, %d times after it", backBefore, backAfter)
}

// TestNoTasteIsNotFollowed has people who like everything alike, so that no policy is better:
// hardly ever does a check say that one is.
func TestNoTasteIsNotFollowed(t *testing.T) {
	r := peopletest.Standard()
	r.Shared, r.Own = 0, 0
	if race.Enabled {
		t.Skip("there is one goroutine")
	}
	follows := 0
	all := seeds(2, 200)
	for _, seed := range all {
		l := newLife(t, r, seed)
		for l.ratings < 500 {
			l.session()
		}
		if l.last.Decisions < 100 {
			t.Fatalf("the last check is of %d decisions", l.last.Decisions)
		}
		if len(l.turns) > 0 {
			follows++
		}
	}
	t.Logf("%d of %d follow", follows, len(all))
	if follows > len(all)*5/100 {
		t.Errorf("%d of %d policies follow a taste that nobody has, want at most 5 %%", follows, len(all))
	}
}

// TestTasteOfLengthIsFollowed has people who like short sessions, or long ones, or do not mind,
// rate what a lottery chooses. It counts the answers of what the policy then chooses: without a
// taste there are as many as the inner policy has.
func TestTasteOfLengthIsFollowed(t *testing.T) {
	const items = 12
	answers := func(longer float64, seed uint64) (sum float64) {
		l := newLife(t, peopletest.Standard(), seed)
		l.policy.items, l.longer = items, longer
		for l.ratings < 400 {
			l.practise(vary(l.policy.plan(l.rng), nil, l.rng))
		}
		m, err := fitTaste(l.all, nil)
		if err != nil {
			t.Fatal(err)
		}
		const n = 300
		for range n {
			p := steer(vary(l.policy.plan(l.rng), nil, l.rng), m, &l.opts, l.rng)
			if !recorded(&p) {
				t.Fatalf("the record of a choice is none: %+v", p)
			}
			for _, c := range p.Candidates {
				sum += c.Probability * float64(c.Items) / n
			}
		}
		return sum
	}
	var short, any, long []float64
	for _, seed := range seeds(2, 200) {
		short, any, long = append(short, answers(-0.7, seed)), append(any, answers(0, seed)), append(long, answers(0.7, seed))
	}
	report := func(what string, v []float64) float64 {
		m, low, high := mean(v)
		t.Logf("where people %s, sessions have %.2f answers (%.2f to %.2f, n = %d)", what, m, low, high, len(v))
		return m
	}
	s, a, g := report("like short ones", short), report("do not mind", any), report("like long ones", long)
	if !(s < 0.9*items && g > 1.15*items && math.Abs(a-items) < 0.1*items) {
		t.Errorf("sessions have %.1f, %.1f and %.1f answers", s, a, g)
	}
}

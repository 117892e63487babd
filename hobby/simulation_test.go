package hobby_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// rules are the assumptions of a simulated learner, to compare policies with
// each other. It is no model of language models.
//
//   - A month of nights, eight sessions of 12 answers each: 20 sessions for
//     each of 12 families, too few to learn all of them.
//   - A family's skill is an ability in logits; an answer is right with the
//     chance logistic(ability). It starts between -3 and -1 (5 % to 27 %).
//   - A session adds the family's rate to its ability. Rates are log-uniform
//     from 0.03 to 0.3: some families are learned in a week, some not in a
//     month. Nothing tells a policy which.
//   - Families come in chains of three. What is required must be known before
//     a family opens, as with a Manager, and a session teaches only as much of
//     it as the chance to pass what it requires.
//   - Of what was learned, what is not practised loses a part at each session;
//     its half-life is log-uniform from 10 to 60 days.
//   - One family is a coin: it stays at an even chance whatever is done.
//
// The result is the mean chance to pass over the learnable families after the
// last session.
type rules struct {
	families, sessions, nightly, answers int
	// rate is the range of rates, halfLife that of half-lives in days.
	rate, halfLife [2]float64
	// start is the range of abilities at first.
	start [2]float64
	// chain is the length of the chains of requirements.
	chain int
	// grow is one session's learning: the ability after it.
	grow func(ability, rate float64) float64
	// known is what the lower end of a required family's interval must exceed.
	known float64
	// withheld is the number of days of which a policy does not see one; 0 for none.
	withheld int
}

func standard() rules {
	return rules{
		families: 12, sessions: 240, nightly: 8, answers: 12,
		rate: [2]float64{0.03, 0.3}, halfLife: [2]float64{10, 60}, start: [2]float64{-3, -1}, chain: 3,
		grow:  func(a, rate float64) float64 { return a + rate },
		known: 0.5,
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// learner is a simulated learner.
type learner struct {
	rules
	r        *rand.Rand
	now      time.Time
	skills   []skill
	coin     int
	sessions int
	coins    int // sessions that went into the coin
}

type skill struct {
	info                           hobby.Family
	requires                       []int
	first, ability, rate, halfLife float64
	items, passes                  int64
	recent                         []int // passes of the last sessions
	last, day1                     time.Time
}

// window is how many of the last sessions an estimate is of.
const window = 5

func newLearner(r rules, seed uint64) *learner {
	l := &learner{rules: r, r: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1e9, 0).UTC()}
	uniform := func(b [2]float64) float64 { return b[0] + (b[1]-b[0])*l.r.Float64() }
	logUniform := func(b [2]float64) float64 { return math.Exp(uniform([2]float64{math.Log(b[0]), math.Log(b[1])})) }
	l.skills = make([]skill, r.families)
	l.coin = l.r.IntN(r.families)
	before, in := -1, 0
	for i := range l.skills {
		s := &l.skills[i]
		s.info = hobby.Family{Name: fmt.Sprintf("f%02d", i), Levels: 1}
		s.first, s.rate, s.halfLife = uniform(r.start), logUniform(r.rate), logUniform(r.halfLife)
		s.ability = s.first
		if i == l.coin {
			s.ability, s.rate = 0, 0
			continue
		}
		if in%r.chain > 0 {
			s.requires = []int{before}
			s.info.Requires = []string{l.skills[before].info.Name}
		}
		before, in = i, in+1
	}
	return l
}

// estimate is the learner's record in a family as a policy sees it: the
// posterior of a Beta(1, 1) over the last sessions.
func (s *skill) estimate(answers int) hobby.Estimate {
	if s.items == 0 {
		return hobby.Estimate{}
	}
	a, b := 1.0, 1.0
	for _, k := range s.recent {
		a, b = a+float64(k), b+float64(answers-k)
	}
	m := a / (a + b)
	sd := math.Sqrt(m * (1 - m) / (a + b + 1))
	return hobby.Estimate{Mean: m, Low: max(0, m-1.96*sd), High: min(1, m+1.96*sd), Items: s.items, Passes: s.passes, Last: s.last}
}

func (l *learner) state() hobby.State {
	k := hobby.KindState{Kind: "sim", Last: l.now}
	for i := range l.skills {
		s := &l.skills[i]
		e := s.estimate(l.answers)
		open := !slices.ContainsFunc(s.requires, func(j int) bool { return l.skills[j].estimate(l.answers).Low <= l.known })
		k.Families = append(k.Families, hobby.FamilyState{Family: s.info, Estimate: e, Levels: []hobby.Estimate{e}, Level: 1, Open: open})
	}
	return hobby.State{Now: l.now, Kinds: []hobby.KindState{k}, Knobs: hobby.Knobs{FocusOnWeaknesses: true, Intensity: 0.5}, Rand: l.r}
}

// practise is one session; after the last of a night comes a day.
func (l *learner) practise(name string) {
	i := slices.IndexFunc(l.skills, func(s skill) bool { return s.info.Name == name })
	s := &l.skills[i]
	k := 0
	for range l.answers {
		if l.r.Float64() < logistic(s.ability) {
			k++
		}
	}
	if today := l.now.Truncate(24 * time.Hour); l.withheld == 0 || s.items == 0 || s.last.Equal(today) && s.day1.Equal(today) ||
		(hobby.Day(today)+i)%l.withheld > 0 {
		if s.items == 0 {
			s.day1 = today
		}
		s.items, s.passes, s.last = s.items+int64(l.answers), s.passes+int64(k), today
		if s.recent = append(s.recent, k); len(s.recent) > window {
			s.recent = s.recent[1:]
		}
	}
	rate := s.rate
	for _, j := range s.requires {
		rate *= logistic(l.skills[j].ability)
	}
	if i == l.coin {
		l.coins++
	} else {
		s.ability = l.grow(s.ability, rate)
	}
	for j := range l.skills {
		if s := &l.skills[j]; j != i && j != l.coin {
			s.ability = s.first + (s.ability-s.first)*math.Exp2(-1/(s.halfLife*float64(l.nightly)))
		}
	}
	l.sessions++
	l.now = l.now.Add(15 * time.Minute)
	if l.sessions%l.nightly == 0 {
		l.now = l.now.Truncate(24 * time.Hour).Add(26 * time.Hour)
	}
}

// score is the mean chance to pass of the families that can be learned.
func (l *learner) score() (m float64) {
	for i := range l.skills {
		if i != l.coin {
			m += logistic(l.skills[i].ability) / float64(len(l.skills)-1)
		}
	}
	return m
}

// learn lets a policy teach a learner, and returns what came of it and the
// share of the sessions that went into the coin.
func learn(t *testing.T, r rules, seed uint64, p hobby.Policy) (score, coins float64) {
	l := newLearner(r, seed)
	for range r.sessions {
		plan, err := p.Choose(t.Context(), l.state())
		if err != nil {
			t.Error(err)
			return 0, 0
		}
		l.practise(plan.Family)
	}
	return l.score(), float64(l.coins) / float64(l.sessions)
}

// roundRobin practises the open families in turn.
type roundRobin struct{ next int }

func (p *roundRobin) Choose(_ context.Context, s hobby.State) (hobby.Plan, error) {
	for {
		f := s.Kinds[0].Families[p.next%len(s.Kinds[0].Families)]
		if p.next++; f.Open {
			return hobby.Plan{Kind: s.Kinds[0].Kind, Family: f.Family.Name, Level: 1, Propensity: 1}, nil
		}
	}
}

// successChaser practises what succeeds.
type successChaser struct{}

func (successChaser) Choose(_ context.Context, s hobby.State) (hobby.Plan, error) {
	best, mean := 0, -1.0
	for i, f := range s.Kinds[0].Families {
		if f.Open && f.Estimate.Mean > mean {
			best, mean = i, f.Estimate.Mean
		}
	}
	return hobby.Plan{Kind: s.Kinds[0].Kind, Family: s.Kinds[0].Families[best].Family.Name, Level: 1, Propensity: 1}, nil
}

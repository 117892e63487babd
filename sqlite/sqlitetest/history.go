package sqlitetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// History says what Fill makes. The zero value is legal.
type History struct {
	// Activities is how many there are. Default 1000.
	Activities int
	// Days is the number of UTC days over which they are spread. The last is the
	// day before Newest's. Default 100.
	Days int
	// Newest is the time of the history's end. Default now.
	Newest time.Time
	// Kinds are practised in turn. Default "skill_practice" and
	// "code_analysis".
	Kinds []hobby.Kind
	// Families are practised in turn, at levels 1 to 3. Default "arithmetic",
	// "dates", "sorting" and "units".
	Families []string
	// Items is how many verified answers each activity has. Default 1.
	Items int
	// Candidates is how many candidates each plan has, as a policy stores them.
	// Default 0; the default policy has some 30 of them.
	Candidates int
	// Agent is the agent of all activities. Default "agent".
	Agent string
}

func (h History) withDefaults() History {
	if h.Activities == 0 {
		h.Activities = 1000
	}
	if h.Days == 0 {
		h.Days = 100
	}
	if h.Newest.IsZero() {
		h.Newest = time.Now()
	}
	if h.Kinds == nil {
		h.Kinds = []hobby.Kind{"skill_practice", "code_analysis"}
	}
	if h.Families == nil {
		h.Families = []string{"arithmetic", "dates", "sorting", "units"}
	}
	if h.Items == 0 {
		h.Items = 1
	}
	if h.Agent == "" {
		h.Agent = "agent"
	}
	return h
}

// day is the start of the n-th day of the history.
func (h History) day(n int) time.Time {
	return h.Newest.UTC().Truncate(24*time.Hour).AddDate(0, 0, n-h.Days)
}

// ModelKey is the key of the model that answers in a History.
var ModelKey = hobby.ModelKey("sqlitetest", "scripted")

// session is the i-th of n on a day.
func (h History) session(day, i, n int) hobby.Session {
	rng := rand.New(rand.NewPCG(uint64(day), uint64(i)))
	started := h.day(day).Add(23 * time.Hour / time.Duration(n) * time.Duration(i))
	turn := i + day*n
	kind := h.Kinds[turn%len(h.Kinds)]
	family, level := h.Families[turn/len(h.Kinds)%len(h.Families)], 1+rng.IntN(3)
	a := hobby.Activity{
		ID: id(day, i, 0), Agent: h.Agent, Status: hobby.Completed,
		Plan: hobby.Plan{
			Kind: kind, Family: family, Level: level, Seed: rng.Uint64(), Policy: "learnability/1", Propensity: 0.25,
			Budget: hobby.Budget{Time: 10 * time.Minute},
		},
		Started: started, Ended: started.Add(time.Duration(5+rng.IntN(40)) * time.Second),
		Description: fmt.Sprintf("%s: %s, level %d", kind.Title(), family, level),
		Engaged:     4 * time.Second, Cost: hobby.Cost{TokensIn: 120, TokensOut: 30, CPU: 50 * time.Millisecond},
		Model: "scripted", ModelKey: ModelKey,
	}
	switch rng.IntN(20) {
	case 0:
		a.Status, a.Err = hobby.Failed, "the model does not answer"
	case 1:
		a.Status, a.Err = hobby.Interrupted, hobby.ErrUserReturned.Error()
	}
	for n := range h.Candidates {
		a.Plan.Candidates = append(a.Plan.Candidates, hobby.Candidate{
			Kind: kind, Family: h.Families[n%len(h.Families)], Level: 1 + n/len(h.Families), Score: rng.Float64(),
			Probability: 1 / float64(h.Candidates),
		})
	}
	s := hobby.Session{Activity: a, Insights: insights(day, i, &a)}
	for n := range h.Items {
		s.Items = append(s.Items, item(day, i, n, &a, rng))
	}
	return s
}

// item is the n-th of an activity.
func item(day, i, n int, a *hobby.Activity, rng *rand.Rand) hobby.Item {
	split := hobby.Practice
	if rng.IntN(5) == 0 {
		split = hobby.HeldOut
	}
	return hobby.Item{
		ID: id(day, i, 0x10+n), Family: a.Plan.Family, Level: a.Plan.Level, Seed: rng.Uint64(), Split: split,
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprintf("Question %d of the family %s?", i, a.Plan.Family)}},
		Answer:   "42", Reference: "42", Score: float64(rng.IntN(2)), Verifier: "exact",
		At: a.Ended, Latency: 4 * time.Second, TokensIn: 120, TokensOut: 30, ModelKey: ModelKey,
	}
}

// insights gives every eighth session one.
func insights(day, i int, a *hobby.Activity) []hobby.Insight {
	if i%8 != 0 {
		return nil
	}
	return []hobby.Insight{{
		ID: id(day, i, 2), Kind: a.Plan.Kind, At: a.Ended, Topic: a.Plan.Family, Confidence: 1,
		Text: fmt.Sprintf("Insight %d about %s.", i, a.Plan.Family),
	}}
}

// id has the shape of a UUIDv7. Those of one day begin with prefix(day).
func id(day, i, what int) string { return fmt.Sprintf("%s%03x-8000-%012x", prefix(day), what, i) }

func prefix(day int) string { return fmt.Sprintf("01900000-%04x-7", day) }

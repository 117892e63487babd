package hobby

import (
	"context"
	"math/rand/v2"
	"time"
)

// Plan is what a Policy decided. It is stored whole with every activity from
// the first one on, so that other policies can be judged on the same record
// later (off-policy evaluation needs the propensities).
type Plan struct {
	Kind Kind `json:"kind"`
	// Family is "" when the whole kind is meant; Level is then 0.
	Family string `json:"family,omitempty"`
	// Topic says what the session prefers; "" leaves it open. See [Topic].
	Topic  string `json:"topic,omitempty"`
	Level  int    `json:"level,omitempty"`
	Budget Budget `json:"budget,omitzero"`
	// Seed makes the session's own draws repeatable.
	Seed uint64 `json:"seed,string"`

	// Policy names the policy and its version, such as "weakest-first/1".
	// [Requested] is a person's own choice.
	Policy string `json:"policy"`
	// Candidates are what the policy could have chosen, including what it chose.
	Candidates []Candidate `json:"candidates,omitempty"`
	// Propensity is the probability in (0, 1] with which the policy, in this
	// state, chose what it chose.
	Propensity float64 `json:"propensity"`
	// Context is what the policy knew about its choice, in the policy's own order.
	Context []float64 `json:"context,omitempty"`
}

// Bare is p without the record of how it was chosen: what somebody needs who
// carries it out, or is told of it.
func (p Plan) Bare() Plan {
	p.Candidates, p.Context = nil, nil
	return p
}

// Candidate is one thing that the policy could have chosen.
type Candidate struct {
	Kind   Kind   `json:"kind"`
	Family string `json:"family,omitempty"`
	Level  int    `json:"level,omitempty"`
	// Items is how many answers a session of it would have; 0 is the plan's Budget.
	// The manager cuts it where less is left of the day's items.
	Items int `json:"items,omitempty"`
	// Score is the policy's own measure; more is better.
	Score float64 `json:"score"`
	// Probability in [0, 1] is the chance that the policy gave it.
	Probability float64 `json:"probability"`
}

// Policy chooses what to practise. Choose is called by one goroutine at a
// time and must not keep s. It returns [ErrNothing] when resting is best.
// The caller fills in Budget and Seed where the policy left them zero.
type Policy interface {
	Choose(ctx context.Context, s State) (Plan, error)
}

// State is what a Policy sees.
type State struct {
	Now time.Time
	// Kinds are the hobbies that may be practised now: enabled, with a model
	// if they need one, and not resting after failures. While the model does not
	// answer they are those that need none and, when it is time to try again,
	// those that need it.
	Kinds []KindState
	Knobs Knobs
	// Rand is the manager's source of chance, for the policy's own use.
	Rand *rand.Rand
}

// KindState is a hobby as the policy sees it.
type KindState struct {
	Kind     Kind
	Estimate Estimate
	// Families are in the hobby's order; empty for a kind without families.
	Families []FamilyState
	// Items is the number of answers of each of its sessions; 0 leaves it to the policy.
	Items int
	// Last is when the kind was last practised; zero when never.
	Last time.Time
	// Sessions counts its ended activities, Time how long they took.
	Sessions int64
	Time     time.Duration
}

// FamilyState is a family as the policy sees it.
type FamilyState struct {
	Family   Family
	Estimate Estimate
	// Levels has the estimate of each level; Levels[0] is level 1.
	Levels []Estimate
	// Level is the highest level that is open: every level below it is known
	// with 95 % certainty.
	Level int
	// Open says that the families it requires are known; see
	// [FamilyProficiency].
	Open bool
}

// Knobs are the specification's three learning preferences.
type Knobs struct {
	// FocusOnWeaknesses prefers what is known least.
	FocusOnWeaknesses bool `json:"focus_on_weaknesses"`
	// Variety in [0, 1]: how much of the choice is left to chance.
	Variety float64 `json:"variety_factor"`
	// Intensity in [0, 1]: how hard the tasks are and how much of the time
	// budget a session uses.
	Intensity float64 `json:"intensity_level"`
}

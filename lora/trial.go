package lora

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Verdict is the outcome of a trial.
type Verdict string

// The verdicts. Only Promote promotes.
const (
	// Promote: the candidate is better, and no guardrail is broken.
	Promote Verdict = "promote"
	// Rollback: the candidate is worse, or breaks a guardrail.
	Rollback Verdict = "rollback"
	// Futile: the candidate is not better by what is worth having.
	Futile Verdict = "futile"
	// Inconclusive: the pairs were used up before anything was shown.
	Inconclusive Verdict = "inconclusive"
)

// Trial compares a candidate with a baseline by pairs of answers to the same held-out
// tasks. It is stored as it runs, and is closed once it has a Verdict.
type Trial struct {
	ID   string     `json:"id"`
	Kind hobby.Kind `json:"kind"`
	// Candidate and Baseline are the ids of versions; a Baseline of "" is the base.
	Candidate string `json:"candidate"`
	Baseline  string `json:"baseline"`
	// BaseKey is the key of the base as the model answered in the trial, of which the
	// verdict is; "" in trials of before it was kept, and in watches.
	BaseKey string `json:"base_key,omitempty"`
	// Job is the job that it is part of. Activities are those that have the candidate's
	// answers, one of each kind that was asked; of a watch, those of its last exam.
	Job        string   `json:"job,omitempty"`
	Activities []string `json:"activities,omitempty"`
	// Watch says that it follows a champion after its promotion, against what it
	// replaced. LogE and PValue are then against "the candidate is not worse", and a
	// verdict of Rollback alone has consequences.
	Watch   bool      `json:"watch,omitempty"`
	Started time.Time `json:"started"`
	// Ended is zero while it runs.
	Ended time.Time `json:"ended,omitzero"`

	// Pairs counts the pairs so far, and is the sum of Wins, Losses and Ties. Most is
	// how many there may be.
	Pairs  int `json:"pairs"`
	Wins   int `json:"wins"`
	Losses int `json:"losses"`
	Ties   int `json:"ties"`
	Most   int `json:"most"`
	// CandidateScore and BaselineScore are mean scores in [0, 1]; 0 without pairs.
	CandidateScore float64 `json:"candidate_score"`
	BaselineScore  float64 `json:"baseline_score"`
	// Difference is the candidate's score less the baseline's, with an interval that holds
	// however often one has looked, of 1 - 2 Alpha: 95 % by default. Promote says that it is
	// above zero, and Rollback by the pairs that it is below. It is nil while there are no
	// pairs. A trial ends when its pairs have decided, so of what is promoted Mean is larger
	// than the difference is: told are 0.12, 0.165 and 0.29 on average where it is 0.08, 0.12 and
	// 0.24, and four pairs of ten differ. The interval holds it, and the watch that follows
	// measures it anew.
	Difference *hobby.Change `json:"difference,omitempty"`
	// LogE is the natural logarithm of the e-value after the last pair, against "the
	// candidate is not better". PValue is min(1, 1/E) of the largest E so far, which is
	// valid at any time; 1 without pairs.
	LogE   float64 `json:"log_e"`
	PValue float64 `json:"p_value"`
	// Alpha is the level that it is decided at, half of [TrialOptions].Alpha. The other half
	// is, of a trial, for the other end of the interval, and of a watch for the levels one by
	// one.
	Alpha float64 `json:"alpha"`

	// Verdict is "" while it runs. Why is the reason for people.
	Verdict Verdict `json:"verdict,omitempty"`
	Why     string  `json:"why,omitempty"`
	// Levels are the pairs by family and level, and Guardrails what must not get worse.
	Levels     []LevelResult `json:"levels,omitempty"`
	Guardrails []Guardrail   `json:"guardrails,omitempty"`
}

// Discordant counts the pairs that decide: those where one was better.
func (t *Trial) Discordant() int { return t.Wins + t.Losses }

// Validate reports with hobby.ErrInvalid, naming the field, why t cannot be stored.
func (t *Trial) Validate() error {
	switch {
	case t.ID == "":
		return fmt.Errorf("%w: Trial.ID is empty", hobby.ErrInvalid)
	case t.Candidate == "":
		return fmt.Errorf("%w: Trial.Candidate is empty", hobby.ErrInvalid)
	case t.Candidate == t.Baseline:
		return fmt.Errorf("%w: Trial.Baseline is the candidate", hobby.ErrInvalid)
	case min(t.Wins, t.Losses, t.Ties) < 0 || t.Pairs != t.Wins+t.Losses+t.Ties:
		return fmt.Errorf("%w: Trial.Pairs is %d, with %d wins, %d losses and %d ties", hobby.ErrInvalid, t.Pairs, t.Wins, t.Losses, t.Ties)
	case !(t.PValue >= 0 && t.PValue <= 1):
		return fmt.Errorf("%w: Trial.PValue is %v, and not in [0, 1]", hobby.ErrInvalid, t.PValue)
	}
	switch t.Verdict {
	case "", Promote, Rollback, Futile, Inconclusive:
	default:
		return fmt.Errorf("%w: Trial.Verdict is %.32q", hobby.ErrInvalid, t.Verdict)
	}
	if (t.Verdict == "") != t.Ended.IsZero() {
		return fmt.Errorf("%w: Trial.Ended is %v and Trial.Verdict %q: a trial has both or neither", hobby.ErrInvalid, t.Ended, t.Verdict)
	}
	return nil
}

// LevelResult is a trial's pairs of one level of a family.
type LevelResult struct {
	hobby.Level
	Pairs  int `json:"pairs"`
	Wins   int `json:"wins"`
	Losses int `json:"losses"`
	// CandidateScore and BaselineScore are means in [0, 1].
	CandidateScore float64 `json:"candidate_score"`
	BaselineScore  float64 `json:"baseline_score"`
	// Difference has an interval as that of the trial, for this level alone.
	Difference hobby.Change `json:"difference"`
}

// Guardrail is something that must not get worse, as far as it was measured.
type Guardrail struct {
	// Name says what, such as "known levels" or "roman 2".
	Name string `json:"name"`
	// Pairs is how many answers of each were compared.
	Pairs          int     `json:"pairs"`
	CandidateScore float64 `json:"candidate_score"`
	BaselineScore  float64 `json:"baseline_score"`
	// Difference is the candidate's score less the baseline's. For all levels together it
	// has a bootstrap interval of 90 %, whose lower end must not be below -Margin. A level
	// has an exact interval that is corrected for the number of levels, and fails when it is
	// below zero. That of an anchor, which is one case, has no width. It is nil where nothing
	// was measured, which is no pass.
	Difference *hobby.Change `json:"difference,omitempty"`
	// Margin is by how much it may be worse, in [0, 1].
	Margin float64 `json:"margin"`
	Passed bool    `json:"passed"`
	// Why says for people why it did not pass.
	Why string `json:"why,omitempty"`
}

// Pair is the answers of both to one task.
type Pair struct {
	// N counts the pairs of the trial from 0, without gaps.
	N    int          `json:"n"`
	Task hobby.TaskID `json:"task"`
	// Candidate and Baseline are the scores in [0, 1].
	Candidate float64 `json:"candidate"`
	Baseline  float64 `json:"baseline"`
	// LogE is the trial's after this pair.
	LogE float64 `json:"log_e"`
}

// TrialFilter selects trials. Zero fields select all.
type TrialFilter struct {
	ID        string
	Kind      hobby.Kind
	Candidate string
	// Baseline selects by baseline, "" being the base; nil selects all.
	Baseline *string
	Job      string
	// Watch selects watches, or what is none; nil selects all.
	Watch *bool
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after a TrialPage's Next; anything else is ErrInvalid.
	Cursor string
}

// TrialPage is a part of a listing of trials, the last begun first. Next is "" at the
// end.
type TrialPage struct {
	Trials []Trial
	Next   string
}

// abandon closes the trials of a run that was cancelled or has failed. They promote
// nothing, and later nights weigh their evidence as they do that of others: a trial that
// is cancelled because it looks bad counts.
func (p *Pipeline) abandon(j hobby.Job) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // that of the run has ended
	defer cancel()
	page, err := p.store.Trials(ctx, TrialFilter{Job: j.ID})
	for _, t := range page.Trials {
		if t.Verdict != "" {
			continue
		}
		t.Verdict, t.Why, t.Ended = Inconclusive, "its run is "+string(j.Status), time.Now().UTC()
		err = errors.Join(err, p.store.PutTrial(ctx, t, nil, nil, nil))
		now, aliases := p.store.Aliases(ctx)
		if err = errors.Join(err, aliases); now[t.Kind][Candidate] == t.Candidate {
			flip := Flip{Kind: t.Kind, Alias: Candidate, From: t.Candidate, By: byTrial, Why: t.Why}
			err = errors.Join(err, p.store.Point(ctx, []Flip{flip}, nil))
		}
	}
	if err != nil {
		p.opts.Logger.Warn("closing the trials of a run", "job", j.ID, "error", err)
	}
}

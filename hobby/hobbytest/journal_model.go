package hobbytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// CheckJournal makes the same random calls to the journals of two living processes
// over the same data, and to a simple model, and compares what they return. open
// returns both, empty, and a function that closes them.
func CheckJournal(t *testing.T, open func(t *testing.T) (a, b hobby.Journal, closes func() error)) {
	rapid.Check(t, func(r *rapid.T) {
		a, b, closes := open(t)
		defer func() {
			if err := closes(); err != nil {
				r.Error(err)
			}
		}()
		m := &journalModel{r: r, of: [2]hobby.Journal{a, b}}
		r.Repeat(map[string]func(*rapid.T){
			"": m.check, "start": m.start, "claim": m.claim, "keep": m.keep, "release": m.release, "cancel": m.cancel,
		})
	})
}

// modelJob is a job, who has it, and every claim that was ever given out.
type modelJob struct {
	hobby.Job
	holder int // -1 for nobody
	claims []modelClaim
}

type modelClaim struct {
	job    hobby.Job
	holder int
}

type journalModel struct {
	r    *rapid.T
	of   [2]hobby.Journal
	jobs []*modelJob // in the order of their creation
}

var (
	modelLines  = rapid.SampledFrom([]string{"lora", "archive"})
	modelStages = rapid.SampledFrom([]string{"first", "second"})
	modelEnds   = rapid.SampledFrom([]hobby.JobStatus{hobby.JobOpen, hobby.JobOpen, hobby.JobCompleted, hobby.JobFailed, hobby.JobCancelled})
)

func (m *journalModel) process() int { return rapid.IntRange(0, 1).Draw(m.r, "process") }

// job draws a job; nil while there is none.
func (m *journalModel) job() *modelJob {
	if len(m.jobs) == 0 {
		return nil
	}
	return m.jobs[rapid.IntRange(0, len(m.jobs)-1).Draw(m.r, "job")]
}

// want asserts the error and, without one, what was returned.
func (m *journalModel) want(doing string, got hobby.Job, err, wantErr error, want *modelJob) {
	m.r.Helper()
	if !errors.Is(err, wantErr) {
		m.r.Fatalf("%s: error %v, want %v", doing, err, wantErr)
	}
	if err != nil {
		return
	}
	want.Version++
	if want.Status.Ended() && want.Ended.IsZero() {
		want.holder, want.Ended = -1, got.Ended
		if got.Ended.IsZero() {
			m.r.Fatalf("%s: it has ended, but not when", doing)
		}
	}
	m.same(doing, got, want.Job)
}

func (m *journalModel) same(what string, got, want hobby.Job) {
	m.r.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(hobby.Job{}, "Fence")); diff != "" {
		m.r.Fatalf("%s (-model +journal):\n%s", what, diff)
	}
}

func (m *journalModel) check(r *rapid.T) {
	for _, of := range m.of {
		p, err := of.Jobs(r.Context(), hobby.JobFilter{})
		if err != nil || len(p.Jobs) != len(m.jobs) {
			r.Fatalf("%d jobs, %v; want %d", len(p.Jobs), err, len(m.jobs))
		}
		slices.Reverse(p.Jobs)
		for i, j := range p.Jobs {
			m.same("job "+j.ID, j, m.jobs[i].Job)
		}
	}
}

func (m *journalModel) start(r *rapid.T) {
	j := hobby.Job{ID: fmt.Sprint("job", len(m.jobs)), Line: modelLines.Draw(r, "line"), Stage: "first"}
	got, err := m.of[m.process()].StartJob(r.Context(), j)
	if slices.ContainsFunc(m.jobs, func(o *modelJob) bool { return o.Line == j.Line && !o.Status.Ended() }) {
		m.want("a second job of the line", got, err, hobby.ErrBusy, nil)
		return
	}
	j.Status, j.Created = hobby.JobOpen, got.Created
	added := &modelJob{Job: j, holder: -1}
	m.jobs = append(m.jobs, added)
	m.want("start", got, err, nil, added)
}

func (m *journalModel) claim(r *rapid.T) {
	j, p := m.job(), m.process()
	if j == nil {
		return
	}
	got, err := m.of[p].ClaimJob(r.Context(), j.ID)
	switch {
	case j.Status.Ended():
		m.want("claiming what has ended", got, err, hobby.ErrStale, nil)
		return
	case j.holder >= 0:
		m.want("claiming what is held", got, err, hobby.ErrHeld, nil)
		return
	}
	j.holder, j.Tries = p, j.Tries+1
	if j.Started.IsZero() {
		j.Started = got.Started
	}
	m.want("claim", got, err, nil, j)
	j.claims = append(j.claims, modelClaim{got, p})
}

// claimed draws a job and one of its claims, which may have been lost. current says
// that it was not.
func (m *journalModel) claimed() (j *modelJob, c modelClaim, p int, current bool) {
	j, p = m.job(), m.process()
	if j == nil || len(j.claims) == 0 {
		return nil, c, 0, false
	}
	i := rapid.IntRange(0, len(j.claims)-1).Draw(m.r, "claim")
	c = j.claims[i]
	return j, c, p, i == len(j.claims)-1 && j.holder == c.holder && p == c.holder && !j.Status.Ended()
}

func (m *journalModel) keep(r *rapid.T) {
	j, c, p, current := m.claimed()
	if j == nil {
		return
	}
	kept := c.job
	kept.Status, kept.Stage = modelEnds.Draw(r, "status"), modelStages.Draw(r, "stage")
	kept.State = json.RawMessage(fmt.Sprint(rapid.IntRange(0, 2).Draw(r, "state")))
	got, err := m.of[p].KeepJob(r.Context(), kept)
	if !current {
		m.want("keeping under a claim that was lost", got, err, hobby.ErrStale, nil)
		return
	}
	if j.Stage != kept.Stage || string(j.State) != string(kept.State) {
		j.Tries = 1
	}
	j.Status, j.Stage, j.State = kept.Status, kept.Stage, kept.State
	m.want("keep", got, err, nil, j)
}

func (m *journalModel) release(r *rapid.T) {
	j, c, p, current := m.claimed()
	if j == nil {
		return
	}
	err := m.of[p].ReleaseJob(r.Context(), c.job)
	if !current {
		m.want("releasing a claim that was lost", hobby.Job{}, err, hobby.ErrStale, nil)
		return
	}
	if err != nil {
		r.Fatalf("release: %v", err)
	}
	j.holder, j.Tries, j.Version = -1, j.Tries-1, j.Version+1
}

func (m *journalModel) cancel(r *rapid.T) {
	j, p := m.job(), m.process()
	if j == nil {
		return
	}
	got, err := m.of[p].CancelJob(r.Context(), j.ID)
	if err == nil && j.Status.Ended() {
		m.same("cancelling what has ended", got, j.Job)
		return
	}
	j.Cancelled = true
	if j.holder < 0 {
		j.Status = hobby.JobCancelled
	}
	m.want("cancel", got, err, nil, j)
}

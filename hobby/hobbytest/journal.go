package hobbytest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
)

// TestJournal is the contract of hobby.Journal. share returns a function that opens
// the same empty data again and again; what it returns beside a journal is closed by
// the suite, and is then a process that died. The store is the journal's.
func TestJournal(t *testing.T, share func(t *testing.T) (open func() (hobby.Journal, hobby.Store, io.Closer))) {
	for name, test := range journalTests {
		t.Run(name, func(t *testing.T) {
			open := share(t)
			a, store, dies := open()
			b, _, closes := open()
			defer func() {
				if err := errors.Join(dies.Close(), closes.Close()); err != nil {
					t.Error(err)
				}
			}()
			test(journalTest{t, t.Context(), a, b, store, dies})
		})
	}
}

// journalTest has the journals of two processes over the same data.
type journalTest struct {
	*testing.T
	ctx   context.Context
	a, b  hobby.Journal
	store hobby.Store
	dies  io.Closer // a's process
}

func (t journalTest) start(line string) hobby.Job {
	t.Helper()
	return t.ok(t.a.StartJob(t.ctx, hobby.Job{Line: line, Stage: "first", Input: json.RawMessage(`{"days":30}`)}))
}

func (t journalTest) ok(j hobby.Job, err error) hobby.Job {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (t journalTest) refuses(doing string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", doing, err, want)
	}
}

// stored asserts that both processes read j.
func (t journalTest) stored(j hobby.Job) {
	t.Helper()
	for _, of := range []hobby.Journal{t.a, t.b} {
		if diff := cmp.Diff(j, t.ok(of.Job(t.ctx, j.ID)), cmpopts.IgnoreFields(hobby.Job{}, "Fence")); diff != "" {
			t.Errorf("what is stored (-returned +read):\n%s", diff)
		}
	}
}

func (t journalTest) events() (all []string) {
	t.Helper()
	events, err := AllEvents(t.ctx, t.store)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		var body hobby.JobEvent
		if err := json.Unmarshal(e.Body, &body); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s %s %s%s", e.Kind, body.Line, body.Status, body.Stage, body.Err))
	}
	return all
}

var journalTests = map[string]func(journalTest){
	"FromStartToEnd": func(t journalTest) {
		j := t.start("lora")
		want := hobby.Job{ID: j.ID, Line: "lora", Status: hobby.JobOpen, Stage: "first", Version: 1, Created: j.Created,
			Input: json.RawMessage(`{"days":30}`)}
		if diff := cmp.Diff(want, j); diff != "" || j.ID == "" || j.Created.IsZero() {
			t.Errorf("started: %+v (-want +got):\n%s", j, diff)
		}
		t.stored(j)
		j = t.ok(t.a.ClaimJob(t.ctx, j.ID))
		if j.Started.IsZero() || j.Tries != 1 || j.Fence.Attempt < 1 {
			t.Errorf("claimed: %+v", j)
		}
		t.stored(j)
		j.Stage, j.State = "second", json.RawMessage(`{"rows":7}`)
		j = t.ok(t.a.KeepJob(t.ctx, j))
		t.stored(j)
		j.State = json.RawMessage(`{"rows":8}`) // in the middle of a stage
		j = t.ok(t.a.KeepJob(t.ctx, j))
		j.Status, j.Err = hobby.JobFailed, "too few rows"
		j = t.ok(t.a.KeepJob(t.ctx, j))
		if j.Ended.IsZero() || string(j.Input) != `{"days":30}` || string(j.State) != `{"rows":8}` || j.Err != "too few rows" {
			t.Errorf("ended: %+v", j)
		}
		t.stored(j)
		if diff := cmp.Diff([]string{
			"job.created lora open first", "job.progress lora open second", "job.ended lora failed secondtoo few rows",
		}, t.events()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		_, err := t.a.KeepJob(t.ctx, j)
		t.refuses("keeping what has ended", err, hobby.ErrStale)
		_, err = t.a.ClaimJob(t.ctx, j.ID)
		t.refuses("claiming what has ended", err, hobby.ErrStale)
		t.refuses("releasing what has ended", t.a.ReleaseJob(t.ctx, j), hobby.ErrStale)
		again := t.ok(t.a.CancelJob(t.ctx, j.ID))
		if again.Status != hobby.JobFailed || again.Cancelled {
			t.Errorf("cancelled after its end: %+v", again)
		}
	},
	"OneOfALineIsOpen": func(t journalTest) {
		j := t.start("lora")
		other := t.start("archive")
		for _, of := range []hobby.Journal{t.a, t.b} {
			_, err := of.StartJob(t.ctx, hobby.Job{Line: "lora", Stage: "first"})
			t.refuses("a second job of the line", err, hobby.ErrBusy)
		}
		t.ok(t.b.CancelJob(t.ctx, j.ID))
		next := t.ok(t.b.StartJob(t.ctx, hobby.Job{ID: "mine", Line: "lora", Stage: "first"}))
		t.ok(t.b.CancelJob(t.ctx, next.ID))
		_, err := t.a.StartJob(t.ctx, hobby.Job{ID: "mine", Line: "lora", Stage: "first"})
		t.refuses("an id that exists", err, hobby.ErrInvalid)
		page, err := t.a.Jobs(t.ctx, hobby.JobFilter{Line: "lora", Limit: 1})
		if err != nil || len(page.Jobs) != 1 || page.Jobs[0].ID != "mine" || page.Next == "" {
			t.Errorf("the newest job: %+v, %v", page, err)
		}
		page, err = t.a.Jobs(t.ctx, hobby.JobFilter{Line: "lora", Limit: 1, Cursor: page.Next})
		if err != nil || len(page.Jobs) != 1 || page.Jobs[0].ID != j.ID || page.Next != "" {
			t.Errorf("the one before: %+v, %v", page, err)
		}
		page, err = t.b.Jobs(t.ctx, hobby.JobFilter{Open: true})
		if err != nil || len(page.Jobs) != 1 || page.Jobs[0].ID != other.ID {
			t.Errorf("the open jobs: %+v, %v", page, err)
		}
	},
	"OldJobsAreForgotten": func(t journalTest) {
		first, other := t.start("lora"), t.start("archive")
		first = t.ok(t.a.ClaimJob(t.ctx, first.ID))
		first.Status = hobby.JobCompleted
		first = t.ok(t.a.KeepJob(t.ctx, first))
		ids := []string{first.ID}
		for range hobby.KeptJobs - 1 {
			j := t.ok(t.b.StartJob(t.ctx, hobby.Job{Line: "lora", Stage: "first"}))
			ids = append(ids, t.ok(t.b.CancelJob(t.ctx, j.ID)).ID)
		}
		t.stored(first)
		last := t.start("lora")
		var got []string
		for f := (hobby.JobFilter{Line: "lora", Limit: 400}); ; {
			page, err := t.a.Jobs(t.ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range page.Jobs {
				got = append(got, j.ID)
			}
			if f.Cursor = page.Next; f.Cursor == "" {
				break
			}
		}
		want := append(slices.Clone(ids[1:]), last.ID)
		slices.Reverse(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("the jobs of the line (-want +got):\n%s", d)
		}
		_, err := t.b.Job(t.ctx, first.ID)
		t.refuses("the first job", err, hobby.ErrNotFound)
		_, err = t.store.Commit(t.ctx, ended(session(1), hobby.Completed), &first.Fence)
		t.refuses("a commit of the first job", err, hobby.ErrStale)
		t.stored(other)
	},
	"OneProcessHasIt": func(t journalTest) {
		j := t.start("lora")
		first := t.ok(t.a.ClaimJob(t.ctx, j.ID))
		for _, of := range []hobby.Journal{t.a, t.b} {
			_, err := of.ClaimJob(t.ctx, j.ID)
			t.refuses("claiming what a living process has", err, hobby.ErrHeld)
		}
		_, err := t.b.KeepJob(t.ctx, first)
		t.refuses("keeping what another process has", err, hobby.ErrStale)
		if err := t.a.ReleaseJob(t.ctx, first); err != nil {
			t.Fatal(err)
		}
		_, err = t.a.KeepJob(t.ctx, first)
		t.refuses("keeping what was released", err, hobby.ErrStale)
		second := t.ok(t.b.ClaimJob(t.ctx, j.ID))
		if second.Tries != 1 || second.Fence.Key != first.Fence.Key || second.Fence.Attempt <= first.Fence.Attempt {
			t.Errorf("claimed after a release: %+v, after %+v", second, first)
		}
		_, err = t.store.Commit(t.ctx, ended(session(1), hobby.Completed), &first.Fence)
		t.refuses("a commit of the first claim", err, hobby.ErrStale)
		if _, err := t.store.Commit(t.ctx, ended(session(1), hobby.Completed), &second.Fence); err != nil {
			t.Errorf("a commit of the second: %v", err)
		}
	},
	"ADeadProcessIsReplaced": func(t journalTest) {
		j := t.start("lora")
		dead := t.ok(t.a.ClaimJob(t.ctx, j.ID))
		dead.Stage, dead.State = "second", json.RawMessage(`{"rows":7}`)
		dead = t.ok(t.a.KeepJob(t.ctx, dead))
		if err := t.dies.Close(); err != nil {
			t.Fatal(err)
		}
		next := t.ok(t.b.ClaimJob(t.ctx, j.ID))
		if next.Stage != "second" || string(next.State) != `{"rows":7}` || next.Tries != 2 || next.Fence.Attempt <= dead.Fence.Attempt {
			t.Errorf("taken over: %+v", next)
		}
		_, err := t.b.KeepJob(t.ctx, dead)
		t.refuses("the dead one's claim", err, hobby.ErrStale)
		next.Stage = "third"
		if next = t.ok(t.b.KeepJob(t.ctx, next)); next.Tries != 1 {
			t.Errorf("%d tries of a new stage, want 1", next.Tries)
		}
	},
	"Cancelling": func(t journalTest) {
		j := t.start("lora")
		j = t.ok(t.a.ClaimJob(t.ctx, j.ID))
		if c := t.ok(t.b.CancelJob(t.ctx, j.ID)); c.Status != hobby.JobOpen || !c.Cancelled {
			t.Errorf("while it is held: %+v, want it open and told to end", c)
		}
		j.Stage = "second"
		if j = t.ok(t.a.KeepJob(t.ctx, j)); !j.Cancelled {
			t.Error("its holder is not told")
		}
		j.Status = hobby.JobCancelled
		j = t.ok(t.a.KeepJob(t.ctx, j))
		t.stored(j)
		waiting := t.start("lora")
		if c := t.ok(t.b.CancelJob(t.ctx, waiting.ID)); c.Status != hobby.JobCancelled || c.Ended.IsZero() {
			t.Errorf("while nobody has it: %+v, want it cancelled at once", c)
		}
		orphan := t.start("lora")
		t.ok(t.a.ClaimJob(t.ctx, orphan.ID))
		if err := t.dies.Close(); err != nil {
			t.Fatal(err)
		}
		if c := t.ok(t.b.CancelJob(t.ctx, orphan.ID)); c.Status != hobby.JobCancelled {
			t.Errorf("of a dead process: %+v, want it cancelled at once", c)
		}
	},
	"Refusals": func(t journalTest) {
		for what, j := range map[string]hobby.Job{
			"no line": {Stage: "first"}, "no stage": {Line: "lora"},
			"an input that is no JSON": {Line: "lora", Stage: "first", Input: json.RawMessage(`{`)},
		} {
			_, err := t.a.StartJob(t.ctx, j)
			t.refuses(what, err, hobby.ErrInvalid)
		}
		j := t.start("lora")
		_, err := t.a.KeepJob(t.ctx, j)
		t.refuses("keeping what was not claimed", err, hobby.ErrStale)
		j = t.ok(t.a.ClaimJob(t.ctx, j.ID))
		for what, change := range map[string]func(*hobby.Job){
			"no stage": func(j *hobby.Job) { j.Stage = "" }, "an unknown status": func(j *hobby.Job) { j.Status = "done" },
			"a state that is no JSON": func(j *hobby.Job) { j.State = json.RawMessage(`{`) },
		} {
			bad := j
			change(&bad)
			_, err := t.a.KeepJob(t.ctx, bad)
			t.refuses(what, err, hobby.ErrInvalid)
		}
		t.stored(j)
		_, get := t.a.Job(t.ctx, "none")
		_, claim := t.a.ClaimJob(t.ctx, "none")
		_, keep := t.a.KeepJob(t.ctx, hobby.Job{ID: "none", Stage: "first"})
		_, cancel := t.a.CancelJob(t.ctx, "none")
		for what, err := range map[string]error{"Job": get, "ClaimJob": claim, "KeepJob": keep, "CancelJob": cancel,
			"ReleaseJob": t.a.ReleaseJob(t.ctx, hobby.Job{ID: "none"})} {
			t.refuses(what+" of an unknown id", err, hobby.ErrNotFound)
		}
		_, err = t.a.Jobs(t.ctx, hobby.JobFilter{Cursor: "x"})
		t.refuses("a cursor", err, hobby.ErrInvalid)
	},
	"TimesAreUTC": func(t journalTest) {
		if j := t.start("lora"); j.Created.Location() != time.UTC {
			t.Errorf("created at %v", j.Created)
		}
	},
}

package openai_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite"
)

var (
	peerTasks   = flag.Int("peer-tasks", 10, "tasks per family in TestPeerPractice")
	peerAnswers = flag.String("peer-answers", "", "file that TestPeerPractice writes the answers to, for lora/llama to compare its own with")
	peerPID     = flag.Int("peer-pid", 0, "process of the real server, which TestPeerPracticeKilled kills")
)

// choose is a policy that does as it is told.
type choose struct{ plan hobby.Plan }

func (c *choose) Choose(context.Context, hobby.State) (hobby.Plan, error) { return c.plan, nil }

// practising returns a manager of skill practice over a store of its own.
func practising(t *testing.T, m hobby.Model, p hobby.Policy) (*hobby.Manager, *practice.Suite, *sqlite.Store) {
	t.Helper()
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	mgr, err := hobby.New(store, []hobby.Hobby{practice.Skills(m, suite, nil)}, &hobby.Options{Model: m, Policy: p, MaxDuration: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return mgr, suite, store
}

// TestPeerPractice practises every family at level 1 with the real model, the
// way an agent does, and prints what came of it. What must hold is that every
// answer was stored and that verifying it again gives the same score; how many
// are right is the model's affair.
func TestPeerPractice(t *testing.T) {
	m := peerModel(t, nil)
	policy := &choose{}
	mgr, suite, store := practising(t, m, policy)
	info, err := m.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "family\ttries\tpasses\tmean latency\ttokens in\tout\t")
	row := func(name string, tries, passes int, took time.Duration, in, out int) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%v\t%d\t%d\t\n", name, tries, passes, (took / time.Duration(max(1, tries))).Round(time.Millisecond), in, out)
	}
	var all []hobby.Item
	var tries, passes, in, out int
	var took time.Duration
	start := time.Now()
	for n, family := range suite.Families() {
		policy.plan = hobby.Plan{
			Kind: hobby.SkillPractice, Family: family.Name, Level: 1, Policy: "peer", Propensity: 1,
			Seed: uint64(n + 1), Budget: hobby.Budget{Items: *peerTasks},
		}
		session, err := mgr.RunOnce(t.Context(), hobby.SkillPractice)
		if err != nil || session.Activity.Status != hobby.Completed {
			t.Fatalf("%s: %s %s, %v", family.Name, session.Activity.Status, session.Activity.Err, err)
		}
		stored, err := store.Activity(t.Context(), session.Activity.ID)
		if err != nil || len(stored.Items) != *peerTasks {
			t.Fatalf("%s: %d of %d answers are stored, %v", family.Name, len(stored.Items), *peerTasks, err)
		}
		all = append(all, stored.Items...)
		var familyTook time.Duration
		familyIn, familyOut, familyPasses := 0, 0, 0
		for _, i := range stored.Items {
			t.Logf("%s: %q: %q, right is %q (%v %s)", i.Family, i.Messages[0].Content, i.Answer, i.Reference, i.Score, i.Note)
		}
		for _, i := range stored.Items {
			if v, err := suite.Verify(i); err != nil || v.Score != i.Score {
				t.Errorf("%s: verified again, %q scores %v instead of %v, %v", family.Name, i.Answer, v.Score, i.Score, err)
			}
			if i.ModelKey != info.Key || i.TokensIn == 0 || i.Latency <= 0 {
				t.Errorf("%s: the answer was stored as %+v", family.Name, i)
			}
			familyTook += i.Latency
			familyIn, familyOut = familyIn+i.TokensIn, familyOut+i.TokensOut
			if i.Score >= 1 {
				familyPasses++
			}
		}
		if familyPasses != stored.Activity.Passes {
			t.Errorf("%s: %d answers are right, the store counts %d", family.Name, familyPasses, stored.Activity.Passes)
		}
		row(family.Name, len(stored.Items), familyPasses, familyTook, familyIn, familyOut)
		tries, passes, took, in, out = tries+len(stored.Items), passes+familyPasses, took+familyTook, in+familyIn, out+familyOut
	}
	row("all", tries, passes, took, in, out)
	_ = w.Flush()
	t.Logf("%s, level 1, %v:\n%s", info.Name, time.Since(start).Round(time.Second), table.String())
	if in == 0 || passes == tries {
		t.Errorf("%d of %d right with %d tokens: no small model is that good", passes, tries, in)
	}
	if *peerAnswers != "" {
		if err := os.WriteFile(*peerAnswers, encode(t, all), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// killer kills a process while its n-th answer is being made.
type killer struct {
	*openai.Model
	t   *testing.T
	n   int
	pid int
}

func (k *killer) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	if k.n--; k.n == 0 {
		r.OnDelta = func(string) {
			if k.pid == 0 {
				return
			}
			p, err := os.FindProcess(k.pid)
			if err == nil {
				err = p.Kill()
			}
			if err != nil {
				k.t.Errorf("killing the server: %v", err)
			}
			k.pid = 0
		}
		r.Sampling.MaxTokens, r.Stop = 1000, nil // an answer that is still under way when the server dies
		r.Messages = prompt(0).Messages
	}
	return k.Model.Generate(ctx, r)
}

// TestPeerPracticeKilled kills the real server in mid-answer: the session
// fails, says why, and keeps what was verified before.
func TestPeerPracticeKilled(t *testing.T) {
	m := peerModel(t, nil)
	if *peerPID == 0 {
		t.Skip("no -peer-pid")
	}
	const before = 3
	policy := &choose{plan: hobby.Plan{
		Kind: hobby.SkillPractice, Policy: "peer", Propensity: 1, Seed: 1, Budget: hobby.Budget{Items: 50},
	}}
	mgr, _, store := practising(t, &killer{Model: m, t: t, n: before + 1, pid: *peerPID}, policy)
	start := time.Now()
	session, err := mgr.RunOnce(t.Context(), hobby.SkillPractice)
	if err != nil {
		t.Fatal(err)
	}
	a := session.Activity
	t.Logf("after %v: %s: %s", time.Since(start).Round(time.Millisecond), a.Status, a.Err)
	if a.Status != hobby.Failed || !strings.Contains(a.Err, "cannot reach") || !strings.Contains(a.Err, "is it running?") {
		t.Errorf("the session is %s: %s", a.Status, a.Err)
	}
	stored, err := store.Activity(t.Context(), a.ID)
	if err != nil || len(stored.Items) != before {
		t.Errorf("%d of %d verified answers are stored, %v", len(stored.Items), before, err)
	}
	again, err := mgr.RunOnce(t.Context(), hobby.SkillPractice)
	if err == nil && again.Activity.Status != hobby.Failed {
		t.Errorf("with the server dead, a session is %s", again.Activity.Status)
	}
	t.Logf("with the server dead: %s %s %v", again.Activity.Status, again.Activity.Err, err)
}

package lora_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/redact"
	"github.com/pastime-go/pastime/lora"
)

const (
	baseKey  = "0123456789abcdef0123456789abcdef"
	roundKey = "adapter-0123456789abcdef0123456789abcdef"
	otherKey = "ffffffffffffffffffffffffffffffff"
	mail     = "ada.l@" + "gmail.com" // in two, since no secret stands in this project
)

// skills is the hobby of skill practice without a model.
func skills(t testing.TB) (hobby.Hobby, *practice.Suite) {
	t.Helper()
	s, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	return practice.Skills(nil, s, nil), s
}

// asked is a task of a family, answered right by the base.
func asked(t testing.TB, s *practice.Suite, r *rand.Rand, family string, split hobby.Split) hobby.Item {
	t.Helper()
	task, err := s.Draw(r, family, 1, split)
	if err != nil {
		t.Fatal(err)
	}
	return hobby.Item{
		ID: fmt.Sprintf("item-%x", task.Seed), Activity: "a1", Family: task.Family, Level: task.Level, Version: task.Version, Seed: task.Seed,
		Split: split, Messages: task.Messages, Answer: task.Reference, Finish: hobby.FinishStop, Reference: task.Reference, Score: 1,
		ModelKey: baseKey,
	}
}

func chosen(t testing.TB, o *lora.SelectOptions, m ...lora.Material) lora.Selection {
	t.Helper()
	if o == nil {
		o = &lora.SelectOptions{}
	}
	o.Base = baseKey
	s, err := lora.Select(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	conserved(t, &s)
	return s
}

// conserved checks that every candidate was kept or dropped once.
func conserved(t testing.TB, s *lora.Selection) {
	t.Helper()
	sum := func(m map[lora.Origin]int) (n int) {
		for _, k := range m {
			n += k
		}
		return n
	}
	dropped := 0
	for _, n := range s.Funnel.Dropped() {
		dropped += n
	}
	if in, kept := sum(s.Funnel.In), sum(s.Funnel.Kept); in != kept+dropped || kept != len(s.Rows) ||
		kept != s.Funnel.Train+s.Funnel.Validation {
		t.Errorf("%d candidates, %d kept, %d dropped, %d rows: %+v", in, kept, dropped, len(s.Rows), s.Funnel)
	}
}

// TestEachRule breaks one rule at a time: that one counts it, and nothing is kept.
func TestEachRule(t *testing.T) {
	h, s := skills(t)
	r := rand.New(rand.NewPCG(1, 1))
	held := asked(t, s, r, "arithmetic", hobby.HeldOut)
	posing := held
	posing.Split = hobby.Practice
	for name, c := range map[string]struct {
		change func(*hobby.Item)
		want   lora.Rule
	}{
		"held out":                  {func(i *hobby.Item) { *i = held }, lora.RuleHeldOut},
		"held out and says it isnt": {func(i *hobby.Item) { *i = posing }, lora.RuleHeldOut},
		"a later version":           {func(i *hobby.Item) { i.Version += 7 }, lora.RuleStale},
		"no such family":            {func(i *hobby.Item) { i.Family = "alchemy" }, lora.RuleStale},
		"no such level":             {func(i *hobby.Item) { i.Level = 99 }, lora.RuleStale},
		"tainted":                   {func(i *hobby.Item) { i.Taint = hobby.Untrusted }, lora.RuleTainted},
		"refused":                   {func(i *hobby.Item) { i.Taint, i.Acceptance = hobby.Untrusted, &hobby.Acceptance{} }, lora.RuleTainted},
		"redacted":                  {func(i *hobby.Item) { i.Redacted = true }, lora.RuleRedacted},
		"a secret":                  {func(i *hobby.Item) { i.Answer += " (ask " + mail + ")" }, lora.RuleRedacted},
		"another model":             {func(i *hobby.Item) { i.ModelKey = otherKey }, lora.RuleOther},
		"wrong":                     {func(i *hobby.Item) { i.Answer = "-99999" }, lora.RuleWrong},
		"cut":                       {func(i *hobby.Item) { i.Finish = hobby.FinishLength }, lora.RuleWrong},
		"withheld":                  {func(i *hobby.Item) { i.Finish = hobby.FinishFilter }, lora.RuleWrong},
		"end unknown":               {func(i *hobby.Item) { i.Finish = "" }, lora.RuleUnfinished},
		"said to be right":          {func(i *hobby.Item) { i.Answer, i.Score = "-99999", 1 }, lora.RuleWrong},
		"empty":                     {func(i *hobby.Item) { i.Answer, i.Score = " ", 1 }, lora.RuleWrong},
	} {
		i := asked(t, s, r, "arithmetic", hobby.Practice)
		c.change(&i)
		got := chosen(t, &lora.SelectOptions{Redact: redact.Default().Redact}, lora.Material{Hobby: h, Items: []hobby.Item{i}})
		if d := cmp.Diff(map[lora.Rule]int{c.want: 1}, got.Funnel.Dropped()); d != "" || len(got.Rows) != 0 {
			t.Errorf("%s: %d rows; dropped (-want +got): %s", name, len(got.Rows), d)
		}
	}
}

// mended is a family as its next version is: it makes the same tasks.
type mended struct{ practice.Family }

func (m mended) Info() hobby.Family {
	info := m.Family.Info()
	info.Version = max(1, info.Version) + 1
	return info
}

// TestOldItemsAreDividedAsToday has items of a family that has a newer version now.
func TestOldItemsAreDividedAsToday(t *testing.T) {
	_, before := skills(t)
	families := practice.Families()
	for i := range families {
		families[i] = mended{families[i]}
	}
	after, err := practice.NewSuite(families...)
	if err != nil {
		t.Fatal(err)
	}
	var items []hobby.Item
	held := map[string]bool{}
	for seed := range uint64(60) {
		i := asked(t, before, rand.New(rand.NewPCG(seed, 9)), "arithmetic", hobby.Practice)
		items = append(items, i)
		now, err := after.Task(i.Family, i.Level, i.Seed)
		if err != nil {
			t.Fatal(err)
		}
		held[i.ID] = now.Split == hobby.HeldOut
	}
	got := chosen(t, nil, lora.Material{Hobby: practice.Skills(nil, after, nil), Items: items})
	want := 0
	for _, is := range held {
		if is {
			want++
		}
	}
	if n := got.Funnel.Dropped()[lora.RuleHeldOut]; n < want || want < 3 || len(got.Rows) < 20 {
		t.Errorf("%d are held out now, %d were dropped as such, %d rows", want, n, len(got.Rows))
	}
	for _, r := range got.Rows {
		if held[r.Items[0]] || r.Version < 2 {
			t.Errorf("a held-out task, or a row of version %d: %+v", r.Version, r.Task)
		}
	}
}

func TestAcceptedIsTaken(t *testing.T) {
	h, s := skills(t)
	i := asked(t, s, rand.New(rand.NewPCG(1, 2)), "arithmetic", hobby.Practice)
	i.Taint, i.Acceptance = hobby.Untrusted, &hobby.Acceptance{Accepted: true}
	if got := chosen(t, nil, lora.Material{Hobby: h, Items: []hobby.Item{i}}); len(got.Rows) != 1 {
		t.Errorf("%d rows: %+v", len(got.Rows), got.Funnel)
	}
}

// TestDistinctAnswers gives one task many right answers, some of them twice.
func TestDistinctAnswers(t *testing.T) {
	h, s := skills(t)
	i := asked(t, s, rand.New(rand.NewPCG(1, 3)), "arithmetic", hobby.Practice)
	var items []hobby.Item
	for n, format := range []string{"%s", "%s.", "It equals %s", "The answer is %s.", "%s", "%s."} {
		a := i
		a.ID, a.Answer, a.Sample, a.DrawSeed = fmt.Sprint("i", n), fmt.Sprintf(format, i.Reference), n+1, uint64(n+9)
		items = append(items, a)
	}
	got := chosen(t, nil, lora.Material{Hobby: h, Items: items})
	want := map[lora.Rule]int{lora.RuleDuplicate: 2, lora.RuleDistinct: 2}
	if d := cmp.Diff(want, got.Funnel.Dropped()); d != "" || len(got.Rows) != 2 {
		t.Fatalf("%d rows, dropped (-want +got): %s", len(got.Rows), d)
	}
	for _, r := range got.Rows {
		if len(r.Items) != 2 { // the answer and the one that equals it
			t.Errorf("%q is made of %v", r.Completion, r.Items)
		}
		if r.Validation != got.Rows[0].Validation {
			t.Error("the answers to a task are on both sides")
		}
	}
	if got := chosen(t, &lora.SelectOptions{Distinct: 9}, lora.Material{Hobby: h, Items: items}); len(got.Rows) != 4 {
		t.Errorf("%d of 4 distinct answers", len(got.Rows))
	}
}

func TestOrigins(t *testing.T) {
	h, s := skills(t)
	r := rand.New(rand.NewPCG(1, 4))
	own, round, other, failed, base := asked(t, s, r, "arithmetic", hobby.Practice), asked(t, s, r, "dates", hobby.Practice),
		asked(t, s, r, "clock", hobby.Practice), asked(t, s, r, "roman", hobby.Practice), asked(t, s, r, "units", hobby.Practice)
	round.ModelKey, other.ModelKey = roundKey, otherKey
	failed.Answer, failed.Score = "no idea", 0
	once := own // wrong once, and right another time: no reference is taken
	once.Answer, once.Score = "-1", 0
	m := lora.Material{Hobby: h, Items: []hobby.Item{own, round, other, failed, once}, Replay: []hobby.Item{base, own, round}}
	got := chosen(t, &lora.SelectOptions{Own: []string{roundKey}}, m)
	want := map[lora.Origin]int{lora.OriginOwn: 2, lora.OriginReplay: 1}
	if d := cmp.Diff(want, got.Funnel.Kept); d != "" {
		t.Errorf("by default (-want +got): %s", d)
	}
	if d := got.Funnel.Dropped(); d[lora.RuleLearned] != 1 || d[lora.RuleOther] != 2 {
		t.Errorf("a task that is learned is not replayed, nor are other models: %v", d)
	}
	got = chosen(t, &lora.SelectOptions{Own: []string{roundKey}, Others: true, References: true, Validation: -1}, m)
	want = map[lora.Origin]int{lora.OriginOwn: 2, lora.OriginReplay: 1, lora.OriginOther: 1, lora.OriginReference: 1}
	if d := cmp.Diff(want, got.Funnel.Kept); d != "" {
		t.Errorf("with others and references (-want +got): %s", d)
	}
	d := got.Dataset()
	if len(d.Train) != 5 || len(d.Validation) != 0 {
		t.Errorf("%d to learn, %d to measure", len(d.Train), len(d.Validation))
	}
	for i, e := range d.Train {
		if e.Replay != (got.Rows[i].Origin == lora.OriginReplay) || e.Completion == "" || len(e.Messages) == 0 {
			t.Errorf("%+v is %+v", got.Rows[i], e)
		}
	}
}

// TestInsights turns trusted insights into questions and answers, and drops those
// that are about the model, that are bad, or that give a held-out task away.
func TestInsights(t *testing.T) {
	h, _ := skills(t)
	h.Kind = hobby.ResearchIntegration
	good := hobby.Insight{ID: "1", Activity: "a", Topic: "guide.md", Text: "The guide defines a fence as a guard on commits.",
		Confidence: 1, Source: "guide.md"}
	change := func(f func(*hobby.Insight)) hobby.Insight { i := good; f(&i); return i }
	heldOut := []hobby.Item{
		{Messages: []hobby.Message{{Role: hobby.RoleUser,
			Content: "Which document says that the wide river under the old bridge was crossed by nobody?"}}, Reference: "x"},
		{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "What does LSM stand for?"}}, Reference: "log-structured merge"},
	}
	for name, c := range map[string]struct {
		in   hobby.Insight
		want lora.Rule
	}{
		"good":     {good, ""},
		"tainted":  {change(func(i *hobby.Insight) { i.Taint = hobby.Untrusted }), lora.RuleTainted},
		"accepted": {change(func(i *hobby.Insight) { i.Taint, i.Acceptance = hobby.Untrusted, &hobby.Acceptance{Accepted: true} }), ""},
		"secret":   {change(func(i *hobby.Insight) { i.Text += " Write to " + mail + "." }), lora.RuleRedacted},
		"mark":     {change(func(i *hobby.Insight) { i.Text += " " + redact.Mark("e-mail address") }), lora.RuleRedacted},
		"unsure":   {change(func(i *hobby.Insight) { i.Confidence = 0.5 }), lora.RuleQuality},
		"empty":    {change(func(i *hobby.Insight) { i.Text = " \n" }), lora.RuleEmpty},
		"model": {change(func(i *hobby.Insight) {
			i.Claims = []hobby.Claim{{Subject: "x", Relation: hobby.FailsAt, Object: "y"}}
		}), lora.RuleModel},
		"model's misses": {change(func(i *hobby.Insight) {
			i.Claims, i.Evidence = nil, []hobby.Evidence{{Kind: hobby.EvidenceItem, Ref: "a"}}
		}), lora.RuleModel},
		"secret topic": {change(func(i *hobby.Insight) { i.Topic = mail }), lora.RuleRedacted},
		"secret subject": {change(func(i *hobby.Insight) {
			i.Claims = []hobby.Claim{{Subject: mail, Relation: hobby.Calls, Object: "y"}}
		}), lora.RuleRedacted},
		"its question": {change(func(i *hobby.Insight) {
			i.Topic = "how it says that the wide river under the old bridge was crossed by nobody"
		}), lora.RuleHeldOut},
		"its words": {change(func(i *hobby.Insight) {
			i.Text = "It says that the wide river under the old bridge was crossed by nobody."
		}), lora.RuleHeldOut},
		"its answer": {change(func(i *hobby.Insight) {
			i.Claims = []hobby.Claim{{Subject: "LSM", Relation: hobby.StandsFor, Object: "Log-Structured Merge"}}
		}), lora.RuleHeldOut},
		"other claim": {change(func(i *hobby.Insight) {
			i.Claims = []hobby.Claim{{Subject: "WAL", Relation: hobby.StandsFor, Object: "write-ahead log"}}
		}), ""},
	} {
		opts := &lora.SelectOptions{Redact: redact.Default().Redact, HeldOut: heldOut}
		got := chosen(t, opts, lora.Material{Hobby: h, Insights: []hobby.Insight{c.in}})
		switch {
		case c.want == "" && len(got.Rows) != 1, c.want != "" && got.Funnel.Dropped()[c.want] != 1:
			t.Errorf("%s: %d rows, dropped %v; want %q", name, len(got.Rows), got.Funnel.Dropped(), c.want)
		}
		for _, r := range got.Rows {
			if r.Origin != lora.OriginInsight || cmp.Diff(r.Sources, []string{hobby.SourceHash("guide.md")}) != "" || r.Insights[0] != "1" {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

// TestInsightsThatSayTheSame keeps the best of them, made of all.
func TestInsightsThatSayTheSame(t *testing.T) {
	h, _ := skills(t)
	text := "The write-ahead log is checkpointed when the last reader has closed the file"
	var all []hobby.Insight
	for n, in := range []hobby.Insight{
		{Text: text + ".", Confidence: 0.7}, {Text: text + "!", Confidence: 0.8}, {Text: text + " at last.", Confidence: 0.9},
		{Text: "Rome was not built in a day.", Confidence: 1}, {Text: "Too short.", Confidence: 1},
	} {
		in.ID, in.Topic, in.Source = fmt.Sprint(n), fmt.Sprint("topic ", n), fmt.Sprint("file ", n)
		all = append(all, in)
	}
	got := chosen(t, nil, lora.Material{Hobby: h, Insights: all})
	want := map[lora.Rule]int{lora.RuleNear: 2, "few_words": 1}
	if d := cmp.Diff(want, got.Funnel.Dropped()); d != "" || len(got.Rows) != 2 {
		t.Fatalf("%d rows, dropped (-want +got): %s", len(got.Rows), d)
	}
	for _, r := range got.Rows {
		if strings.HasPrefix(r.Completion, text) && (r.Quality != 0.9 || len(r.Insights) != 3 || len(r.Sources) != 3) {
			t.Errorf("%+v", r)
		}
	}
}

// TestCheck refuses rows whose family has changed since they were selected.
func TestCheck(t *testing.T) {
	h, s := skills(t)
	var items []hobby.Item
	r := rand.New(rand.NewPCG(1, 5))
	for range 20 {
		items = append(items, asked(t, s, r, "arithmetic", hobby.Practice))
	}
	got := chosen(t, nil, lora.Material{Hobby: h, Items: items})
	if err := lora.Check(got.Rows, []hobby.Hobby{h}); err != nil || len(got.Rows) < 10 {
		t.Fatalf("%d rows: %v", len(got.Rows), err)
	}
	held := got.Rows[3]
	held.Task.Seed = asked(t, s, r, "arithmetic", hobby.HeldOut).Seed
	if err := lora.Check(append(got.Rows[:3:3], held), []hobby.Hobby{h}); !errors.Is(err, lora.ErrHeldOut) {
		t.Errorf("a held-out task: %v", err)
	}
	posing := got.Rows[3]
	posing.Messages = asked(t, s, r, "arithmetic", hobby.HeldOut).Messages
	if err := lora.Check([]lora.Row{posing}, []hobby.Hobby{h}); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("a held-out prompt under a practice task: %v", err)
	}
	newer := h
	newer.Families = append([]hobby.Family(nil), h.Families...)
	for i := range newer.Families {
		newer.Families[i].Version++
	}
	if err := lora.Check(got.Rows, []hobby.Hobby{newer}); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("a newer version: %v", err)
	}
	if err := lora.Check(got.Rows, nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("no hobby: %v", err)
	}
}

// TestSelectIsAFunction shuffles the material and renames what the digest must not
// depend on.
func TestSelectIsAFunction(t *testing.T) {
	h, s := skills(t)
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 6))
		m := lora.Material{Hobby: h}
		for range rapid.IntRange(0, 12).Draw(rt, "tasks") {
			i := asked(t, s, r, []string{"arithmetic", "dates"}[r.IntN(2)], hobby.Split([]string{"practice", "practice", "held_out"}[r.IntN(3)]))
			for n := range 1 + r.IntN(4) {
				a := i
				a.ID, a.Sample, a.ModelKey = fmt.Sprintf("%s-%d", i.ID, n), n+1, []string{baseKey, roundKey, otherKey}[r.IntN(3)]
				a.Answer = fmt.Sprintf([]string{"%s", "It equals %s", "%s.", "wrong"}[r.IntN(4)], i.Reference)
				if a.Answer = strings.TrimSuffix(a.Answer, "%!(EXTRA string="+i.Reference+")"); a.Answer == "wrong" {
					a.Score = 0
				}
				m.Items = append(m.Items, a)
				if r.IntN(4) == 0 {
					m.Replay = append(m.Replay, a)
				}
			}
		}
		o := &lora.SelectOptions{Base: baseKey, Own: []string{roundKey}, Others: r.IntN(2) == 0, References: r.IntN(2) == 0, Seed: r.Uint64()}
		want, err := lora.Select(context.Background(), []lora.Material{m}, o)
		if err != nil {
			rt.Fatal(err)
		}
		conserved(t, &want)
		for i := range m.Items {
			m.Items[i].ID = fmt.Sprint("renamed ", i)
		}
		r.Shuffle(len(m.Items), func(i, j int) { m.Items[i], m.Items[j] = m.Items[j], m.Items[i] })
		r.Shuffle(len(m.Replay), func(i, j int) { m.Replay[i], m.Replay[j] = m.Replay[j], m.Replay[i] })
		got, err := lora.Select(context.Background(), []lora.Material{m}, o)
		if err != nil {
			rt.Fatal(err)
		}
		if got.Digest != want.Digest {
			rt.Errorf("another digest: %s, then %s", want.Digest, got.Digest)
		}
		if d := cmp.Diff(want.Funnel, got.Funnel); d != "" {
			rt.Errorf("another funnel: %s", d)
		}
		if d := cmp.Diff(want.Dataset(), got.Dataset()); d != "" {
			rt.Errorf("another data set: %s", d)
		}
		if err := lora.Check(got.Rows, []hobby.Hobby{h}); err != nil {
			rt.Error(err)
		}
	})
}

func TestDigestKnowsItsScorer(t *testing.T) {
	h, _ := skills(t)
	m := lora.Material{Hobby: h, Insights: []hobby.Insight{{ID: "1", Text: "Rome was not built in a day.", Confidence: 1}}}
	digests := map[string]bool{}
	for _, o := range []*lora.SelectOptions{nil, {Scorer: scorer{"v1", 1}}, {Scorer: scorer{"v2", 1}}} {
		digests[chosen(t, o, m).Digest] = true
	}
	if len(digests) != 3 {
		t.Errorf("%d digests of 3 scorers", len(digests))
	}
	// One that has learned the same and scores otherwise, as where a text was embedded since.
	digests[chosen(t, &lora.SelectOptions{Scorer: scorer{"v1", 0.9}}, m).Digest] = true
	digests[chosen(t, &lora.SelectOptions{Scorer: scorer{"v1", 1}}, m).Digest] = true
	if len(digests) != 4 {
		t.Errorf("%d digests of 4 scores", len(digests))
	}
	if got := chosen(t, &lora.SelectOptions{Scorer: scorer{"v1", -1}}, m); len(got.Rows) != 1 || got.Rows[0].Quality != 1 {
		t.Errorf("a scorer that abstains leaves the confidence of 1: %+v", got.Rows)
	}
	if got := chosen(t, &lora.SelectOptions{Scorer: scorer{"v1", 0.3}}, m); got.Funnel.Dropped()[lora.RuleQuality] != 1 {
		t.Errorf("a low score: %+v", got.Funnel)
	}
	if _, err := lora.Select(t.Context(), []lora.Material{m}, &lora.SelectOptions{Base: baseKey, Scorer: scorer{"v1", 7}}); err == nil {
		t.Error("a score of 7 is accepted")
	}
}

// scorer gives one score; below 0 it abstains.
type scorer struct {
	version string
	score   float64
}

func (s scorer) Version() string { return s.version }
func (s scorer) Score(context.Context, hobby.Insight) (float64, float64, error) {
	if s.score < 0 {
		return 0, 0, hobby.ErrAbstain
	}
	return s.score, 0.1, nil
}

func TestSelectRefuses(t *testing.T) {
	for want, o := range map[string]*lora.SelectOptions{
		"lora: invalid configuration: the base of the data set has no key":               {},
		"lora: invalid configuration: -1 distinct answers to a task, must be at least 1": {Base: baseKey, Distinct: -1},
		"lora: invalid configuration: a least quality of 1.5, must be at most 1":         {Base: baseKey, MinQuality: 1.5},
		"lora: invalid configuration: a share of 1 for validation, must be below 1":      {Base: baseKey, Validation: 1},
	} {
		if _, err := lora.Select(t.Context(), nil, o); !errors.Is(err, lora.ErrConfig) || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

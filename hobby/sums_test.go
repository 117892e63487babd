package hobby_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestCountsAddUp commits an activity in any number of steps: what the steps count
// adds up to what the activity counts as a whole.
func TestCountsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(what string) int { return rapid.IntRange(0, 1000).Draw(t, what) }
		start := time.Unix(int64(n("start")), 0).UTC()
		var was, sum = hobby.Activity{}, hobby.Count{}
		now := hobby.Activity{Plan: hobby.Plan{Kind: "sums"}, Started: start, Status: hobby.Running}
		steps := rapid.IntRange(1, 5).Draw(t, "steps")
		for i := range steps {
			now.Items, now.Passes, now.Cut, now.Insights = now.Items+n("items"), now.Passes+n("passes"), now.Cut+n("cut"), now.Insights+n("insights")
			now.Engaged += time.Duration(n("engaged"))
			now.Cost = now.Cost.Add(hobby.Cost{TokensIn: int64(n("in")), TokensOut: int64(n("out")), CPU: time.Duration(n("cpu")),
				MicroUSD: int64(n("usd"))})
			if i == steps-1 {
				now.Status, now.Ended = rapid.SampledFrom([]hobby.Status{hobby.Running, hobby.Completed, hobby.Failed,
					hobby.Interrupted}).Draw(t, "status"), start
				if now.Ended = start.Add(time.Hour); now.Status == hobby.Running {
					now.Ended = time.Time{}
				}
			}
			c := hobby.CountOf(&was, &now)
			if i == 0 {
				sum = c
			} else {
				sum = sum.Add(c)
			}
			was = now
			was.Version++
			now.Version++
		}
		want := hobby.Count{
			Kind: "sums", At: start, Last: start, Started: 1, Items: int64(now.Items), Passes: int64(now.Passes), Cut: int64(now.Cut),
			Insights: int64(now.Insights), Cost: now.Cost,
		}
		switch now.Status {
		case hobby.Completed:
			want.Completed = 1
		case hobby.Failed:
			want.Failed = 1
		case hobby.Interrupted:
			want.Interrupted = 1
		}
		if now.Status != hobby.Running {
			want.Time, want.Engaged = time.Hour, now.Engaged
		}
		if d := cmp.Diff(want, sum); d != "" {
			t.Errorf("the steps add up to another count (-want +got):\n%s", d)
		}
	})
}

func TestTallyOf(t *testing.T) {
	a := hobby.Activity{Agent: "agent", Node: "node", Plan: hobby.Plan{Kind: "sums"}}
	i := item(1)
	i.ModelKey, i.At, i.Latency = "m", time.Date(1970, 1, 3, 23, 0, 0, 0, time.UTC), 1500*time.Microsecond
	want := hobby.Tally{
		Agent: "agent", Node: "node", ModelKey: "m", Kind: "sums", Family: i.Family, Version: 1, Level: i.Level, Split: i.Split, Day: 2,
		Tries: 1, Passes: 1, Millis: 1,
	}
	right := hobby.TallyOf(&a, &i)
	if d := cmp.Diff(want, right); d != "" {
		t.Errorf("a right answer (-want +got):\n%s", d)
	}
	i.Score = 0.5
	wrong := hobby.TallyOf(&a, &i)
	if wrong.Passes != 0 || wrong.Tries != 1 || wrong.Key() != right.Key() {
		t.Errorf("a wrong answer: %+v", wrong)
	}
	if both := right.Add(wrong); both.Tries != 2 || both.Passes != 1 || both.Millis != 2 || both.Key() != right.Key() {
		t.Errorf("both: %+v", both)
	}
	if much := right.Add(hobby.Tally{Millis: math.MaxInt64}); much.Millis != math.MaxInt64 {
		t.Errorf("more than there is room for: %d", much.Millis)
	}
}

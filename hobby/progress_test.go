package hobby_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// TestTheImprovementRateIsOfOneModel has ten hours of an old model's practice,
// and then one hour of a new one's that half passes and one that all passes.
func TestTheImprovementRateIsOfOneModel(t *testing.T) {
	s := open(t)
	h := one("sums")
	h.Families = []hobby.Family{{Name: "sums", Levels: 1}}
	m := manager(t, s, nil, h)
	rate := func() (*float64, *float64) {
		t.Helper()
		p, err := m.Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		k := p.Kind("sums")
		return k.ImprovementRate, k.Proficiency.Gain
	}
	practised := func(daysAgo int, model string, hours time.Duration, every int) {
		t.Helper()
		at := time.Now().UTC().AddDate(0, 0, -daysAgo).Add(-hours * time.Hour)
		sess := hobby.Session{Activity: hobby.Activity{
			ID: fmt.Sprint(model, daysAgo), Agent: "agent", Plan: hobby.Plan{Kind: "sums"}, Status: hobby.Completed,
			Started: at, Ended: at.Add(hours * time.Hour), Engaged: hours * time.Hour,
		}}
		for n := range 40 {
			i := item(0)
			if n%every == 0 {
				i.Score = 1
			}
			i.ID, i.At, i.ModelKey, i.Latency = fmt.Sprint(sess.Activity.ID, n), sess.Activity.Ended, model, hours*10*time.Minute // many at a time
			sess.Items = append(sess.Items, i)
		}
		if _, err := s.Commit(t.Context(), sess, nil); err != nil {
			t.Fatal(err)
		}
	}
	practised(4, "old", 10, 2)
	practised(3, "new", 1, 2)
	if r, _ := rate(); r != nil {
		t.Errorf("after one day of the new model the rate is %v, want none", *r)
	}
	practised(2, "new", 1, 1)
	r, gain := rate()
	if r == nil || gain == nil || *gain < 0.2 || math.Abs(*r-*gain/1) > 1e-9 {
		t.Errorf("gained %v, at a rate of %v; want the gain over one of the new model's two hours", gain, r)
	}
}

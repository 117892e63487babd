package hobby_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// elsewhere is a store with what another node has practised today.
type elsewhere struct {
	hobby.Store
	items int64
}

func (s elsewhere) Counts(ctx context.Context, f hobby.CountFilter) ([]hobby.Count, error) {
	counts, err := s.Store.Counts(ctx, f)
	if f.Node == "" || f.Node == "other" {
		at := time.Now().UTC().Truncate(24 * time.Hour)
		counts = append(counts, hobby.Count{Kind: "sums", At: at, Started: 1, Completed: 1, Items: s.items, Last: at})
	}
	return counts, err
}

// TestABudgetIsANodes has another node use more than the day's budget of this one.
func TestABudgetIsANodes(t *testing.T) {
	s := elsewhere{open(t), 1000}
	m := manager(t, s, &hobby.Options{Daily: hobby.Budget{Items: 10}}, one("sums"))
	if _, err := m.RunOnce(t.Context(), "sums"); err != nil {
		t.Errorf("the other node has used this one's budget: %v", err)
	}
	st, err := m.Status(t.Context())
	if err != nil || st.Used.Items >= 1000 {
		t.Errorf("used %+v, %v", st.Used, err)
	}
	m = manager(t, s, &hobby.Options{Daily: hobby.Budget{Items: 1}}, one("sums"))
	for range 2 {
		_, err = m.RunOnce(t.Context(), "sums")
	}
	if !errors.Is(err, hobby.ErrBudget) {
		t.Errorf("its own sessions count: %v", err)
	}
}

// offers is a policy that offers sums at several lengths.
type offers struct{}

func (offers) Choose(context.Context, hobby.State) (hobby.Plan, error) {
	p := hobby.Plan{Policy: "offers/1", Kind: "sums", Level: 1, Propensity: 0.5, Budget: hobby.Budget{Items: 24}}
	p.Candidates = []hobby.Candidate{
		{Kind: "sums", Level: 1, Items: 24, Probability: 0.5},
		{Kind: "sums", Level: 2, Items: 4, Probability: 0.25},
		{Kind: "sums", Level: 3, Probability: 0.25},
	}
	return p, nil
}

// TestCandidatesAreCutAsTheSessionIs has less left of the day's items than a session would
// have: what is logged is what could be practised.
func TestCandidatesAreCutAsTheSessionIs(t *testing.T) {
	m := manager(t, open(t), &hobby.Options{Daily: hobby.Budget{Items: 10}, Policy: offers{}}, one("sums"))
	s, err := m.RunOnce(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, c := range s.Activity.Plan.Candidates {
		got = append(got, c.Items)
	}
	if d := cmp.Diff([]int{10, 4, 0}, got); d != "" || s.Activity.Plan.Budget.Items != 10 {
		t.Errorf("a session of %d answers, and candidates (-want +got):\n%s", s.Activity.Plan.Budget.Items, d)
	}
}

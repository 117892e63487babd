package hobby_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestNothingUntrustedIsCertain: whatever an executor gives, an untrusted insight
// and its claims have at most MaxUntrusted once they are stored, and a trusted one
// has what was given.
func TestNothingUntrustedIsCertain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		confidence := rapid.OneOf(rapid.Float64Range(math.SmallestNonzeroFloat64, 1), rapid.Just(1.0), rapid.Just(hobby.MaxUntrusted))
		in := hobby.Insight{
			Text: "t", Confidence: confidence.Draw(rt, "confidence"), At: time.Now(),
			Taint: rapid.SampledFrom([]hobby.Taint{hobby.Trusted, hobby.Untrusted}).Draw(rt, "taint"),
		}
		for _, c := range rapid.SliceOfN(confidence, 0, 5).Draw(rt, "claims") {
			in.Claims = append(in.Claims, hobby.Claim{Subject: "s", Relation: hobby.Calls, Object: "o", Confidence: c})
		}
		if rapid.Bool().Draw(rt, "accepted") {
			in.Acceptance = &hobby.Acceptance{Accepted: true, By: hobby.ByRule, At: time.Now()}
		}
		given := in
		given.Claims = append([]hobby.Claim{}, in.Claims...)
		in.Doubt()
		if err := in.Validate(); err != nil {
			rt.Fatal(err)
		}
		expect := func(c float64) float64 {
			if given.Taint == hobby.Trusted {
				return c
			}
			return min(c, 0.99)
		}
		if in.Confidence != expect(given.Confidence) {
			rt.Errorf("%v became %v", given.Confidence, in.Confidence)
		}
		for i := range in.Claims {
			if in.Claims[i].Confidence != expect(given.Claims[i].Confidence) {
				rt.Errorf("a claim's %v became %v", given.Claims[i].Confidence, in.Claims[i].Confidence)
			}
		}
		certain := given.Confidence > 0.99
		for _, c := range given.Claims {
			certain = certain || c.Confidence > 0.99
		}
		if err := given.Validate(); errors.Is(err, hobby.ErrInvalid) != (certain && given.Taint != hobby.Trusted) {
			rt.Errorf("as given it is valid: %v", err)
		}
	})
}

// TestOnlyAcceptedTextIsUsed: whatever is decided on it, an untrusted text may be
// used when, and only when, the last decision accepts it; an item that was redacted
// never is.
func TestOnlyAcceptedTextIsUsed(t *testing.T) {
	for _, c := range []struct {
		taint      hobby.Taint
		acceptance *hobby.Acceptance
		want       bool
	}{
		{hobby.Trusted, nil, true},
		{hobby.Untrusted, nil, false},
		{hobby.Untrusted, &hobby.Acceptance{Accepted: true}, true},
		{hobby.Untrusted, &hobby.Acceptance{}, false},
		{"of a later version", nil, false},
	} {
		in, it := hobby.Insight{Taint: c.taint, Acceptance: c.acceptance}, hobby.Item{Taint: c.taint, Acceptance: c.acceptance}
		if in.Trusted() != c.want || it.Trusted() != c.want {
			t.Errorf("%q, %+v: the insight %v, the item %v", c.taint, c.acceptance, in.Trusted(), it.Trusted())
		}
		if it.Redacted = true; it.Trusted() {
			t.Error("a redacted item is used")
		}
	}
}

// TestAPersonAccepts goes through a manager: the person's name is redacted, the
// taint stays, and the decision can be taken back.
func TestAPersonAccepts(t *testing.T) {
	s := open(t)
	told := hobby.Hobby{Kind: "reading", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
		return out.Insight(hobby.Insight{ID: "i", Text: "a document says so", Confidence: 1, Taint: hobby.Untrusted, Source: "a.md",
			Claims: []hobby.Claim{
				{Subject: "a.md", Relation: hobby.Defines, Object: "a key", Confidence: 1},
				{Subject: "a.md", Relation: hobby.Defines, Object: "the word hush", Confidence: 1},
			}})
	})}
	redact := func(text string) string { return strings.ReplaceAll(text, "hush", "[word]") }
	m := manager(t, s, &hobby.Options{Redact: redact}, told)
	if _, err := m.RunOnce(t.Context(), "reading"); err != nil {
		t.Fatal(err)
	}
	read := func() hobby.Insight {
		t.Helper()
		p, err := s.Insights(t.Context(), hobby.InsightFilter{ID: "i"})
		if err != nil || len(p.Insights) != 1 {
			t.Fatalf("%v, %d insights", err, len(p.Insights))
		}
		return p.Insights[0]
	}
	want := []hobby.Claim{{Subject: "a.md", Relation: hobby.Defines, Object: "a key", Confidence: 0.99}}
	if d := cmp.Diff(want, read().Claims); d != "" {
		t.Errorf("claims (-want +got):\n%s", d)
	}
	if err := errors.Join(m.Accept(t.Context(), "i", "hush@home"), m.Accept(t.Context(), "i", "hush@home")); err != nil {
		t.Fatal(err)
	}
	if in := read(); !in.Trusted() || in.Taint != hobby.Untrusted || in.Acceptance.By != "[word]@home" || in.Acceptance.Version != 1 {
		t.Errorf("accepted: %+v, %+v", in, in.Acceptance)
	}
	if err := m.Refuse(t.Context(), "i", "other"); err != nil {
		t.Fatal(err)
	}
	if in := read(); in.Trusted() || in.Acceptance.By != "other" || in.Acceptance.Version != 2 {
		t.Errorf("refused: %+v, %+v", in, in.Acceptance)
	}
	if err := m.Accept(t.Context(), "none", "ann"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("an unknown insight: %v", err)
	}
}

// TestFit: of claims from elsewhere, those that can be kept are kept, in order and
// each once.
func TestFit(t *testing.T) {
	good := hobby.Claim{Subject: "a", Relation: hobby.LinksTo, Object: "b", Confidence: 0.5}
	all := []hobby.Claim{good, good, {}, {Subject: "a", Relation: "x", Object: strings.Repeat("b", 600), Confidence: 1}}
	for i := range 2 * hobby.MaxClaims {
		c := good
		c.Object = strings.Repeat("c", 1+i)
		all = append(all, c)
	}
	in := hobby.Insight{Text: "t", Confidence: 0.5, At: time.Now(), Claims: all, Taint: hobby.Untrusted}
	in.Fit()
	if err := in.Validate(); err != nil || len(in.Claims) != hobby.MaxClaims || in.Claims[0] != good || in.Claims[1].Object != "c" {
		t.Errorf("%v, %d claims", err, len(in.Claims))
	}
}

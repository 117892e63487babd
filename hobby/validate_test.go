package hobby_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestValidateFindsEveryText corrupts one text after another, wherever it is in a
// session.
func TestValidateFindsEveryText(t *testing.T) {
	fresh := func() *hobby.Session {
		i := item(1)
		i.ID, i.At, i.Messages[0].ToolCalls = "item", time.Now(), []hobby.ToolCall{{}}
		return &hobby.Session{
			Activity: hobby.Activity{
				ID: "a", Plan: hobby.Plan{Kind: "sums", Candidates: []hobby.Candidate{{}}}, Status: hobby.Running, Started: time.Now(),
				Improved: []string{""}, Origin: &hobby.Origin{},
			},
			Items:    []hobby.Item{i},
			Insights: []hobby.Insight{{ID: "i", Text: "t", Confidence: 1, At: time.Now(), Evidence: []hobby.Evidence{{}}}},
		}
	}
	if err := fresh().Validate(); err != nil {
		t.Fatalf("a sound session: %v", err)
	}
	for n := 0; ; n++ {
		s := fresh()
		left := n
		field := corrupt(reflect.ValueOf(s).Elem(), &left)
		if field == "" {
			if n < 40 {
				t.Errorf("only %d texts were found", n)
			}
			return
		}
		if err := s.Validate(); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("with %s not UTF-8: %v, want ErrInvalid", field, err)
		}
	}
}

// corrupt makes the n-th text in v invalid and returns the name of its field; ""
// when there are not so many.
func corrupt(v reflect.Value, n *int) string {
	switch v.Kind() {
	case reflect.String:
		if *n--; *n < 0 {
			v.SetString("\xff")
			return "a " + v.Type().Name()
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return corrupt(v.Elem(), n)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if field := corrupt(v.Index(i), n); field != "" {
				return field
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return ""
		}
		for i := range v.NumField() {
			if field := corrupt(v.Field(i), n); field != "" {
				return v.Type().Field(i).Name + ": " + field
			}
		}
	}
	return ""
}

// TestTheEndOfASessionIsAlwaysStored fails sessions with errors that no
// database could keep.
func TestTheEndOfASessionIsAlwaysStored(t *testing.T) {
	s := open(t)
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(r, "error")
		if rapid.Bool().Draw(r, "huge") {
			text = append(text, strings.Repeat("error page \xff", 200_000)...)
		}
		m := manager(t, s, nil, failing("sums", errors.New(string(text))))
		got, err := m.RunOnce(t.Context(), "sums")
		if err != nil || got.Activity.Status != hobby.Failed {
			r.Fatalf("status %s, %v; want a failed session", got.Activity.Status, err)
		}
		if !utf8.ValidString(got.Activity.Err) || len(got.Activity.Err) > 16<<10 || len(text) > 0 && got.Activity.Err == "" {
			r.Errorf("the stored error has %d bytes: %.100q", len(got.Activity.Err), got.Activity.Err)
		}
	})
}

// TestOneBadItemCostsOnlyItself hands over an item that cannot be stored among
// others that can.
func TestOneBadItemCostsOnlyItself(t *testing.T) {
	m := manager(t, open(t), nil, hobby.Hobby{Kind: "sums",
		Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			for i := range 5 {
				it := item(1)
				if i == 2 {
					it.Family = "\xff"
				}
				if err := out.Item(it); (err != nil) != (i == 2) {
					t.Errorf("item %d: %v", i, err)
				}
			}
			it := item(1)
			// What a model wrote is made fit to be stored.
			it.Answer, it.Messages[0].ToolCalls = "bad \xff", []hobby.ToolCall{{Name: "t", Arguments: "bad \xff"}}
			return out.Item(it)
		})})
	got, err := m.RunOnce(t.Context(), "sums")
	if err != nil || got.Activity.Status != hobby.Completed || len(got.Items) != 5 {
		t.Fatalf("status %s, %d items, %v; want 5 items", got.Activity.Status, len(got.Items), err)
	}
	if last := got.Items[4]; last.Answer != "bad \uFFFD" || last.Messages[0].ToolCalls[0].Arguments != "bad \uFFFD" {
		t.Errorf("the last item is %+v", last)
	}
}

// TestValidateBoundsNumbers: what one answer cannot have taken is refused, also
// when the sums would hold it.
func TestValidateBoundsNumbers(t *testing.T) {
	for field, corrupt := range map[string]func(*hobby.Session){
		"Item.TokensIn":   func(s *hobby.Session) { s.Items[0].TokensIn = 1e18 },
		"Item.TokensOut":  func(s *hobby.Session) { s.Items[0].TokensOut = 1<<30 + 1 },
		"Item.MicroUSD":   func(s *hobby.Session) { s.Items[0].MicroUSD = math.MaxInt64 },
		"Item.Latency":    func(s *hobby.Session) { s.Items[0].Latency = 100 * 365 * 24 * time.Hour },
		"Cost or Engaged": func(s *hobby.Session) { s.Activity.Cost.TokensOut = -1 },
	} {
		s := hobby.Session{
			Activity: hobby.Activity{ID: "a", Plan: hobby.Plan{Kind: "sums"}, Status: hobby.Running, Started: time.Now()},
			Items: []hobby.Item{{
				ID: "i", Split: hobby.Practice, Verifier: "exact", At: time.Now(),
				TokensIn: 1 << 30, TokensOut: 1 << 30, MicroUSD: 1e12, Latency: 30 * 24 * time.Hour,
			}},
		}
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		corrupt(&s)
		if err := s.Validate(); !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestCostsDoNotWrap: a budget of tokens is used up by a sum that does not fit.
func TestCostsDoNotWrap(t *testing.T) {
	c := hobby.Cost{TokensIn: math.MaxInt64 - 1, TokensOut: 1, CPU: math.MaxInt64, MicroUSD: 1}
	want := hobby.Cost{TokensIn: math.MaxInt64, TokensOut: 2, CPU: math.MaxInt64, MicroUSD: 2}
	if got := c.Add(hobby.Cost{TokensIn: 2, TokensOut: 1, CPU: 1, MicroUSD: 1}); got != want || got.Tokens() != math.MaxInt64 {
		t.Errorf("%+v, %d tokens", got, got.Tokens())
	}
}

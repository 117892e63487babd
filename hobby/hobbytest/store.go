package hobbytest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestStore is the contract of hobby.Store. open returns a new, empty store,
// which the suite closes.
func TestStore(t *testing.T, open func(t *testing.T) hobby.Store) {
	for _, group := range []map[string]func(storeTest){
		commitTests, sumTests, eventTests, listTests, slotTests, forgetTests, pastTests, acceptTests, edgeTests,
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) { test(newStoreTest(t, open(t))) })
		}
	}
}

// TestSharedStore is the contract of a hobby.Store that several processes use at
// once. share returns a function that opens the same data again; for the others,
// a store that is closed is a process that died.
func TestSharedStore(t *testing.T, share func(t *testing.T) (open func() hobby.Store)) {
	for name, test := range sharedTests {
		t.Run(name, func(t *testing.T) {
			open := share(t)
			test(newStoreTest(t, open()), newStoreTest(t, open()))
		})
	}
}

// storeTest is a store under test, with helpers that end the test when the
// store fails.
type storeTest struct {
	*testing.T
	hobby.Store
	ctx context.Context
}

func newStoreTest(t *testing.T, s hobby.Store) storeTest {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return storeTest{t, s, t.Context()}
}

// noon is the start of most activities here.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// session is a running session that started i minutes after noon.
func session(i int) hobby.Session {
	return hobby.Session{Activity: hobby.Activity{
		ID: fmt.Sprintf("activity-%04d", i), Agent: "agent", Status: hobby.Running, Started: noon.Add(time.Duration(i) * time.Minute),
		Plan: hobby.Plan{Kind: "sums", Policy: "test", Propensity: 1},
	}}
}

// with returns s with n more items; every third passes.
func with(s hobby.Session, n int) hobby.Session {
	for range n {
		i := len(s.Items)
		s.Items = append(s.Items, answer(fmt.Sprintf("%s-item-%d", s.Activity.ID, i), s.Activity.Started, i%3 == 0))
	}
	return s
}

func answer(id string, at time.Time, pass bool) hobby.Item {
	it := hobby.Item{
		ID: id, Family: "add", Level: 1, Split: hobby.Practice, Verifier: "exact", At: at,
		Latency: 7 * time.Millisecond, ModelKey: "model",
	}
	if pass {
		it.Score, it.Finish = 1, hobby.FinishStop
	} else {
		it.Finish = hobby.FinishLength
	}
	return it
}

func insight(id, source string) hobby.Insight {
	return hobby.Insight{ID: id, Kind: "sums", At: noon, Text: "insight " + id, Confidence: 1, Source: source}
}

// ended returns s as it is when it has ended with status after 30 s.
func ended(s hobby.Session, status hobby.Status) hobby.Session {
	s.Activity.Status, s.Activity.Ended = status, s.Activity.Started.Add(30*time.Second)
	return s
}

// commit commits s and returns what is stored.
func (t storeTest) commit(s hobby.Session) hobby.Activity {
	t.Helper()
	a, err := t.Commit(t.ctx, s, nil)
	if err != nil {
		t.Fatalf("Commit(%s): %v", s.Activity.ID, err)
	}
	return a
}

// refuses asserts that err is one of the package's errors.
func (t storeTest) refuses(doing string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", doing, err, want)
	}
}

// same asserts that got is want.
func (t storeTest) same(what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// must unwraps what the store returned.
func must[T any](t storeTest) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (t storeTest) head() hobby.Cursor {
	t.Helper()
	return must[hobby.Cursor](t)(t.Head(t.ctx))
}

func (t storeTest) session(id string) hobby.Session {
	t.Helper()
	return must[hobby.Session](t)(t.Activity(t.ctx, id))
}

func (t storeTest) tallies() []hobby.Tally {
	t.Helper()
	all, _, err := t.Tallies(t.ctx, hobby.TallyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (t storeTest) counts(f hobby.CountFilter) []hobby.Count {
	t.Helper()
	return must[[]hobby.Count](t)(t.Counts(t.ctx, f))
}

// addsUp audits the store.
func (t storeTest) addsUp() {
	t.Helper()
	if _, err := Audit(t.ctx, t); err != nil {
		t.Errorf("the store does not add up: %v", err)
	}
}

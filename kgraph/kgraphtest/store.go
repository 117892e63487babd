package kgraphtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
)

// TestStore tests that what open returns is a kgraph.Store. Each call of open gives an
// empty one, with the store that has its event log and forgets sources.
func TestStore(t *testing.T, open func(t *testing.T) (kgraph.Store, hobby.Store)) {
	for name, test := range map[string]func(storeTest){
		"ComesBack": comesBack, "Pages": pages, "Repetition": repetition, "Position": position, "Decisions": decisions,
		"Forgets": forgets, "ForgetsOfTheStore": forgetsOfTheStore, "ToldAgain": toldAgain, "Refuses": refuses,
		"Cancelled": cancelled, "Changed": changed, "Filled": filled, "Snapshots": snapshots,
	} {
		t.Run(name, func(t *testing.T) {
			s, log := open(t)
			test(storeTest{t, s, log})
		})
	}
}

type storeTest struct {
	*testing.T
	kgraph.Store
	log hobby.Store
}

// Stated is a change that states that subject calls each of objects.
func Stated(id, source, subject string, objects ...string) kgraph.Change {
	c := kgraph.Change{Op: kgraph.Stated, Origin: kgraph.Origin{
		ID: id, Activity: "activity of " + id, Kind: hobby.CodeAnalysis, Source: source, File: "a.go", Line: 7,
		Recorded: time.Date(2026, 5, 1, 2, 3, 4, 5, time.UTC),
	}}
	for _, o := range objects {
		c.Statements = append(c.Statements, kgraph.Statement{
			Claim: hobby.Claim{Subject: subject, Relation: hobby.Calls, Object: o, Confidence: 0.5},
		})
	}
	return c
}

func (t storeTest) append(at hobby.Cursor, all ...kgraph.Change) int64 {
	t.Helper()
	rev, err := t.Append(t.Context(), at, all)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func (t storeTest) all() []kgraph.Change {
	t.Helper()
	all, err := t.Changes(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ids are the origins of what is stored, in its order; what is forgotten is "-".
func (t storeTest) ids() (ids []string) {
	t.Helper()
	for _, c := range t.all() {
		switch c.Op {
		case kgraph.Forgotten:
			ids = append(ids, "-")
		case kgraph.Decided:
			ids = append(ids, fmt.Sprintf("%s:%d:%t", c.ID, c.Version, c.Accepted))
		default:
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func (t storeTest) same(what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// sweep deletes what is forgotten, n at a time, and returns how often that took.
func (t storeTest) sweep(n int) (times int) {
	t.Helper()
	for {
		more, err := t.Sweep(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return times
		}
		times++
	}
}

func comesBack(t storeTest) {
	if rev, err := t.Rev(t.Context()); rev != 0 || err != nil {
		t.Fatalf("an empty store has revision %d, %v", rev, err)
	}
	full := Stated("full", "https://example.org/ \u2028<&\x00", "a", "b")
	full.Taint, full.Accepted, full.Version = hobby.Untrusted, true, 3
	full.Statements[0].From = time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC)
	full.Statements[0].To = time.Date(2021, 1, 2, 3, 4, 5, 6, time.UTC)
	full.Statements[0].Confidence = 0.1 + 0.2
	full.Statements = append(full.Statements, kgraph.Statement{
		Claim: hobby.Claim{Subject: "\u00e9\U0001f600", Relation: "is near", Object: "x", Confidence: 1}, Extracted: true,
		Sentence: kgraph.Span{Start: 3, End: 1 << 20},
	})
	plain := Stated("plain", "", "f", "g", "h")
	bare := kgraph.Change{Op: kgraph.Stated, Origin: kgraph.Origin{ID: "bare", Recorded: plain.Recorded}, Statements: plain.Statements[:1]}
	if rev := t.append(0, full, plain); rev != 2 {
		t.Errorf("two changes are revision %d", rev)
	}
	if rev := t.append(0, bare); rev != 3 {
		t.Errorf("the third is revision %d", rev)
	}
	full.Rev, plain.Rev, bare.Rev = 1, 2, 3
	t.same("what is stored", t.all(), []kgraph.Change{full, plain, bare})
}

func pages(t storeTest) {
	for i := range 5 {
		t.append(0, Stated(fmt.Sprint(i), "", "f", "g"))
	}
	var got []int64
	after := int64(1)
	for {
		p, err := t.Changes(t.Context(), after, 2)
		if err != nil || len(p) > 2 {
			t.Fatalf("%d changes after %d, %v", len(p), after, err)
		}
		if len(p) == 0 {
			break
		}
		for _, c := range p {
			got = append(got, c.Rev)
		}
		after = p[len(p)-1].Rev
	}
	t.same("the revisions after the first", got, []int64{2, 3, 4, 5})
}

func repetition(t storeTest) {
	t.append(0, Stated("a", "", "f", "g"), Stated("a", "", "f", "other"))
	if rev := t.append(0, Stated("a", "", "f", "h"), Stated("b", "", "f", "g")); rev != 2 {
		t.Errorf("a repetition has a revision: %d after two origins", rev)
	}
	t.same("what is stored", t.ids(), []string{"a", "b"})
	t.same("the first one stays", t.all()[0].Statements[0].Object, "g")
}

func position(t storeTest) {
	at := func() hobby.Cursor {
		t.Helper()
		c, err := t.log.Consumed(t.Context(), kgraph.Consumer)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, b := Stated("a", "notes", "f", "g"), kgraph.Change{Op: kgraph.Forgotten, Hash: hobby.SourceHash("notes")}
	a.Pos, b.Pos = 3, 4
	t.append(4, a, b)
	t.same("the position", at(), hobby.Cursor(4))
	c := Stated("c", "notes", "f", "g") // the source is read again
	c.Pos = 6
	t.append(6, c)
	t.append(4, a, b) // another process is late
	t.same("the position after a late one", at(), hobby.Cursor(6))
	t.sweep(10)
	t.same("what is stored", t.ids(), []string{"-", "c"})
	t.append(0, Stated("d", "", "f", "g"))
	t.same("the position after a host's change", at(), hobby.Cursor(6))
	t.append(9)
	t.same("the position after nothing", at(), hobby.Cursor(9))
}

func decisions(t storeTest) {
	decided := func(id string, version int, accepted bool) kgraph.Change {
		return kgraph.Change{Op: kgraph.Decided, Origin: kgraph.Origin{ID: id, Accepted: accepted}, Version: version}
	}
	t.append(0, decided("a", 1, true))
	a := Stated("a", "notes", "f", "g")
	a.Taint = hobby.Untrusted
	t.append(0, a, decided("a", 1, true), decided("a", 1, false), decided("a", 2, false), decided("b", 1, true))
	t.same("what is stored", t.ids(), []string{"a", "a:1:true", "a:2:false"})
	t.append(0, kgraph.Change{Op: kgraph.Forgotten, Hash: hobby.SourceHash("notes")})
	t.sweep(10)
	t.same("what is left", t.ids(), []string{"-"})
}

func forgets(t storeTest) {
	gone := func(source string) kgraph.Change {
		return kgraph.Change{Op: kgraph.Forgotten, Hash: hobby.SourceHash(source)}
	}
	t.append(0, gone("notes"))
	t.same("of a source that is not there", t.ids(), []string(nil))
	if times := t.sweep(1); times != 0 {
		t.Errorf("nothing to delete took %d times", times)
	}
	for i := range 5 {
		t.append(0, Stated(fmt.Sprint("n", i), "notes", "f", "g"), Stated(fmt.Sprint("o", i), "other", "f", "g"))
	}
	t.append(0, Stated("p", "", "f", "g"), gone("notes"), gone("notes"))
	rev := t.append(0, Stated("again", "notes", "f", "g"))
	if times := t.sweep(2); times < 3 {
		t.Errorf("five were deleted two at a time in %d times", times)
	}
	want := []string{"o0", "o1", "o2", "o3", "o4", "p", "-", "again"}
	t.same("what is left", t.ids(), want)
	if now, err := t.Rev(t.Context()); now != rev || err != nil {
		t.Errorf("the newest revision became %d, %v, was %d", now, err, rev)
	}
	t.append(0, Stated("n0", "notes", "f", "g")) // what was forgotten may be told again
	t.same("what is told again", t.ids(), append(want, "n0"))
	t.append(0, gone("notes"))
	t.sweep(100)
	t.same("what is left at last", t.ids()[:6], want[:6])
	if got := t.ids(); got[len(got)-1] != "-" {
		t.Errorf("the last is %q, want what is forgotten", got[len(got)-1])
	}
}

// toldAgain states an origin again that is forgotten and not deleted yet, and decides on
// another such one.
func toldAgain(t storeTest) {
	a, b := Stated("a", "notes", "f", "g"), Stated("b", "notes", "f", "g")
	gone := kgraph.Change{Op: kgraph.Forgotten, Hash: hobby.SourceHash("notes")}
	late := kgraph.Change{Op: kgraph.Decided, Origin: kgraph.Origin{ID: "b", Accepted: true}, Version: 1}
	t.append(0, a, b)
	t.append(0, gone)
	t.append(0, a, late)
	t.sweep(10)
	t.same("what is stored", t.ids(), []string{"-", "a"})
}

func forgetsOfTheStore(t storeTest) {
	t.append(0, Stated("a", "notes", "f", "g"), Stated("b", "", "f", "g"))
	n, err := t.log.Forget(t.Context(), "notes")
	if err != nil || n < 1 {
		t.Errorf("forgetting returned %d, %v", n, err)
	}
	t.same("what is stored at once", t.ids(), []string{"a", "b", "-"})
	t.sweep(10)
	t.same("what is left", t.ids(), []string{"b", "-"})
}

func refuses(t storeTest) {
	for name, change := range map[string]func(c *kgraph.Change){
		"no operation":          func(c *kgraph.Change) { c.Op = "" },
		"no id":                 func(c *kgraph.Change) { c.ID = "" },
		"no time":               func(c *kgraph.Change) { c.Recorded = time.Time{} },
		"a time too far":        func(c *kgraph.Change) { c.Recorded = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) },
		"no statements":         func(c *kgraph.Change) { c.Statements = nil },
		"no subject":            func(c *kgraph.Change) { c.Statements[0].Subject = "" },
		"a confidence of zero":  func(c *kgraph.Change) { c.Statements[0].Confidence = 0 },
		"an end before a start": func(c *kgraph.Change) { c.Statements[0].From, c.Statements[0].To = c.Recorded, c.Recorded },
		"an end when it began":  func(c *kgraph.Change) { c.Statements[0].To = c.Recorded },
		"no hash":               func(c *kgraph.Change) { c.Op = kgraph.Forgotten },
	} {
		c := Stated("a", "", "f", "g")
		change(&c)
		if _, err := t.Append(t.Context(), 0, []kgraph.Change{Stated("b", "", "f", "g"), c}); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.same("nothing is stored", t.ids(), []string(nil))
}

func cancelled(t storeTest) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, appending := t.Append(ctx, 0, []kgraph.Change{Stated("a", "", "f", "g")})
	_, reading := t.Changes(ctx, 0, 0)
	_, rev := t.Rev(ctx)
	_, sweeping := t.Sweep(ctx, 1)
	for name, err := range map[string]error{"Append": appending, "Changes": reading, "Rev": rev, "Sweep": sweeping} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func filled(t storeTest) {
	for _, want := range []bool{false, true, true} {
		if got, err := t.Filled(t.Context()); got != want || err != nil {
			t.Errorf("filled is %v, %v; want %v", got, err, want)
		}
		if err := t.SetFilled(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// snapshots has the newest whole snapshot be read, and none that has what is forgotten.
func snapshots(t storeTest) {
	read := func(what, want string) {
		t.Helper()
		var got []byte
		err := t.ReadSnapshot(t.Context(), func(r io.Reader) (err error) {
			got, err = io.ReadAll(r)
			return err
		})
		if want == "" {
			if !errors.Is(err, hobby.ErrNotFound) {
				t.Errorf("%s: %d bytes, %v; want %v", what, len(got), err, hobby.ErrNotFound)
			}
		} else if err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v; want the %d that were written", what, len(got), err, len(want))
		}
	}
	write := func(rev int64, body string) error {
		return t.WriteSnapshot(t.Context(), rev, func(w io.Writer) error {
			for part := range slices.Chunk([]byte(body), 700_001) {
				if _, err := w.Write(part); err != nil {
					return err
				}
			}
			return nil
		})
	}
	read("before anything", "")
	rev := t.append(0, Stated("a", "notes", "f", "g"))
	big := strings.Repeat("0123456789abcde", 200_000)
	if err := write(rev, big); errors.Is(err, errors.ErrUnsupported) {
		t.Skip("the store has no snapshots")
	} else if err != nil {
		t.Fatal(err)
	}
	read("the first", big)
	broken := errors.New("broken")
	err := t.WriteSnapshot(t.Context(), rev, func(w io.Writer) error {
		_, err := w.Write([]byte(big))
		return errors.Join(err, broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("a writer that breaks: %v", err)
	}
	read("after a broken one", big)
	err = t.WriteSnapshot(t.Context(), rev, func(io.Writer) error { return write(rev, "inner") })
	if err == nil {
		t.Error("a snapshot is stored in the place of a later one")
	}
	read("after two at once", "inner")
	err = t.WriteSnapshot(t.Context(), rev, func(w io.Writer) error {
		t.append(0, kgraph.Change{Op: kgraph.Forgotten, Hash: hobby.SourceHash("notes")})
		_, err := w.Write([]byte(big))
		return err
	})
	if err == nil {
		t.Error("a snapshot is stored with what was forgotten meanwhile")
	}
	read("after forgetting", "")
	if err := write(rev, "old"); err == nil {
		t.Error("a snapshot is stored from before something was forgotten")
	}
	t.sweep(1)
	if err := write(rev+1, "new"); err != nil {
		t.Fatal(err)
	}
	t.sweep(1)
	read("at last", "new")
}

func changed(t storeTest) {
	c := t.Changed()
	t.append(0, Stated("a", "", "f", "g"))
	select {
	case <-c:
	default:
		t.Error("nobody was told of a change")
	}
}

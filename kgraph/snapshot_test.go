package kgraph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

var snapshotRules = []Relation{
	{Name: "one", Functional: true}, {Name: "up", Ends: []hobby.Relation{"down"}}, {Name: "down", Object: Function},
}

// drawIndex is an index of random changes, of which some are forgotten.
func drawIndex(t *rapid.T, declared []Relation) *index {
	r, err := newRules(declared)
	if err != nil {
		t.Fatal(err)
	}
	x, begin := newIndex(r), time.Unix(0, 0)
	letters := rapid.SampledFrom([]string{"a", "b", "Cs", "c", "\x00", "déjà vu"})
	for i := range int64(rapid.IntRange(0, 12).Draw(t, "changes")) {
		c := Change{Rev: 3*i + 1, Op: Stated, Origin: Origin{
			ID: fmt.Sprint(i), Activity: letters.Draw(t, "activity"), Source: rapid.SampledFrom([]string{"", "notes", "web"}).Draw(t, "source"),
			Line: rapid.IntRange(-3, 3).Draw(t, "line"), Recorded: begin.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "recorded"))),
			Taint: rapid.SampledFrom([]hobby.Taint{hobby.Trusted, hobby.Untrusted}).Draw(t, "taint"), Accepted: rapid.Bool().Draw(t, "accepted"),
		}, Version: rapid.IntRange(0, 3).Draw(t, "version")}
		for range rapid.IntRange(1, 4).Draw(t, "statements") {
			s := Statement{Claim: hobby.Claim{
				Subject: letters.Draw(t, "subject"), Object: letters.Draw(t, "object"),
				Relation:   rapid.SampledFrom([]hobby.Relation{"one", "up", "down", "many", "more"}).Draw(t, "relation"),
				Confidence: rapid.Float64Range(1e-9, 1).Draw(t, "confidence"),
			}, Extracted: rapid.Bool().Draw(t, "extracted")}
			if rapid.Bool().Draw(t, "placed") {
				s.Sentence.Start = rapid.IntRange(0, math.MaxInt32).Draw(t, "start")
				s.Sentence.End = rapid.IntRange(s.Sentence.Start, math.MaxInt32).Draw(t, "end")
			}
			if rapid.Bool().Draw(t, "dated") {
				s.From = c.Recorded.Add(-time.Hour)
			}
			if rapid.Bool().Draw(t, "closed") {
				s.To = c.Recorded.Add(time.Hour)
			}
			c.Statements = append(c.Statements, s)
		}
		x.apply(&c)
		if rapid.Bool().Draw(t, "decided") {
			x.apply(&Change{Rev: 3*i + 2, Op: Decided, Origin: Origin{ID: fmt.Sprint(i / 2), Accepted: i%2 == 0}, Version: int(i)})
		}
		if rapid.IntRange(0, 9).Draw(t, "forgotten") == 0 {
			x.apply(&Change{Rev: 3*i + 3, Op: Forgotten, Hash: hobby.SourceHash("notes")})
			x = x.again()
		}
	}
	return x
}

func snapshotOf(t fataler, x *index) []byte {
	var b bytes.Buffer
	g := &Graph{x: x}
	if err := g.write(newSnapshotWriter(x, &b)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type fataler interface{ Fatal(...any) }

var wholeIndex = cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(index{}, "verdicts"), cmp.AllowUnexported(
	index{}, rules{}, table[string]{}, table[name]{}, name{}, form{}, node{}, origin{}, fact{}, decision{}, chain{},
)}

// TestSnapshot has an index that is restored be the one that was written, to the last
// number.
func TestSnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawIndex(t, snapshotRules)
		y, err := restore(bytes.NewReader(snapshotOf(t, x)), x.rules.fresh())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(x, y, wholeIndex); diff != "" {
			t.Errorf("the restored index (-written +restored):\n%s", diff)
		}
	})
}

// TestSnapshotOfOtherRules has a snapshot be read under other declarations as the log is.
func TestSnapshotOfOtherRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawIndex(t, snapshotRules)
		other, err := newRules([]Relation{{Name: "many", Subject: Function}, {Name: "down", Functional: true}})
		if err != nil {
			t.Fatal(err)
		}
		y, err := restore(bytes.NewReader(snapshotOf(t, x)), other.fresh())
		if err != nil {
			t.Fatal(err)
		}
		z := newIndex(other.fresh())
		for at := range x.origins {
			c := x.change(int32(at))
			z.apply(&c)
			if d := x.decided[int32(at)]; d != nil {
				z.decided[int32(at)] = d
			}
		}
		z.rev = x.rev
		if diff := cmp.Diff(z, y, wholeIndex); diff != "" {
			t.Errorf("under other rules (-log +snapshot):\n%s", diff)
		}
	})
}

// TestSnapshotDamaged has a snapshot with one wrong byte, or without its end, be refused.
func TestSnapshotDamaged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawIndex(t, snapshotRules)
		raw := snapshotOf(t, x)
		at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
		bad := bytes.Clone(raw)
		bad[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		if _, err := restore(bytes.NewReader(bad), x.rules.fresh()); err == nil {
			t.Errorf("byte %d of %d is wrong, and nobody saw it", at, len(raw))
		}
		if _, err := restore(bytes.NewReader(raw[:at]), x.rules.fresh()); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of %d bytes: %v", at, len(raw), err)
		}
	})
}

// TestSnapshotOfNoConfidence has a fact be refused that no log could have.
func TestSnapshotOfNoConfidence(t *testing.T) {
	for _, c := range []float64{0, -1, 2, math.NaN(), math.Inf(1)} {
		r, err := newRules(nil)
		if err != nil {
			t.Fatal(err)
		}
		x := newIndex(r)
		x.apply(&Change{Rev: 1, Op: Stated, Origin: Origin{ID: "1", Recorded: time.Unix(1, 0)}, Statements: []Statement{
			{Claim: hobby.Claim{Subject: "a", Relation: "one", Object: "b", Confidence: c}},
		}})
		if _, err := restore(bytes.NewReader(snapshotOf(t, x)), r.fresh()); !errors.Is(err, errSnapshot) {
			t.Errorf("a confidence of %v: %v, want %v", c, err, errSnapshot)
		}
	}
}

type noSnapshots struct{ Store }

func (noSnapshots) WriteSnapshot(context.Context, int64, func(io.Writer) error) error {
	return errors.ErrUnsupported
}

// TestStoreWithoutSnapshots has such a store be no fault, which would hold up what comes
// after saving.
func TestStoreWithoutSnapshots(t *testing.T) {
	r, err := newRules(nil)
	if err != nil {
		t.Fatal(err)
	}
	g := &Graph{x: newIndex(r), store: noSnapshots{}, saved: -minSaved}
	if err := g.save(t.Context()); err != nil || g.saved != 0 {
		t.Errorf("saving: %v; as many facts as were saved: %d", err, g.saved)
	}
}

// FuzzRestore has no bytes harm who reads them as records, whose hash is right.
func FuzzRestore(f *testing.F) {
	r, err := newRules(snapshotRules)
	if err != nil {
		f.Fatal(err)
	}
	x := newIndex(r)
	x.apply(&Change{Rev: 1, Op: Stated, Origin: Origin{ID: "1", Source: "web", Recorded: time.Unix(1, 0)}, Statements: []Statement{
		{Claim: hobby.Claim{Subject: "a", Relation: "one", Object: "b", Confidence: .5}},
	}})
	s := newSnapshotWriter(x, nil)
	head := s.buf
	s.buf = nil
	s.origin(0)
	f.Add(head, s.buf)
	f.Fuzz(func(t *testing.T, head, records []byte) {
		var b bytes.Buffer
		s := &snapshotWriter{w: &b}
		for _, frame := range [][]byte{head, records, nil} {
			s.buf = frame
			if err := s.flush(); err != nil {
				t.Fatal(err)
			}
		}
		x, err := restore(&b, r.fresh())
		if err == nil {
			snapshotOf(t, x) // it has no reference to what is not there
		}
	})
}

package rlhf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// library is a pipeline over insights that answer two questions.
func library(t *testing.T) (*studio, func(user, insight string, f rlhf.Feedback)) {
	t.Helper()
	s := newStudio(t)
	for id, topic := range map[string]string{"a": "parsing", "b": "parsing", "c": "parsing", "x": "cats", "y": "cats"} {
		in := hobby.Insight{ID: id, Kind: hobby.CodeAnalysis, Topic: topic, Text: "The text of " + id + ".", Confidence: 0.9}
		if id == "c" {
			in.Taint, in.Source = hobby.Untrusted, "c.md"
		}
		s.targets[id] = rlhf.InsightTarget(&in)
	}
	return s, func(user, insight string, f rlhf.Feedback) {
		t.Helper()
		f.Type, f.Target, f.User = rlhf.Insight, insight, user
		if _, _, err := s.Submit(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDataset has three people compare texts. What they prefer is what most of them do, the
// text from outside is in no pair until it is accepted, and who is forgotten decides nothing.
func TestDataset(t *testing.T) {
	ctx := t.Context()
	s, say := library(t)
	no := false
	say("ana", "a", rlhf.Feedback{Rating: 5, Comment: "short"})
	say("ana", "b", rlhf.Feedback{Rating: 2})
	say("ben", "a", rlhf.Feedback{Rating: 3})
	say("ben", "b", rlhf.Feedback{Rating: 4})
	say("cem", "a", rlhf.Feedback{Rating: 1})
	say("cem", "a", rlhf.Feedback{Rating: 4}) // an edit
	say("cem", "b", rlhf.Feedback{Rating: 2})
	say("cem", "c", rlhf.Feedback{Rating: 5})
	say("ana", "x", rlhf.Feedback{Helpful: &no, Suggestion: "dogs"})
	say("ben", "y", rlhf.Feedback{Rating: 3})

	const parsing, cats = "What do you know about parsing?", "What do you know about cats?"
	text := func(id string) string { return "The text of " + id + "." }
	check := func(when string, want rlhf.Dataset, people int) {
		t.Helper()
		got, err := s.Dataset(ctx)
		if err != nil {
			t.Fatal(err)
		}
		records := got.Records
		got.Records = nil
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", when, d)
		}
		by := map[uuid.UUID]bool{}
		for _, r := range records {
			for _, o := range r.Opinions {
				by[o.By] = true
			}
		}
		if len(by) != people {
			t.Errorf("%s: opinions of %d people, want %d", when, len(by), people)
		}
	}
	pairs := []rlhf.Pair{{Question: parsing, Chosen: text("a"), Rejected: text("b"), ChosenID: "a", RejectedID: "b"}}
	labels := []rlhf.Label{{Question: cats, Text: text("x"), ID: "x"}, {Question: parsing, Text: text("a"), Good: true, ID: "a"},
		{Question: parsing, Text: text("b"), ID: "b"}}
	check("two of three", rlhf.Dataset{Pairs: pairs, Labels: labels}, 3)

	c := s.targets["c"]
	c.Untrusted = false
	s.targets["c"] = c
	more := slices.Concat(pairs, []rlhf.Pair{
		{Question: parsing, Chosen: text("c"), Rejected: text("a"), ChosenID: "c", RejectedID: "a"},
		{Question: parsing, Chosen: text("c"), Rejected: text("b"), ChosenID: "c", RejectedID: "b"}})
	check("with a text that was accepted", rlhf.Dataset{Pairs: more, Labels: append(labels[:3:3],
		rlhf.Label{Question: parsing, Text: text("c"), Good: true, ID: "c"})}, 3)
	ids, err := s.Preferred(ctx, hobby.CodeAnalysis, 10)
	if d := cmp.Diff([]string{"c"}, ids); d != "" || err != nil {
		t.Errorf("what is preferred (-want +got), %v:\n%s", err, d)
	}

	if _, err := s.db.Forget(ctx, rlhf.UserSource("cem")); err != nil {
		t.Fatal(err)
	}
	check("without cem, one against one", rlhf.Dataset{Labels: labels[:2]}, 2)
}

// TestClaimedNamesAreOneVoice has one known person compare two texts, and then names at one
// address that nobody vouches for say the opposite: they are one voice against one.
func TestClaimedNamesAreOneVoice(t *testing.T) {
	s, say := library(t)
	say("cem", "a", rlhf.Feedback{Rating: 5})
	say("cem", "b", rlhf.Feedback{Rating: 2})
	check := func(when string, pairs, labels int) {
		t.Helper()
		d, err := s.Dataset(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{pairs, labels}, []int{len(d.Pairs), len(d.Labels)}); diff != "" {
			t.Errorf("%s: %+v and %+v, of pairs and labels (-want +got):\n%s", when, d.Pairs, d.Labels, diff)
		}
	}
	check("one person", 1, 2)
	for i := range 5 {
		name := []string{"cem", "eva", "fay", "gus", "hal"}[i]
		say(name, "a", rlhf.Feedback{Rating: 1, Address: "192.0.2.7", Claimed: true})
		say(name, "b", rlhf.Feedback{Rating: 4, Address: "192.0.2.7", Claimed: true})
	}
	check("five names against", 0, 0)
	say("dan", "a", rlhf.Feedback{Rating: 4})
	say("dan", "b", rlhf.Feedback{Rating: 3})
	check("two persons", 1, 1)
}

// TestACrowdMakesNoPair has people who are known rate two texts, and then a hundred new names
// say the opposite.
func TestACrowdMakesNoPair(t *testing.T) {
	s, say := library(t)
	for i := range 12 {
		for k := range 12 {
			id := fmt.Sprint("other", k)
			in := hobby.Insight{ID: id, Kind: hobby.CodeAnalysis, Topic: id, Text: id, Confidence: 1}
			s.targets[id] = rlhf.InsightTarget(&in)
			say(fmt.Sprint("p", i), id, rlhf.Feedback{Rating: 2 + (i+k)%3})
		}
		say(fmt.Sprint("p", i), "a", rlhf.Feedback{Rating: 5})
		say(fmt.Sprint("p", i), "b", rlhf.Feedback{Rating: 1})
	}
	if err := s.Refit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		say(fmt.Sprint("new", i), "a", rlhf.Feedback{Rating: 1})
		say(fmt.Sprint("new", i), "b", rlhf.Feedback{Rating: 5})
	}
	for _, when := range []string{"at once", "after a fit"} {
		d, err := s.Dataset(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Pairs {
			if p.ChosenID == "b" {
				t.Errorf("%s: a crowd has %q preferred", when, p.Chosen)
			}
		}
		for _, l := range d.Labels {
			if l.ID == "a" && !l.Good || l.ID == "b" && l.Good {
				t.Errorf("%s: a crowd has %q labelled %v", when, l.Text, l.Good)
			}
		}
		if err := s.Refit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// anyDataset draws what every format can hold.
func anyDataset(t *rapid.T) (d rlhf.Dataset) {
	text := rapid.StringN(1, 20, -1)
	for range rapid.IntRange(0, 4).Draw(t, "pairs") {
		d.Pairs = append(d.Pairs, rlhf.Pair{Question: text.Draw(t, "q"), Chosen: text.Draw(t, "c"), Rejected: text.Draw(t, "r"),
			ChosenID: text.Draw(t, "i"), RejectedID: text.Draw(t, "j")})
		d.Labels = append(d.Labels, rlhf.Label{Question: text.Draw(t, "q"), Text: text.Draw(t, "t"), Good: rapid.Bool().Draw(t, "g"), ID: "i"})
	}
	for range rapid.IntRange(0, 4).Draw(t, "records") {
		r := rlhf.Record{Target: rlhf.Ref{Type: rapid.SampledFrom(rlhf.TargetTypes()).Draw(t, "type"), ID: text.Draw(t, "id")},
			Kind: hobby.Kind(rapid.String().Draw(t, "kind")), Question: rapid.String().Draw(t, "q"), Text: rapid.String().Draw(t, "t"),
			Untrusted: rapid.Bool().Draw(t, "u")}
		for i := range rapid.IntRange(0, 3).Draw(t, "people") {
			o := rlhf.Opinion{By: uuid.UUID{byte(i)}, Rating: rapid.IntRange(0, 5).Draw(t, "stars"), Comment: rapid.String().Draw(t, "c"),
				Suggestion: rapid.String().Draw(t, "s"), Helpful: rapid.Ptr(rapid.Bool(), true).Draw(t, "h")}
			if o != (rlhf.Opinion{By: o.By}) {
				r.Opinions = append(r.Opinions, o)
			}
		}
		d.Records = append(d.Records, r)
	}
	return d
}

// TestExportsReadBack writes and reads each format: what it has is the same.
func TestExportsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDataset(t)
		for _, f := range rlhf.Formats() {
			var buf bytes.Buffer
			if err := rlhf.Export(&buf, &d, f); err != nil {
				t.Fatal(err)
			}
			got, err := rlhf.Import(&buf, f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(part(&d, f), got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s (-written +read):\n%s", f, diff)
			}
		}
	})
}

// part is what a format has of a data set.
func part(d *rlhf.Dataset, f rlhf.Format) rlhf.Dataset {
	switch f {
	case rlhf.FormatKTO:
		return rlhf.Dataset{Labels: d.Labels}
	case rlhf.FormatArgilla:
		return rlhf.Dataset{Records: d.Records}
	}
	return rlhf.Dataset{Pairs: d.Pairs}
}

func TestImportRefuses(t *testing.T) {
	for file, f := range map[string]rlhf.Format{
		"{}": rlhf.FormatPreference,
		`{"prompt":"a text","chosen":"b","rejected":"c"}`:                                                   rlhf.FormatPreference,
		`{"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"assistant","content":"b"}]}`:      rlhf.FormatKTO,
		`{"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"user","content":"b"}],"label":1}`: rlhf.FormatKTO,
		`{"instruction":"a","chosen":"b"}`:                                                                  rlhf.FormatAlpaca,
		`{"instruction":"a","chosen":"b","rejected":"c"} x`:                                                 rlhf.FormatAlpaca,
		`{"instruction":"a","chosen":"b","rejected":"c"}]{}`:                                                rlhf.FormatAlpaca,
		`[][{"id":"insight:1"}]`:                                                                            rlhf.FormatArgilla,
		`[{"id":"insight:1","responses":{"comment":[{"value":"","user_id":"` + uuid.Nil.String() + `"}]}}]`: rlhf.FormatArgilla,
		"":                    rlhf.FormatArgilla,
		`[]`:                  "csv",
		`[{"id":"insight:1"}`: rlhf.FormatArgilla,
		`[{"id":"1"}]`:        rlhf.FormatArgilla,
		`[{"id":"insight:1","responses":{"rating":[{"value":3.5,"user_id":"` + uuid.Nil.String() + `"}]}}]`:   rlhf.FormatArgilla,
		`[{"id":"insight:1","responses":{"rating":[{"value":6,"user_id":"` + uuid.Nil.String() + `"}]}}]`:     rlhf.FormatArgilla,
		`[{"id":"insight:1","responses":{"helpful":[{"value":true,"user_id":"` + uuid.Nil.String() + `"}]}}]`: rlhf.FormatArgilla,
	} {
		if d, err := rlhf.Import(strings.NewReader(file), f); !errors.Is(err, hobby.ErrInvalid) || d.Pairs != nil || d.Records != nil {
			t.Errorf("%s as %s: %+v, %v; want that it is refused", file, f, d, err)
		}
	}
}

// TestImportIsBounded has a record that is too long, records that are too many, and a file
// without an end: what is allocated is bounded.
func TestImportIsBounded(t *testing.T) {
	endless := func(text string) io.Reader { return &again{text: text} }
	small := `{"instruction":"a","chosen":"b","rejected":"c"}`
	for name, c := range map[string]struct {
		file io.Reader
		f    rlhf.Format
		says string
	}{
		"a long text": {io.MultiReader(strings.NewReader(small+`{"instruction":"`), endless("a")), rlhf.FormatAlpaca,
			"record 2: it has more than 8 MiB"},
		"small ones": {endless(small), rlhf.FormatAlpaca, "there are more than 200000 records"},
		"many answers": {io.MultiReader(
			strings.NewReader(`[{"id":"insight:1","responses":{"rating":[`), endless(`{"value":1},`)), rlhf.FormatArgilla,
			"record 1: it has more than 8 MiB"},
		"blanks": {endless(" "), rlhf.FormatAlpaca, "MiB"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := rlhf.Import(c.file, c.f)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.says) || !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
			t.Errorf("%s: %d MiB are allocated", name, used>>20)
		}
	}
}

// again is a text without an end.
type again struct {
	text string
	at   int
}

func (a *again) Read(p []byte) (n int, _ error) {
	for n < len(p) {
		k := copy(p[n:], a.text[a.at:])
		n, a.at = n+k, (a.at+k)%len(a.text)
	}
	return n, nil
}

// TestImportOfAPart has a disk fail between two records.
func TestImportOfAPart(t *testing.T) {
	disk := errors.New("disk")
	file := io.MultiReader(strings.NewReader(`{"instruction":"a","chosen":"b","rejected":"c"}`), iotest.ErrReader(disk))
	if d, err := rlhf.Import(file, rlhf.FormatAlpaca); !errors.Is(err, disk) || len(d.Pairs) > 0 {
		t.Errorf("%d pairs, %v; want the disk's error", len(d.Pairs), err)
	}
}

// FuzzImport reads anything, and what it takes reads back the same.
func FuzzImport(f *testing.F) {
	for i, seed := range []string{
		`{"prompt":[{"role":"user","content":"a"}],"chosen":[{"role":"assistant","content":"b"}],` +
			`"rejected":[{"role":"assistant","content":"c"}]}`,
		`{"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"assistant","content":"b"}],"label":true}`,
		`{"instruction":"a","input":"b","chosen":"c","rejected":"d"}`,
		`[{"id":"insight:1","fields":{"text":"t"},"responses":{"rating":[{"value":3,"user_id":"` + uuid.Nil.String() + `"}]}}]`,
	} {
		f.Add(seed, i)
	}
	f.Fuzz(func(t *testing.T, file string, n int) {
		format := rlhf.Formats()[uint(n)%4]
		d, err := rlhf.Import(strings.NewReader(file), format)
		if err != nil {
			return
		}
		var buf bytes.Buffer
		if err := rlhf.Export(&buf, &d, format); err != nil {
			t.Fatal(err)
		}
		again, err := rlhf.Import(&buf, format)
		if diff := cmp.Diff(d, again, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%v (-first +again):\n%s", err, diff)
		}
	})
}

// TestPeerExports writes files for .ci/peers preferences.
func TestPeerExports(t *testing.T) {
	dir := os.Getenv("PEER_CACHE")
	if dir == "" {
		t.Skip("only .ci/peers reads the files")
	}
	s, say := library(t)
	yes := true
	for i, id := range []string{"a", "b", "x", "y"} {
		say("ana", id, rlhf.Feedback{Rating: []int{5, 4, 2, 1}[i], Comment: "<b>Ünï</b> \"😀\"", Helpful: &yes})
		say("", id, rlhf.Feedback{Rating: 3, Suggestion: "dogs"})
	}
	say("ben", "a", rlhf.Feedback{Rating: 4})
	d, err := s.Dataset(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rlhf.Formats() {
		var buf bytes.Buffer
		if err := errors.Join(rlhf.Export(&buf, &d, f), os.WriteFile(filepath.Join(dir, string(f)), buf.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

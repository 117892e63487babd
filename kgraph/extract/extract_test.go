package extract_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/extract"
)

// TestCases reads the facts out of the texts of testdata/cases.txt.
func TestCases(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	text, want := "", []string{}
	check := func() {
		if text == "" {
			return
		}
		got := []string{}
		for f := range extract.Text(text) {
			if said := text[f.Start:f.End]; !strings.Contains(said, f.Object) {
				t.Errorf("%q: the place of a fact is %q", text, said)
			}
			got = append(got, fmt.Sprintf("%s | %s | %s", f.Subject, f.Relation, f.Object))
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		switch fact, ok := strings.CutPrefix(line, "\t"); {
		case ok:
			want = append(want, fact)
		case !strings.HasPrefix(line, "#"):
			check()
			text, want = line, []string{}
		}
	}
	check()
}

// answers is a model that gives one answer.
type answers struct {
	hobby.Model
	text  string
	err   error
	asked *int
}

func (m answers) Generate(context.Context, hobby.Request) (hobby.Response, error) {
	if m.asked != nil {
		*m.asked++
	}
	return hobby.Response{Message: hobby.Message{Content: m.text}}, m.err
}

// TestAsking keeps of a model's facts those that are made of words of the text.
func TestAsking(t *testing.T) {
	in := hobby.Insight{Text: "The *store* writes snapshots, says Ann.", Taint: hobby.Untrusted, Confidence: 0.8}
	answer := "store | writes | snapshots\nThe store | is a | Ann\nstore | deletes | snapshots\nstore | writes | backups\n" +
		"stor | writes | snapshots\nstore | writes\n| writes | snapshots\nstore | writes | the store | Ann\nstore | writes | Store\nstore|writes|snapshots"
	got, err := extract.Asking(answers{text: answer})(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := []extract.Fact{
		{Claim: hobby.Claim{Subject: "store", Relation: "writes", Object: "snapshots", Confidence: 0.4},
			Pattern: extract.Model, End: len(in.Text)},
		{Claim: hobby.Claim{Subject: "The store", Relation: "is a", Object: "Ann", Confidence: 0.4}, Pattern: extract.Model, End: len(in.Text)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	in.Text = strings.Repeat("“The store writes.” “Snapshots.” ", 1000)
	asked := 0
	got, err = extract.Asking(answers{text: "The store | writes | snapshots\nwrites snapshots | is a | store", asked: &asked})(t.Context(), in)
	want = []extract.Fact{{
		Claim: hobby.Claim{Subject: "The store", Relation: "writes", Object: "snapshots", Confidence: 0.4}, Pattern: extract.Model,
		Start: len("“"), End: len("“The store writes."),
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || asked != 1 {
		t.Errorf("many quotations: %v, asked %d times, want once; claims (-want +got):\n%s", err, asked, diff)
	}
	broken := errors.New("no model")
	if _, err := extract.Asking(answers{err: broken})(t.Context(), in); !errors.Is(err, broken) {
		t.Errorf("a model that fails: %v", err)
	}
}

// TestProse reads only what people and documents wrote.
func TestProse(t *testing.T) {
	const fact = "The store writes a snapshot."
	place := []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "a.md", Line: 3}}
	told := []hobby.Claim{{Subject: "a", Relation: "b", Object: "c", Confidence: 1}}
	for name, c := range map[string]struct {
		in   hobby.Insight
		want int
	}{
		"of a stranger":                {hobby.Insight{Text: fact, Taint: hobby.Untrusted}, 1},
		"of a source":                  {hobby.Insight{Text: fact, Source: "mail"}, 1},
		"of this program":              {hobby.Insight{Text: "“" + fact + "”"}, 0},
		"of this program about a file": {hobby.Insight{Text: fact, Source: "a.md", Evidence: place}, 0},
		"of this program, with claims": {hobby.Insight{Text: fact, Source: "a.md", Claims: told}, 0},
		"quoted from a file, with claims": {hobby.Insight{Text: "The job runs a test: “" + fact + "”", Source: "a.md", Evidence: place,
			Claims: told}, 1},
		"quoted without an end": {hobby.Insight{Text: "It says “" + fact, Source: "a.md", Evidence: place}, 0},
		"quoted twice":          {hobby.Insight{Text: "“" + fact + "” and “A job runs a test.”", Source: "a.md", Evidence: place}, 2},
	} {
		c.in.Confidence = 1
		got, err := extract.Insight(t.Context(), c.in)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: %v, %v, want %d", name, got, err, c.want)
		}
		for _, f := range got {
			if said := c.in.Text[f.Start:f.End]; said+"." != fact && said != "A job runs a test" {
				t.Errorf("%s: %v is of the sentence %q", name, f.Claim, said)
			}
		}
	}
	var long strings.Builder
	for i := range 3 * hobby.MaxClaims {
		fmt.Fprintf(&long, "The store writes file%d. ", i)
	}
	got, err := extract.Insight(t.Context(), hobby.Insight{Text: long.String(), Taint: hobby.Untrusted, Confidence: 1})
	if err != nil || len(got) != hobby.MaxClaims {
		t.Errorf("%d claims of a long text, %v, want %d", len(got), err, hobby.MaxClaims)
	}
}

// FuzzText holds that facts are valid claims and stand in the text, whatever it is, and that
// the rest of a text does not matter to a paragraph.
func FuzzText(f *testing.F) {
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		f.Add(line)
	}
	f.Add("- A `store` writes [a *file*](x.md).\n\n```\nThe job runs a test.\n```\n| The job | runs a test. |\n> The job runs a test\n> and a file.")
	f.Add("The \xff store writes a \x00 file. Der Löwe (DL) is a “cat”; İ is a ß.")
	f.Fuzz(func(t *testing.T, text string) {
		all := slices.AppendSeq([]extract.Fact{}, extract.Text(text))
		for _, f := range all {
			if f.Start < 0 || f.Start >= f.End || f.End > len(text) {
				t.Fatalf("%+v is of no place in %d bytes", f, len(text))
			}
			in := hobby.Insight{Claims: []hobby.Claim{f.Claim}}
			if len(f.Subject) < 512 && len(f.Object) < 512 {
				if in.Fit(); len(in.Claims) == 0 {
					t.Fatalf("%+v is no valid claim", f)
				}
			}
			for _, name := range []string{f.Subject, f.Object} {
				if word, _, _ := strings.Cut(name, " "); f.Pattern != extract.Acronym && !strings.Contains(text[f.Start:f.End], word) {
					t.Fatalf("%q of %+v is not in %q", word, f, text[f.Start:f.End])
				}
			}
		}
		if strings.ContainsAny(text, "`~") {
			return // a block of code may be open
		}
		if diff := cmp.Diff(all, slices.AppendSeq([]extract.Fact{}, extract.Text(text+"\n\nA job runs a test."))[:len(all)]); diff != "" {
			t.Fatalf("the facts with another paragraph behind (-alone +with):\n%s", diff)
		}
	})
}

// BenchmarkText reads a text of 1 MiB of words.
func BenchmarkText(b *testing.B) {
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat(string(data)+"\n", 1<<20/len(data))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for range extract.Text(text) {
		}
	}
}

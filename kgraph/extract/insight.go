package extract

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Insight reads facts out of the prose of an insight that is somebody else's: what it
// quotes in “ and ”, and the whole text of one that has a source or is untrusted, quotes
// nothing, has no claims, and is of no place in a file: with claims or a place, a hobby
// wrote the text. A fact is as sure as its pattern and its insight, and has its sentence's
// place in the insight's text. The error is nil.
func Insight(_ context.Context, in hobby.Insight) ([]Fact, error) {
	var all []Fact
	for text, at := range prose(&in) {
		for f := range Text(text) {
			if len(all) == hobby.MaxClaims {
				return all, nil
			}
			if f.Confidence *= in.Confidence; !slices.Contains(in.Claims, f.Claim) {
				f.Start, f.End = f.Start+at, f.End+at
				all = append(all, f)
			}
		}
	}
	return all, nil
}

// prose are the texts of an insight that people or documents wrote, each with its first
// byte's place.
func prose(in *hobby.Insight) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		if in.Source == "" && in.Taint == hobby.Trusted {
			return
		}
		quoted := false
		for at := 0; ; {
			before, after, ok := strings.Cut(in.Text[at:], "“")
			text, _, closed := strings.Cut(after, "”")
			if !ok || !closed {
				break
			}
			quoted = true
			at += len(before) + len("“")
			if !yield(text, at) {
				return
			}
			at += len(text) + len("”")
		}
		placed := slices.ContainsFunc(in.Evidence, func(e hobby.Evidence) bool { return e.Kind == hobby.EvidenceFile })
		if !quoted && !placed && len(in.Claims) == 0 {
			yield(in.Text, 0)
		}
	}
}

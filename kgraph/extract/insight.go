package extract

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Insight reads claims out of the prose of an insight that is somebody else's: what it
// quotes in “ and ”, and the whole text of one that has a source or is untrusted, quotes
// nothing, has no claims, and is of no place in a file: with claims or a place, a hobby
// wrote the text. A claim is as sure as its pattern and its insight. The error is nil.
func Insight(_ context.Context, in hobby.Insight) ([]hobby.Claim, error) {
	var all []hobby.Claim
	for text := range prose(&in) {
		for f := range Text(text) {
			if len(all) == hobby.MaxClaims {
				return all, nil
			}
			if f.Confidence *= in.Confidence; !slices.Contains(in.Claims, f.Claim) {
				all = append(all, f.Claim)
			}
		}
	}
	return all, nil
}

// prose are the texts of an insight that people or documents wrote.
func prose(in *hobby.Insight) iter.Seq[string] {
	return func(yield func(string) bool) {
		if in.Source == "" && in.Taint == hobby.Trusted {
			return
		}
		quoted := false
		for rest := in.Text; ; {
			_, after, ok := strings.Cut(rest, "“")
			text, next, closed := strings.Cut(after, "”")
			if !ok || !closed {
				break
			}
			quoted = true
			if !yield(text) {
				return
			}
			rest = next
		}
		placed := slices.ContainsFunc(in.Evidence, func(e hobby.Evidence) bool { return e.Kind == hobby.EvidenceFile })
		if !quoted && !placed && len(in.Claims) == 0 {
			yield(in.Text)
		}
	}
}

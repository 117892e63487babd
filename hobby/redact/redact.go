package redact

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pastime-go/pastime/hobby"
)

// None returns every text as it is, for hosts that want no redaction.
func None(text string) string { return text }

// Redactor removes secrets from texts by rules. It is safe for concurrent use.
type Redactor struct {
	rules    []compiled
	scan     *scanner
	names    []string // of the rules, without repetitions, in their order
	redacted []atomic.Int64
}

// Default is a Redactor by [Rules].
func Default() *Redactor {
	r, err := New(Rules()...)
	if err != nil {
		panic("redact: the package's own rules: " + err.Error())
	}
	return r
}

// New makes a Redactor. Where secrets of two rules overlap, the one that begins
// first gives the mark; where both begin at the same byte, the rule that was
// given first. A rule that cannot be used is hobby.ErrInvalid.
func New(rules ...Rule) (*Redactor, error) {
	r := &Redactor{}
	var starts []start
	for i := range rules {
		c, err := compile(&rules[i])
		if err != nil {
			return nil, fmt.Errorf("redact: %w: rule %d, %.64q: %w", hobby.ErrInvalid, i, rules[i].Name, err)
		}
		if c.name = slices.Index(r.names, rules[i].Name); c.name < 0 {
			c.name = len(r.names)
			r.names = append(r.names, rules[i].Name)
		}
		r.rules = append(r.rules, c)
		for _, s := range rules[i].Starts {
			starts = append(starts, start{s, i})
		}
	}
	r.scan = newScanner(starts)
	r.redacted = make([]atomic.Int64, len(r.names))
	return r, nil
}

// find is a secret: text[from:to], by a rule's name.
type find struct{ from, to, name, rule int }

// maxPasses bounds how often a text is read again after secrets were removed from
// it. A text beside a secret may become a secret by itself.
const maxPasses = 8

// Redact returns text with marks in the place of its secrets. It returns text
// itself when there are none. Valid UTF-8 stays valid, the number of lines stays
// the same, and redacting again changes nothing.
func (r *Redactor) Redact(text string) string {
	for range maxPasses {
		finds := r.find(text)
		if len(finds) == 0 {
			break
		}
		var b strings.Builder
		b.Grow(len(text))
		at := 0
		for _, f := range finds {
			b.WriteString(text[at:f.from])
			b.WriteString(Mark(r.names[f.name]))
			for range strings.Count(text[f.from:f.to], "\n") {
				b.WriteByte('\n')
			}
			at = f.to
			r.redacted[f.name].Add(1)
		}
		b.WriteString(text[at:])
		text = b.String()
	}
	return text
}

// Mark returns the mark that replaces a secret found by the rule of this name.
func Mark(name string) string { return markStart + name + "]" }

const markStart = "[redacted: "

// find lists the secrets of text in order. They do not overlap.
func (r *Redactor) find(text string) []find {
	var finds []find
	var past []int // by rule: the end of its last secret
	r.scan.each(text, func(at, behind, rule int) {
		if past != nil && at < past[rule] {
			return
		}
		from, to := r.rules[rule].find(text, at, behind)
		if from >= to {
			return
		}
		for to < len(text) && isWord(text[to]) { // the token goes on to the end of the word
			to++
		}
		if past == nil {
			past = make([]int, len(r.rules))
		}
		past[rule] = to
		finds = append(finds, find{from, to, r.rules[rule].name, rule})
	})
	if len(finds) < 2 {
		return finds
	}
	slices.SortFunc(finds, func(a, b find) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.rule, b.rule)) })
	merged := finds[:1]
	for _, f := range finds[1:] {
		if last := &merged[len(merged)-1]; f.from < last.to {
			last.to = max(last.to, f.to)
		} else {
			merged = append(merged, f)
		}
	}
	return merged
}

// Counts returns the number of secrets that each rule has removed since the
// Redactor was made, by the rule's name.
func (r *Redactor) Counts() map[string]int64 {
	counts := make(map[string]int64, len(r.names))
	for i, name := range r.names {
		counts[name] = r.redacted[i].Load()
	}
	return counts
}

var _ hobby.Observable = (*Redactor)(nil)

const total = "pastime_redactions_total"

// Metrics implements hobby.Observable.
func (r *Redactor) Metrics() []hobby.Metric {
	return []hobby.Metric{{
		Name: total, Help: "Secrets and e-mail addresses that were taken out of texts before they were stored, by rule.",
		Counter: true, Labels: []string{"rule"},
	}}
}

// Observe implements hobby.Observable.
func (r *Redactor) Observe(_ context.Context, emit hobby.Emit) error {
	for i, name := range r.names {
		emit(total, float64(r.redacted[i].Load()), name)
	}
	return nil
}

package hobby

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shape says what kind of insight one is: its hobby and its text without what differs from one
// finding to the next: numbers, names, paths, and what is quoted. Two insights with the same shape
// say the same of different things.
func (i *Insight) Shape() string { return ShapeOf(i.Kind, i.Text) }

// ShapeOf is the [Insight.Shape] of an insight of a kind with a text.
func ShapeOf(k Kind, text string) string {
	var words []string
	for n, w := range strings.Fields(unquoted(text)) {
		bare := strings.TrimFunc(w, func(r rune) bool { return unicode.IsPunct(r) && r != '…' })
		if bare == "" {
			continue
		}
		_, first := utf8.DecodeRuneInString(bare)
		if !plain(bare) && (n > 0 || !plain(strings.ToLower(bare[:first])+bare[first:])) { // a sentence begins with a capital
			bare = "…"
		}
		if bare == "…" && len(words) > 0 && words[len(words)-1] == "…" {
			continue
		}
		words = append(words, strings.ToLower(bare))
	}
	if len(words) > 2 && words[1] == "at" { // the name of a function
		words[0] = "…"
	}
	return string(k) + ": " + strings.Join(words, " ")
}

// plain tells a word from a name or a number: it has lower-case letters alone.
func plain(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLower(r) && !strings.ContainsRune("-'’", r) })
}

// unquoted is a text with an ellipsis for each part in quotation marks or backticks.
func unquoted(text string) string {
	for _, q := range [][2]string{{"“", "”"}, {"\"", "\""}, {"`", "`"}} {
		var b strings.Builder
		for {
			before, rest, ok := strings.Cut(text, q[0])
			b.WriteString(before)
			if !ok {
				break
			}
			if _, after, closed := strings.Cut(rest, q[1]); closed {
				b.WriteString("…")
				text = after
			} else {
				b.WriteString(rest)
				break
			}
		}
		text = b.String()
	}
	return text
}

// dismissed are the shapes that people do not want to be told.
func (m *Manager) dismissed(ctx context.Context) (map[string]bool, error) {
	if m.opts.Dismissed == nil {
		return nil, nil
	}
	d, err := m.opts.Dismissed(ctx)
	if err != nil {
		return nil, fmt.Errorf("hobby: reading which insights were dismissed: %w", err)
	}
	return d, nil
}

// Digest folds the newest insights of a kind, or of all for "", into causes: see [Digest]. Those
// that people are expected to rate best come first. It looks at so many insights that are no
// facts, at most 1000, and at no more than ten times as many in all.
func (m *Manager) Digest(ctx context.Context, kind Kind, newest int) ([]Cause, error) {
	all, err := m.toRead(ctx, kind, newest)
	if err != nil {
		return nil, err
	}
	dismissed, err := m.dismissed(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.BestFirst(ctx, all); err != nil {
		return nil, err
	}
	return Digest(all, dismissed), nil
}

// mostPages bounds how far back insights are looked for among facts, which a hobby tells last and
// may have many of.
const mostPages = 10

// toRead are the newest insights of a kind, of which so many are no facts.
func (m *Manager) toRead(ctx context.Context, kind Kind, newest int) (all []Insight, err error) {
	f := InsightFilter{Kind: kind, Limit: newest}
	left := newest
	for range mostPages {
		page, err := m.store.Insights(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("hobby: reading insights: %w", err)
		}
		for _, i := range page.Insights {
			if left > 0 {
				all = append(all, i)
			}
			if !i.Fact() {
				left--
			}
		}
		if f.Cursor = page.Next; f.Cursor == "" || left <= 0 {
			break
		}
	}
	for from := 0; from < len(all); { // a session tells what weighs most first
		to := from + 1
		for to < len(all) && all[to].Activity == all[from].Activity {
			to++
		}
		slices.Reverse(all[from:to])
		from = to
	}
	return all, nil
}

// Cause is what several insights have in common: a place in a file, a pair of files, or what is
// said of several things in one folder or about one topic.
type Cause struct {
	Insight           // the first of them
	Shape   string    // of the first
	More    []Insight // the others, in their order
}

// Digest folds insights into causes. Insights of the same place, of the same pair of files, and
// of one shape and topic become one. All facts of a kind ([Insight.Fact]) are one, and come last.
// What is dismissed is left out. The causes keep the order of the insights, but those of a shape
// that is told often come behind those of a rare one: what is said of everything says little.
func Digest(all []Insight, dismissed map[string]bool) []Cause {
	var causes []*Cause
	at := map[string]*Cause{}
	often := map[string]int{}
	for n := range all {
		shape := all[n].Shape()
		if dismissed[shape] {
			continue
		}
		often[shape]++
		keys := []string{placeOf(&all[n]), fmt.Sprintf("%s\x00%s", shape, all[n].Topic)}
		if all[n].Fact() {
			keys = []string{"facts\x00" + string(all[n].Kind)}
		}
		var c *Cause
		for _, k := range keys {
			if k != "" && c == nil {
				c = at[k]
			}
		}
		if c == nil {
			c = &Cause{Insight: all[n], Shape: shape}
			causes = append(causes, c)
		} else {
			c.More = append(c.More, all[n])
		}
		for _, k := range keys {
			if k != "" && at[k] == nil {
				at[k] = c
			}
		}
	}
	rank := func(c *Cause) int {
		switch n := often[c.Shape]; {
		case c.Fact():
			return 3
		case n <= 3:
			return 0
		case n <= 12:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(causes, func(a, b *Cause) int { return cmp.Compare(rank(a), rank(b)) })
	out := make([]Cause, len(causes))
	for i, c := range causes {
		out[i] = *c
	}
	return out
}

// placeOf is the place that an insight is about: a line of a file, or the files of a pair; "" for
// one that is about neither.
func placeOf(i *Insight) string {
	var files []string
	line := 0
	for _, e := range i.Evidence {
		if e.Kind == EvidenceFile && !slices.Contains(files, e.Ref) {
			files, line = append(files, e.Ref), e.Line
		}
	}
	slices.Sort(files)
	switch {
	case len(files) == 2:
		return "pair\x00" + strings.Join(files, "\x00")
	case len(files) == 1 && line > 1 && len(i.Evidence) == 1:
		return fmt.Sprintf("place\x00%s\x00%d", files[0], line)
	}
	return ""
}

package tools

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// review collects the calls of a session: which tools were called one after the other and
// how that went, and what calls failed with.
type review struct {
	pairs  map[pair]*outcome
	faults map[fault]*outcome
}

type pair struct{ first, second string }

// fault is a call that failed. Its note is this package's own words, never the tool's.
type fault struct{ tool, note string }

type outcome struct {
	right, all int
	items      []string
	host       bool // a host's tool is among them
}

func newReview() *review { return &review{map[pair]*outcome{}, map[fault]*outcome{}} }

// judged is a use of tools that says what a call failed with, "" for nothing.
type judged interface {
	try(c hobby.ToolCall) (note string)
	known(name string) bool
}

func (r *review) add(i *hobby.Item, t *practice.Task) {
	if t.Use == nil {
		return
	}
	u := t.Use()
	defer u.Close()
	j, ok := u.(judged)
	if !ok {
		return
	}
	calls, _ := practice.Calls(i.Answer)
	last := ""
	seen := map[any]bool{}
	note := func(o *outcome) {
		o.all++
		if i.Passed() {
			o.right++
		}
		o.items = append(o.items, i.ID)
		o.host = o.host || t.Taint != hobby.Trusted
	}
	for _, c := range calls[:min(len(calls), practice.MaxCalls)] {
		wrong := j.try(c)
		if !j.known(c.Name) {
			continue // it is the model's word
		}
		if p := (pair{last, c.Name}); wrong == "" && last != "" && last != c.Name && !seen[p] {
			seen[p] = true
			note(at(r.pairs, p))
		}
		if f := (fault{c.Name, wrong}); wrong != "" && !seen[f] {
			seen[f] = true
			note(at(r.faults, f))
		}
		if wrong == "" {
			last = c.Name
		}
	}
}

func at[K comparable](m map[K]*outcome, k K) *outcome {
	if m[k] == nil {
		m[k] = &outcome{}
	}
	return m[k]
}

const (
	// enough is the least number of answers that an insight is based on.
	enough = 3
	// mostTold bounds the insights of each sort, mostEvidence the items that one names.
	mostTold     = 4
	mostEvidence = 20
)

// conclude hands over what the calls have in common, the most frequent first. Each is a
// count, so its confidence is 1.
func (r *review) conclude(out hobby.Sink) error {
	pairs := frequent(r.pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.second, b.second)) })
	for _, p := range pairs {
		o := r.pairs[p]
		text := fmt.Sprintf("%s and then %s: %d of %d tasks were solved", p.first, p.second, o.right, o.all)
		share := float64(o.right) / float64(o.all)
		claim := hobby.Claim{Subject: p.first, Relation: hobby.WorksWith, Object: p.second, Confidence: share}
		if share < 0.5 {
			claim.Relation, claim.Confidence = hobby.FailsWith, 1-share
		}
		if err := tell(out, text, p.second, o, claim); err != nil {
			return err
		}
	}
	faults := frequent(r.faults, func(a, b fault) int { return cmp.Or(cmp.Compare(a.tool, b.tool), cmp.Compare(a.note, b.note)) })
	for _, f := range faults {
		o := r.faults[f]
		text := fmt.Sprintf("%s failed in %d tasks with: %s; %d of them were solved all the same", f.tool, o.all, f.note, o.right)
		if err := tell(out, text, f.tool, o, hobby.Claim{Subject: f.tool, Relation: hobby.Refuses, Object: f.note, Confidence: 1}); err != nil {
			return err
		}
	}
	return nil
}

// frequent are the outcomes that are told of.
func frequent[K comparable](m map[K]*outcome, byName func(a, b K) int) []K {
	all := slices.DeleteFunc(slices.Collect(maps.Keys(m)), func(k K) bool { return m[k].all < enough })
	slices.SortFunc(all, func(a, b K) int { return cmp.Or(-cmp.Compare(m[a].all, m[b].all), byName(a, b)) })
	return all[:min(len(all), mostTold)]
}

func tell(out hobby.Sink, text, topic string, o *outcome, c hobby.Claim) error {
	in := hobby.Insight{Text: text, Topic: topic, Confidence: 1, Claims: []hobby.Claim{c}}
	if o.host {
		in.Taint, in.Source, in.Confidence = hobby.Untrusted, hostSource, hobby.MaxUntrusted
	}
	for _, id := range o.items[:min(len(o.items), mostEvidence)] {
		in.Evidence = append(in.Evidence, hobby.Evidence{Kind: hobby.EvidenceItem, Ref: id})
	}
	return out.Insight(in)
}

func (u *use) try(c hobby.ToolCall) string {
	_, note := u.box.call(u.shown, c)
	return note
}

func (u *use) known(name string) bool {
	return slices.ContainsFunc(u.shown, func(t *tool) bool { return t.name == name })
}

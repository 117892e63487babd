package study

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// Finding is a fact about a tree. Findings with equal keys are the same.
type Finding struct {
	Key string
	// Was is the key under which an earlier release told it; "" is none.
	Was   string
	Text  string
	Topic string
	// Subject is what it is about in a word or two, for a list of several.
	Subject string
	// Weight ranks findings. The heaviest is told first.
	Weight     float64
	Confidence float64
	Evidence   []hobby.Evidence
	// Claims, Source, Taint and Acceptance are the insight's. Claims that do not
	// fit are left out.
	Claims     []hobby.Claim
	Source     string
	Taint      hobby.Taint
	Acceptance *hobby.Acceptance
}

// ids is the name space of the insights' ids.
var ids = uuid.MustParse("5d1c1a0e-6f0f-4f43-9f1c-0d7a1d6a2b11")

// mostTold is the largest number of findings that are remembered as told.
const mostTold = 100_000

// Notebook keeps findings until they are told. Each is told once, also over several
// processes. The zero value is empty. A Notebook may be used by several goroutines.
type Notebook struct {
	// Space names what the findings are of. Of several notebooks over one store that
	// have the same space, one tells a finding, whichever finds it first.
	Space string

	mu      sync.Mutex
	told    map[string]bool
	pending map[string][]Finding // by subject
}

// Note replaces the findings of a subject that were not told yet.
func (n *Notebook) Note(subject string, all ...Finding) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pending == nil {
		n.pending = map[string][]Finding{}
	}
	var news []Finding
	for _, f := range all {
		if !n.told[f.Key] {
			news = append(news, f)
		}
	}
	n.pending[subject] = news
}

// About reports whether a finding has to do with a topic.
func (f *Finding) About(topic string) bool {
	return topic != "" && slices.ContainsFunc([]string{f.Text, f.Topic, f.Source}, func(s string) bool { return Mentions(s, topic) })
}

// untold returns the findings that were not told: those about the topic first, and the
// heaviest first.
func (n *Notebook) untold(topic string) []Finding {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []Finding
	for _, fs := range n.pending {
		all = append(all, fs...)
	}
	near := map[string]bool{}
	for i := range all {
		near[all[i].Key] = all[i].About(topic)
	}
	slices.SortFunc(all, func(a, b Finding) int {
		switch {
		case near[a.Key] && !near[b.Key]:
			return -1
		case near[b.Key] && !near[a.Key]:
			return 1
		}
		return cmp.Or(-cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Key, b.Key))
	})
	return slices.CompactFunc(all, func(a, b Finding) bool { return a.Key == b.Key })
}

// strike marks the findings with these keys as told.
func (n *Notebook) strike(keys map[string]bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.told == nil || len(n.told) >= mostTold {
		n.told = map[string]bool{}
	}
	maps.Copy(n.told, keys)
	for subject, fs := range n.pending {
		n.pending[subject] = slices.DeleteFunc(fs, func(p Finding) bool { return keys[p.Key] })
	}
}

// Tell hands over findings, at most most, as insights of a kind: those about the topic
// first, and then the heaviest. It leaves out those that an earlier process told, or
// another notebook of the same space, which the sink knows by their ids.
func (n *Notebook) Tell(ctx context.Context, out hobby.Sink, kind hobby.Kind, most int, topic string) error {
	done := map[string]bool{}
	defer func() { n.strike(done) }()
	for _, f := range n.untold(topic) {
		if most <= 0 {
			break
		}
		id := n.id(f.Key)
		known, err := out.Told(ctx, id)
		if err == nil && !known && f.Was != "" {
			known, err = out.Told(ctx, n.id(f.Was))
		}
		if err != nil {
			return err
		}
		if !known {
			in := hobby.Insight{
				ID: id, Kind: kind, Text: f.Text, Topic: f.Topic,
				Confidence: f.Confidence, Evidence: f.Evidence, Claims: f.Claims, Source: f.Source, Taint: f.Taint, Acceptance: f.Acceptance,
			}
			in.Fit()
			if err := out.Insight(in); err != nil {
				return err
			}
			most--
		}
		done[f.Key] = true
	}
	return nil
}

// Empty reports whether all findings were told.
func (n *Notebook) Empty() bool { return len(n.untold("")) == 0 }

func (n *Notebook) id(key string) string { return uuid.NewSHA1(ids, []byte(n.Space+" "+key)).String() }

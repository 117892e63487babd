package study

import (
	"cmp"
	"slices"
	"sync"

	"github.com/pastime-go/pastime/hobby"
)

// Finding is a fact about a tree. Two findings are the same when their keys
// are.
type Finding struct {
	Key   string
	Text  string
	Topic string
	// Weight ranks: the heaviest is told first.
	Weight     float64
	Confidence float64
	Evidence   []hobby.Evidence
	// Source and Taint are the insight's.
	Source string
	Taint  hobby.Taint
}

// mostTold bounds the findings that are remembered as told.
const mostTold = 100_000

// Notebook keeps findings until they are told, each once. The zero value is
// empty. A Notebook may be used by several goroutines.
type Notebook struct {
	mu      sync.Mutex
	told    map[string]bool
	pending map[string][]Finding // by subject
}

// Note replaces what is noted of a subject and was not told yet.
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

// next returns the most important findings that were not told, at most most.
func (n *Notebook) next(most int) []Finding {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []Finding
	for _, fs := range n.pending {
		all = append(all, fs...)
	}
	slices.SortFunc(all, func(a, b Finding) int { return cmp.Or(-cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Key, b.Key)) })
	all = slices.CompactFunc(all, func(a, b Finding) bool { return a.Key == b.Key })
	return all[:min(most, len(all))]
}

// strike notes that a finding was told.
func (n *Notebook) strike(f *Finding) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.told == nil || len(n.told) >= mostTold {
		n.told = map[string]bool{}
	}
	n.told[f.Key] = true
	for subject, fs := range n.pending {
		n.pending[subject] = slices.DeleteFunc(fs, func(p Finding) bool { return p.Key == f.Key })
	}
}

// Tell hands the most important findings over, at most most, as insights of a
// kind.
func (n *Notebook) Tell(out hobby.Sink, kind hobby.Kind, most int) error {
	for _, f := range n.next(most) {
		in := hobby.Insight{Kind: kind, Text: f.Text, Topic: f.Topic, Confidence: f.Confidence, Evidence: f.Evidence, Source: f.Source, Taint: f.Taint}
		if err := out.Insight(in); err != nil {
			return err
		}
		n.strike(&f)
	}
	return nil
}

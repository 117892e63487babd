package hobby

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Topic is something that practice could look into next: a gap of the knowledge graph,
// a person's suggestion, a skill that is weak.
type Topic struct {
	// Name is a few words: a term, a document, a skill. It is shown, and compared with
	// what a hobby reads. It never becomes a part of a prompt, because it may be
	// somebody else's text.
	Name string
	// Why says in a sentence for people why this is of use.
	Why string
	// Weight in (0, 1] says how much it is wanted: a topic of weight 1 is drawn twice as
	// often as one of weight 0.5.
	Weight float64
	// Taint says whether Name or Why is somebody else's text.
	Taint Taint
}

// TopicSource knows topics. Implementations are safe for concurrent use.
type TopicSource interface {
	// Topics returns at most limit topics for a kind, the most wanted first. It returns
	// none for a kind that it knows nothing about. Its cost must not grow with the
	// history.
	Topics(ctx context.Context, k Kind, limit int) ([]Topic, error)
}

// TopicFunc is a function that is a TopicSource.
type TopicFunc func(ctx context.Context, k Kind, limit int) ([]Topic, error)

// Topics calls f.
func (f TopicFunc) Topics(ctx context.Context, k Kind, limit int) ([]Topic, error) {
	return f(ctx, k, limit)
}

// The bounds of topics: how many are asked for of each source, the bytes of a name, and
// the time that all sources have for a session.
const (
	mostTopics = 8
	maxTopic   = 128
	topicTime  = 2 * time.Second
)

// topic draws what a session of a kind is to look into, by the weights of what the
// sources know; "" when they know nothing. A source that fails is left out: practice
// needs no topic.
func (m *Manager) topic(ctx context.Context, k Kind) string {
	h, err := m.hobby(k)
	if err != nil || !h.Topical || len(m.opts.Topics) == 0 {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, topicTime)
	defer cancel()
	var names []string
	weights := map[string]float64{}
	for _, s := range m.opts.Topics {
		var all []Topic
		err := guard("a source of topics", func() (err error) {
			all, err = s.Topics(ctx, k, mostTopics)
			return err
		})
		if err != nil {
			m.opts.Logger.Warn("asking for topics", "kind", k, "error", err)
			continue
		}
		for _, t := range all[:min(len(all), mostTopics)] {
			name := strings.Join(strings.Fields(Clean(t.Name, m.opts.Redact)), " ")
			if name == "" || len(name) > maxTopic || !(t.Weight > 0) {
				continue
			}
			if weights[name] == 0 {
				names = append(names, name)
			}
			weights[name] = max(weights[name], math.Min(1, t.Weight))
		}
	}
	total := 0.0
	for _, n := range names {
		total += weights[n]
	}
	at := m.rand.Float64() * total
	for _, n := range names {
		if at -= weights[n]; at < 0 {
			return n
		}
	}
	return ""
}

// Weaknesses are topics for a hobby that looks for what could help the others: the
// kinds that were measured, the weakest first, and of each its weakest family. The
// weight is one minus the proficiency.
func (m *Manager) Weaknesses(ctx context.Context, limit int) ([]Topic, error) {
	p, err := m.Progress(ctx)
	if err != nil {
		return nil, err
	}
	var all []Topic
	add := func(name string, e Estimate) {
		all = append(all, Topic{
			Name: name, Weight: max(0.01, 1-e.Mean),
			Why: fmt.Sprintf("its proficiency is %.0f %% (%.0f to %.0f), after %d answers", 100*e.Mean, 100*e.Low, 100*e.High, e.Items),
		})
	}
	for i := range p.Kinds {
		k := &p.Kinds[i].Proficiency
		if !k.Estimate.Measured() {
			continue
		}
		add(k.Kind.Title(), k.Estimate)
		worst := -1
		for j := range k.Families {
			if e := k.Families[j].Estimate; e.Measured() && (worst < 0 || e.Mean < k.Families[worst].Estimate.Mean) {
				worst = j
			}
		}
		if worst >= 0 {
			add(k.Kind.Title()+": "+k.Families[worst].Family, k.Families[worst].Estimate)
		}
	}
	slices.SortStableFunc(all, func(a, b Topic) int { return -cmp.Compare(a.Weight, b.Weight) })
	return all[:min(len(all), max(0, limit))], nil
}

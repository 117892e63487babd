package kgraph

import (
	"context"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// survey is what Run last found out about the whole graph. That takes long in a large one,
// so it is done by Run alone, in at most a tenth of the time.
type survey struct {
	mu     sync.Mutex
	rev    int64 // 0 before the first
	begun  time.Time
	took   time.Duration
	topics map[hobby.Kind][]hobby.Topic
	// orphans are concepts that only one other is related to, and that is related to
	// nothing else. stale are those of which nothing new is known for a month. duplicates are
	// pairs that are probably the same.
	orphans, stale, duplicates int
}

// mostTopics is how many gaps of each kind become topics.
const mostTopics = 20

// survey looks at the whole graph when it has changed.
func (g *Graph) survey(ctx context.Context) error {
	s := &g.surveyed
	begun := time.Now()
	v, done, err := g.look(ctx, At{})
	if err != nil {
		return err
	}
	done()
	s.mu.Lock()
	due := v.lens.rev != s.rev && begun.Sub(s.begun) >= 10*s.took
	s.mu.Unlock()
	if !due {
		return nil
	}
	if _, err := g.clusters(ctx, v); err != nil { // so that who looks at the map need not wait for them
		return err
	}
	n := g.net(v)
	a, err := g.assess(ctx, v, n, At{})
	if err != nil {
		return err
	}
	topics := n.topics(a.gaps(n, mostTopics))
	orphans := 0
	for i := range int32(len(n.nodes)) {
		if n.orphan(i) {
			orphans++
		}
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.x != v.x {
		return nil // something was forgotten meanwhile
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rev, s.begun, s.took, s.topics = v.lens.rev, begun, time.Since(begun), topics
	s.orphans, s.stale, s.duplicates = orphans, a.stale, len(n.doubles().pairs)
	return nil
}

// forget takes away what names what may be forgotten.
func (s *survey) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rev, s.topics, s.begun = 0, nil, time.Time{}
}

// orphan reports whether a node and its one neighbour are related to nothing else.
func (n *net) orphan(i int32) bool {
	near := n.neighbours(i)
	return len(near) == 0 || len(near) == 1 && len(n.neighbours(near[0])) == 1
}

// studied are the sorts of concepts that a kind of hobby can look into: what documents
// are about, and for research what the agent is to become better at, too.
var studied = map[hobby.Kind]map[Sort]bool{
	hobby.KnowledgeExploration: {Term: true, Document: true},
	hobby.ResearchIntegration:  {Term: true, Skill: true},
}

// wanted is the weight of the worst gap of each kind as a topic.
var wanted = map[GapKind]float64{Contradictory: 1, Poor: .5, Stale: .25}

// topics are gaps as what to study next, by kind of hobby.
func (n *net) topics(gaps []Gap) map[hobby.Kind][]hobby.Topic {
	all := map[hobby.Kind][]hobby.Topic{}
	for kind, sorts := range studied {
		worst := map[GapKind]float64{}
		for i := range gaps {
			gap := &gaps[i]
			if !sorts[gap.Sort] || wanted[gap.Kind] == 0 {
				continue
			}
			if worst[gap.Kind] == 0 { // the first of a kind is its worst
				worst[gap.Kind] = gap.Score
			}
			t := hobby.Topic{Name: shortName(&gap.Node), Why: gap.Why, Weight: wanted[gap.Kind] * gap.Score / worst[gap.Kind]}
			if !n.own(n.byID[gap.ID]) {
				t.Taint = hobby.Untrusted
			}
			all[kind] = append(all[kind], t)
		}
	}
	return all
}

// own reports whether all that names a node, and so what is said of it, is trusted.
func (n *net) own(node int32) bool {
	_, edges := n.stated.Row(node, 0)
	for _, e := range edges {
		if !n.trusted[e] {
			return false
		}
	}
	return true
}

var _ hobby.TopicSource = (*Graph)(nil)

// Topics implements hobby.TopicSource: for exploring knowledge and integrating research,
// the gaps of the graph as [Graph.Gaps] tells them. They are those that [Graph.Run] found
// last; none before.
func (g *Graph) Topics(_ context.Context, k hobby.Kind, limit int) ([]hobby.Topic, error) {
	s := &g.surveyed
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.topics[k]
	return append([]hobby.Topic(nil), all[:min(len(all), max(0, limit))]...), nil
}

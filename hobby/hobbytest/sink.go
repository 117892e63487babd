package hobbytest

import (
	"context"
	"slices"
	"sync"

	"github.com/pastime-go/pastime/hobby"
)

// Sink is a hobby.Sink that keeps everything, for tests of executors. It refuses
// an item that is not valid as it is. Read its fields once the executor has
// returned.
type Sink struct {
	// Model and Adapter are what serves the session, see hobby.Sink.
	Model   hobby.Model
	Adapter string

	mu       sync.Mutex
	Items    []hobby.Item
	Insights []hobby.Insight
	Spent    hobby.Cost
}

// Item implements hobby.Sink.
func (s *Sink) Item(i hobby.Item) error {
	if err := i.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Items = append(s.Items, i)
	return nil
}

// Insight implements hobby.Sink.
func (s *Sink) Insight(i hobby.Insight) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Insights = append(s.Insights, i)
	return nil
}

// Told implements hobby.Sink. It looks at what was told to this sink.
func (s *Sink) Told(_ context.Context, id string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.Insights, func(i hobby.Insight) bool { return i.ID == id }), nil
}

// Serving implements hobby.Sink.
func (s *Sink) Serving(ctx context.Context) (hobby.Serving, error) {
	return hobby.NewServing(ctx, s.Model, s.Adapter)
}

// Spend implements hobby.Sink.
func (s *Sink) Spend(c hobby.Cost) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Spent = s.Spent.Add(c)
	return nil
}

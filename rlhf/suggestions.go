package rlhf

import (
	"context"
	"fmt"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// MaxTopic bounds the bytes of a suggestion that can become a topic of practice.
const MaxTopic = 128

// Topic is a suggestion as a topic of practice: its words; "" where there are none, or more
// than [MaxTopic] bytes of them.
func (f *Feedback) Topic() string {
	if t := strings.Join(strings.Fields(f.Suggestion), " "); len(t) <= MaxTopic {
		return t
	}
	return ""
}

var _ hobby.TopicSource = (*Pipeline)(nil)

// Topics implements hobby.TopicSource: the suggestions that were accepted, the newest first.
// What was suggested of a kind weighs twice as much there as elsewhere. The names are other
// people's texts.
func (p *Pipeline) Topics(ctx context.Context, k hobby.Kind, limit int) (all []hobby.Topic, err error) {
	decided, _, err := p.decided(ctx)
	if err != nil {
		return nil, err
	}
	for i := range decided {
		if d := &decided[i]; *d.Accept && len(all) < limit {
			t := hobby.Topic{Name: d.About.Text, Why: "somebody suggested it, and it was accepted", Weight: 0.5, Taint: hobby.Untrusted}
			if d.About.Kind == k {
				t.Weight = 1
			}
			all = append(all, t)
		}
	}
	return all, nil
}

// mostSuggestions is how many decisions on suggestions are known: the newest ones.
const mostSuggestions = 1000

// decided are the last decisions on suggestions, the newest first, one of each text; words
// has these texts.
func (p *Pipeline) decided(ctx context.Context) (last []Rated, words map[string]bool, err error) {
	page, err := p.store.Feedback(ctx, Filter{Type: Suggestion, Latest: true, Limit: mostSuggestions})
	if err != nil {
		return nil, nil, fmt.Errorf("rlhf: reading what was suggested: %w", err)
	}
	words = map[string]bool{}
	for _, r := range page.Feedback {
		if !words[r.About.Text] {
			words[r.About.Text] = true
			last = append(last, r)
		}
	}
	return last, words, nil
}

// suggested are suggestions that nobody has decided on, the newest first.
func (p *Pipeline) suggested(ctx context.Context, limit int) (all []Target, err error) {
	_, words, err := p.decided(ctx)
	if err != nil {
		return nil, err
	}
	page, err := p.store.Feedback(ctx, Filter{Suggests: true, Latest: true, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("rlhf: reading what was suggested: %w", err)
	}
	for i := range page.Feedback {
		if t := suggestionTarget(&page.Feedback[i]); !words[t.Text] {
			words[t.Text] = true
			all = append(all, t)
		}
	}
	return all, nil
}

// suggestionTarget is what somebody suggested as what can be accepted. Its id is that of the
// feedback.
func suggestionTarget(r *Rated) Target {
	return Target{Type: Suggestion, ID: r.ID, Kind: r.About.Kind, Text: r.Topic(), Created: r.At, Untrusted: true}
}

// target finds what feedback is about.
func (p *Pipeline) target(ctx context.Context, t TargetType, id string) (Target, error) {
	if t != Suggestion {
		return p.targets.Target(ctx, t, id)
	}
	page, err := p.store.Feedback(ctx, Filter{ID: id, Suggests: true, Limit: 1})
	if err == nil && len(page.Feedback) == 0 {
		err = hobby.ErrNotFound
	}
	if err != nil {
		return Target{}, err
	}
	return suggestionTarget(&page.Feedback[0]), nil
}

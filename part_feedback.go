package pastime

import (
	"cmp"
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite/adapters"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// rating is the part that takes people's feedback and learns from it.
func rating(ctx context.Context, k *Kit) (Part, error) {
	store, err := feedback.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the feedback: %w", err)
	}
	if k.past = k.opts.Hobby.Past; k.past == nil {
		k.past = hobby.PastOf(k.Store)
	}
	registry, err := adapters.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the adapters: %w", err)
	}
	opts := k.opts.Feedback
	if opts.Redact == nil {
		opts.Redact = k.opts.Hobby.Redact
	}
	if opts.Decide == nil {
		opts.Decide = func(ctx context.Context, insight, by string, accept bool) error {
			if accept {
				return k.Hobby.Accept(ctx, insight, by)
			}
			return k.Hobby.Refuse(ctx, insight, by)
		}
	}
	if opts.Plan == nil {
		opts.Plan = func(ctx context.Context, activity string) (hobby.Plan, error) {
			s, err := k.past.Session(ctx, activity)
			return s.Activity.Plan, err
		}
	}
	if opts.Embedder == nil {
		opts.Embedder = k.opts.Embedder
	}
	opts.Poll = cmp.Or(opts.Poll, k.opts.Hobby.PollEvery)
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	p, err := rlhf.New(store, &rlhf.Sources{
		Live: k.Store, Past: k.past,
		Adapter: func(ctx context.Context, id string) (rlhf.Target, error) {
			v, err := registry.Version(ctx, id)
			return adapterTarget(&v), err
		},
		Adapters: func(ctx context.Context, limit int) (all []rlhf.Target, err error) {
			page, err := registry.Versions(ctx, lora.VersionFilter{Limit: limit})
			for i := range page.Versions {
				all = append(all, adapterTarget(&page.Versions[i]))
			}
			return all, err
		},
	}, &opts)
	if err != nil {
		return Part{}, fmt.Errorf("making the pipeline of feedback: %w", err)
	}
	k.Feedback = p
	if k.opts.Hobby.Scorer == nil {
		k.opts.Hobby.Scorer = p
	}
	if k.opts.Hobby.Dismissed == nil {
		k.opts.Hobby.Dismissed = p.Dismissed
	}
	k.opts.Hobby.Policy = p.Policy(cmp.Or[hobby.Policy](k.opts.Hobby.Policy, hobby.NewLearnability(nil)))
	return Part{
		Name: "feedback", Topics: p, Observes: p, Slots: p.Slots(), Consumers: []hobby.Consumer{store}, Run: p.Run,
		Serves: []httpapi.Part{httpapi.Feedback(p)},
	}, nil
}

// mostPreferred is how many insights a training learns from at most.
const mostPreferred = 100

// preferred are the insights of a kind that people prefer to other answers to the same
// question.
func (k *Kit) preferred(ctx context.Context, of hobby.Kind) ([]hobby.Insight, error) {
	ids, err := k.Feedback.Preferred(ctx, of, mostPreferred)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return k.past.Insights(ctx, ids)
}

// adapterTarget is an adapter as what feedback is about.
func adapterTarget(v *lora.Version) rlhf.Target {
	t := rlhf.Target{Type: rlhf.Adapter, ID: v.ID, Kind: v.Kind, Created: v.Created, Text: v.Name()}
	if v.Verdict != "" {
		t.Text += ", whose last trial says " + string(v.Verdict)
	}
	return t
}

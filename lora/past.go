package lora

import (
	"context"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// mostPast is how many answers of practice a run looks at, the newest first.
const mostPast = 10_000

// past reads right answers of practice that were given to practice tasks by models, at
// levels that want names, before a time.
func (p *Pipeline) past(
	ctx context.Context, k hobby.Kind, keys []string, r *Request, before time.Time, want func(hobby.Level) bool,
) (all []hobby.Item, err error) {
	days := r.DaysBack
	if set(&days, 30); days < 0 {
		return nil, nil
	}
	f := hobby.ItemFilter{
		Kind: k, Split: hobby.Practice, ModelKeys: keys, Passed: true, Untainted: true,
		Since: before.AddDate(0, 0, -days), Until: before, Limit: 1000,
	}
	for n := 0; n < mostPast; n += f.Limit {
		page, err := p.source.Items(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("lora: reading what was practised: %w", err)
		}
		for _, it := range page.Items {
			if want(hobby.Level{Family: it.Family, Level: it.Level}) {
				all = append(all, it)
			}
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	return all, nil
}

// Dataset is what a run for the request finds in practice, at all levels of its kind, with
// the insights that it learns. The run learns from the answers of the levels that it
// chooses, and draws more itself. It is made anew of what is stored, so nothing that was
// forgotten is in it; [Export] writes it for other trainers.
func (p *Pipeline) Dataset(ctx context.Context, r Request) (Selection, error) {
	if err := p.check(ctx, &r); err != nil {
		return Selection{}, err
	}
	h, err := p.hobby(r.Kind)
	if err != nil {
		return Selection{}, err
	}
	info, err := p.opts.Model.Info(ctx)
	if err != nil {
		return Selection{}, fmt.Errorf("lora: asking the model what it is: %w", err)
	}
	recipe := r.Recipe.over(p.opts.Recipe).over(RecipeFor(info))
	all, err := p.past(ctx, r.Kind, []string{info.Key}, &r, time.Now(), func(hobby.Level) bool { return true })
	if err != nil {
		return Selection{}, err
	}
	o := SelectOptions{Base: info.Key, Distinct: recipe.Distinct, Seed: r.Seed}
	return p.selected(ctx, &r, Material{Hobby: *h, Items: all}, o)
}

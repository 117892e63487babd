package archive

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// history measures proficiency over time, and each model.
func (a *Archiver) history(ctx context.Context, an *Analysis, tallies []hobby.Tally) error {
	if len(tallies) == 0 {
		return nil
	}
	h := hobby.Hobby{Kind: an.Kind}
	if i := slices.IndexFunc(a.opts.Hobbies, func(h hobby.Hobby) bool { return h.Kind == an.Kind }); i >= 0 {
		h = a.opts.Hobbies[i]
	} else {
		tallies = slices.Clone(tallies) // families that nobody lists count as one
		for i := range tallies {
			tallies[i].Family, tallies[i].Level, tallies[i].Version = "", 1, 1
		}
	}
	slices.SortStableFunc(tallies, func(a, b hobby.Tally) int { return cmp.Compare(a.Day, b.Day) })
	var err error
	if an.Curve, err = hobby.NewCurve(ctx, tallies, &h, ""); err != nil {
		return err
	}
	return a.models(ctx, an, h, tallies)
}

// models says what each model has done, of sorted tallies.
func (a *Archiver) models(ctx context.Context, an *Analysis, h hobby.Hobby, tallies []hobby.Tally) error {
	at := map[string]int{}
	for _, t := range tallies {
		i, ok := at[t.ModelKey]
		if !ok {
			i = len(an.Models)
			at[t.ModelKey], an.Models = i, append(an.Models, Model{Key: t.ModelKey, First: dayTime(t.Day)})
		}
		m := &an.Models[i]
		m.Last = dayTime(t.Day)
		m.Items += t.Tries
		m.Passes += t.Passes
	}
	for i := range an.Models {
		m := &an.Models[i]
		own := slices.DeleteFunc(slices.Clone(tallies), func(t hobby.Tally) bool { return t.ModelKey != m.Key })
		p := hobby.Measure(own, []hobby.Hobby{h}, map[hobby.Kind]string{h.Kind: m.Key}, m.Last)
		if k := p.Kind(h.Kind); k != nil {
			m.Estimate = k.Estimate
		}
		if m.Key == "" {
			continue
		}
		page, err := a.Items(ctx, hobby.ItemFilter{Kind: h.Kind, ModelKeys: []string{m.Key}, Until: m.Last.AddDate(0, 0, 1), Limit: 1})
		if err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		for _, item := range page.Items {
			m.Name, m.Adapter = item.Model, item.Adapter
		}
	}
	return nil
}

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
	first, last := tallies[0].Day, tallies[len(tallies)-1].Day
	step := (last-first)/points + 1
	for day := last - (last-first)/step*step; day <= last; day += step {
		known := tallies[:upTo(tallies, day)]
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p := hobby.Measure(known, []hobby.Hobby{h}, nil, dayTime(day))
		if k := p.Kind(an.Kind); k != nil && k.Estimate.Measured() {
			an.History = append(an.History, Point{dayTime(day), k.ModelKey, k.Estimate})
		}
	}
	an.Changes = changes(tallies)
	return a.models(ctx, an, h, tallies)
}

// upTo is how many of sorted tallies are of a day or earlier.
func upTo(tallies []hobby.Tally, day int) int {
	n, _ := slices.BinarySearchFunc(tallies, day+1, func(t hobby.Tally, day int) int { return cmp.Compare(t.Day, day) })
	return n
}

// changes are the days on which another model than before answered most, of sorted tallies.
func changes(tallies []hobby.Tally) (all []ModelChange) {
	was := ""
	for i := 0; i < len(tallies); {
		day, tries := tallies[i].Day, map[string]int64{}
		for ; i < len(tallies) && tallies[i].Day == day; i++ {
			if t := tallies[i]; t.ModelKey != "" { // answers without a model are no model's
				tries[t.ModelKey] += t.Tries
			}
		}
		now, most := "", int64(0)
		for key, n := range tries {
			if n > most || n == most && key < now {
				now, most = key, n
			}
		}
		if now != "" && was != "" && now != was {
			all = append(all, ModelChange{dayTime(day), was, now})
		}
		was = cmp.Or(now, was)
	}
	return all
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

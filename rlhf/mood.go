package rlhf

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/mood"
)

// Mood says whether who answers differs from who does not, by the exposures that are kept:
// often the angry speak.
type Mood struct {
	// Shown counts the exposures, Answered those that were answered with stars.
	Shown, Answered int
	// Mean is that of these stars. Corrected is what it would be if all had answered, by
	// the kinds: one that is liked and answered less than others shows that the content
	// are silent. NaN without answers.
	Mean, Corrected float64
	// Place is how many stars more an answer has for each doubling of its place on the list,
	// beside others of its kind by the same rater, between PlaceLow and PlaceHigh with a chance of
	// 99.8 %, as there is a look at each fit: a bias by position, of which nothing is corrected. NaN
	// with fewer than 30 answers.
	Place, PlaceLow, PlaceHigh float64
	// Length is how many stars more an insight has for each doubling of its words, beside others
	// of its kind, less what its raters give on average, between LengthLow and LengthHigh with a
	// chance of 99.8 %. The reward model has a weight for length, so that this is learned; where it
	// is not zero, long texts may be what a policy that follows the model comes to like. NaN with
	// fewer than 30 texts.
	Length, LengthLow, LengthHigh float64
}

// unknown is m where nobody has answered.
func (m Mood) unknown() Mood {
	for _, f := range []*float64{&m.Mean, &m.Corrected, &m.Place, &m.PlaceLow, &m.PlaceHigh, &m.Length, &m.LengthLow, &m.LengthHigh} {
		*f = math.NaN()
	}
	return m
}

// mood compares the exposures with what was given in answer.
func (p *Pipeline) mood(ctx context.Context, all []Rated, now time.Time) (Mood, error) {
	of, oldest := map[hobby.Kind]*mood.Group{}, now.Add(-p.opts.Keep)
	type shown struct {
		kind  hobby.Kind
		rater string
		place int
	}
	at := map[string]shown{} // of an exposure
	m := Mood{}.unknown()
	for after := int64(0); ; {
		batch, err := p.store.Exposures(ctx, after, 10_000)
		if err != nil {
			return m, fmt.Errorf("rlhf: reading what was shown: %w", err)
		}
		if len(batch) == 0 {
			break
		}
		for i := range batch {
			e := &batch[i]
			if after = e.Pos; e.At.Before(oldest) {
				continue // those without an answer are dropped
			}
			if of[e.Kind] == nil {
				of[e.Kind] = &mood.Group{}
			}
			of[e.Kind].Shown++
			at[e.ID] = shown{e.Kind, e.Rater, e.Position}
			m.Shown++
		}
	}
	stars := map[string]int{} // of an exposure, by its last answer
	for i := range all {
		r := &all[i]
		if _, shown := at[r.Exposure]; shown && r.Rating != 0 && !r.Superseded {
			stars[r.Exposure] = r.Rating
		}
	}
	answers := make([]mood.Answer, 0, len(stars))
	for id, n := range stars {
		of[at[id].kind].Given[n-1]++
		m.Answered++
		answers = append(answers, mood.Answer{Rater: at[id].rater, Kind: string(at[id].kind), Position: at[id].place, Stars: n})
	}
	if slope, low, high, ok := mood.Place(answers); ok {
		m.Place, m.PlaceLow, m.PlaceHigh = slope, low, high
	}
	if slope, low, high, ok := mood.Length(saidOf(all)); ok {
		m.Length, m.LengthLow, m.LengthHigh = slope, low, high
	}
	groups := make([]mood.Group, 0, len(of))
	for _, k := range slices.Sorted(maps.Keys(of)) { // the same order, so that sums are the same
		groups = append(groups, *of[k])
	}
	if c, ok := mood.Correct(groups); ok {
		m.Mean, m.Corrected = c.Mean, c.Corrected
	}
	return m, nil
}

// saidOf are the last ratings of insights, with their length.
func saidOf(all []Rated) (said []mood.Said) {
	for i := range all {
		if r := &all[i]; r.Type == Insight && r.Rating != 0 && !r.Superseded && r.About.Text != "" {
			said = append(said, mood.Said{Rater: r.Rater, Kind: string(r.About.Kind), Item: r.Target,
				Words: len(strings.Fields(r.About.Text)), Stars: r.Rating})
		}
	}
	return said
}

package mood

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Said is a rating of a text.
type Said struct {
	Rater, Kind, Item string
	// Words is how long the text is, and Stars are 1 to 5.
	Words, Stars int
}

// Length is how many stars more a text has for each doubling of its words, between low and high
// with a chance of 99.8 %: the slope of a regression within kinds of the texts' means, from which
// raters' own means were taken. A text counts once, however many rate it: what is liked of it
// beside its length is the same to all of them. The order of what was said does not matter.
// false where there are fewer than 30 texts, or all are of one length.
func Length(all []Said) (slope, low, high float64, ok bool) {
	type sum struct{ n, stars int }
	type text struct {
		kind        string
		words, n, y float64
	}
	raters, texts := map[string]sum{}, map[string]*text{}
	for i := range all {
		r := raters[all[i].Rater]
		raters[all[i].Rater] = sum{r.n + 1, r.stars + all[i].Stars}
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b Said) int {
		return cmp.Or(strings.Compare(a.Rater, b.Rater), strings.Compare(a.Item, b.Item), a.Stars-b.Stars)
	})
	for i := range sorted { // in one order, so that sums are the same
		s := &sorted[i]
		t := texts[s.Item]
		if t == nil {
			t = &text{kind: s.Kind, words: math.Log2(float64(max(s.Words, 1)))}
			texts[s.Item] = t
		}
		r := raters[s.Rater]
		t.n++
		t.y += float64(s.Stars) - float64(r.stars)/float64(r.n)
	}
	var points []point
	for _, t := range texts {
		points = append(points, point{t.kind, t.words, t.y / t.n})
	}
	return within(points)
}

package mood

import (
	"cmp"
	"math"
	"slices"
)

// Answer is what was given to something that stood on a list.
type Answer struct {
	// Kind is of what it is compared within.
	Kind string
	// Position is its place on the list, from 1, and Stars are 1 to 5.
	Position, Stars int
}

// leastAnswers is how many there are before anything is said of places.
const leastAnswers = 30

// Place is how many stars more an answer has for each doubling of its position, between low and
// high with a chance of 95 %: the slope of a regression within kinds (fixed effects), since a kind
// may be asked for first and be liked. The order of answers does not matter. false where there are
// too few answers, or all have one place.
func Place(answers []Answer) (slope, low, high float64, ok bool) {
	as := slices.SortedFunc(slices.Values(answers), func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Stars, b.Stars))
	})
	var xx, xy, yy float64
	kinds := 0
	for i, n := 0, 0; i < len(as); i += n {
		var x, y float64
		for n = 0; i+n < len(as) && as[i+n].Kind == as[i].Kind; n++ {
			x += math.Log2(float64(max(as[i+n].Position, 1)))
			y += float64(as[i+n].Stars)
		}
		x, y = x/float64(n), y/float64(n)
		for _, a := range as[i : i+n] {
			dx, dy := math.Log2(float64(max(a.Position, 1)))-x, float64(a.Stars)-y
			xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
		}
		kinds++
	}
	free := len(as) - kinds - 1
	if len(as) < leastAnswers || free < 1 || xx < 1e-9 {
		return 0, 0, 0, false
	}
	slope = xy / xx
	away := 1.96 * math.Sqrt(max(yy-slope*xy, 0)/float64(free)/xx)
	return slope, slope - away, slope + away, true
}

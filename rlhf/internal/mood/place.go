package mood

import (
	"cmp"
	"math"
	"slices"
)

// Answer is what was given to something that stood on a list.
type Answer struct {
	// Rater and Kind are of what it is compared within.
	Rater, Kind string
	// Position is its place on the list, from 1, and Stars are 1 to 5.
	Position, Stars int
}

// leastAnswers is how many there are before anything is said of places, of one rater and one kind;
// of more, there are one more for each.
const leastAnswers = 30

// Place is how many stars more an answer has for each doubling of its position, between low and
// high with a chance of 99.8 %: the slope of a regression within raters and kinds (fixed effects). A
// kind may be asked for first and be liked, and who goes far down a list may give less, or more, than
// others. The order of answers does not matter. false where there are too few answers, or all have
// one place.
func Place(answers []Answer) (slope, low, high float64, ok bool) {
	points := make([]point, len(answers))
	for i, a := range answers {
		points[i] = point{a.Rater + "\n" + a.Kind, math.Log2(float64(max(a.Position, 1))), float64(a.Stars)}
	}
	return within(points)
}

// point is one of a regression.
type point struct {
	kind string
	x, y float64
}

// wide is how many standard errors an interval has on each side, 99.8 % of a normal distribution: at
// each fit a host looks again at more of the same, and what excludes zero is told.
const wide = 3.09

// within is the slope of a regression within kinds, and its interval.
func within(points []point) (slope, low, high float64, ok bool) {
	slices.SortFunc(points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y))
	})
	var xx, xy, yy float64
	kinds := 0
	for i, n := 0, 0; i < len(points); i += n {
		var x, y float64
		for n = 0; i+n < len(points) && points[i+n].kind == points[i].kind; n++ {
			x += points[i+n].x
			y += points[i+n].y
		}
		x, y = x/float64(n), y/float64(n)
		for _, p := range points[i : i+n] {
			dx, dy := p.x-x, p.y-y
			xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
		}
		kinds++
	}
	free := len(points) - kinds - 1
	if free < leastAnswers-2 || xx < 1e-9 {
		return 0, 0, 0, false
	}
	slope = xy / xx
	away := wide * math.Sqrt(max(yy-slope*xy, 0)/float64(free)/xx)
	return slope, slope - away, slope + away, true
}

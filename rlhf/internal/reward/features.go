package reward

import (
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Item is what is rated, as the model sees it.
type Item struct {
	// ID is equal for ratings of the same thing.
	ID   string
	Kind string
	// Family and Level may be zero.
	Family string
	Level  int
	// Text is what people read; "" where only kind, family and level are meant.
	Text string
	// Confidence in [0, 1] and Evidence, a count, are an insight's; Passed in [0, 1]
	// is the share of right answers of an activity.
	Confidence float64
	Evidence   int
	Passed     float64
	Untrusted  bool
	// Answers is how many an activity has; 0 for what is none.
	Answers int
	// Meaning is the [Project]ion of what an embedder says of Text; nil where that is not known.
	Meaning []float32
}

// group is a set of weights with a common prior.
type group int

const (
	intercept group = iota
	ofKind
	ofFamily
	ofLevel
	ofShape
	ofText
	ofLength
	ofMeaning // only of a model with an embedder
	groups
)

// textColumns is how many columns the words of a text are hashed to (Weinberger et al.
// 2009). maxNames bounds the features with a name, so that a fit stays small.
const (
	textColumns = 192
	maxNames    = 320
	maxWords    = 1000
)

// shapes are the names of the numbers that each item has.
var shapes = [...]string{"length", "confidence", "evidence", "passed", "untrusted"}

// vec is a sparse vector. Its columns rise.
type vec struct {
	at  []int
	val []float64
}

func (v *vec) add(at int, val float64) {
	if val != 0 {
		v.at, v.val = append(v.at, at), append(v.val, val)
	}
}

// dot is the product with a dense vector.
func (v *vec) dot(w []float64) (s float64) {
	for i, at := range v.at {
		s += v.val[i] * w[at]
	}
	return s
}

// minus is v - w.
func (v *vec) minus(w *vec) vec {
	var d vec
	i, j := 0, 0
	for i < len(v.at) || j < len(w.at) {
		switch {
		case j == len(w.at) || i < len(v.at) && v.at[i] < w.at[j]:
			d.add(v.at[i], v.val[i])
			i++
		case i == len(v.at) || w.at[j] < v.at[i]:
			d.add(w.at[j], -w.val[j])
			j++
		default:
			d.add(v.at[i], v.val[i]-w.val[j])
			i, j = i+1, j+1
		}
	}
	return d
}

// columns says which feature is in which column. Column 0 is the intercept, then come
// the shapes, the words, and the features with a name.
type columns struct {
	names  []string // sorted
	at     map[string]int
	center []float64 // the mean of the items' meanings; nil where no embedder is
}

const (
	firstShape   = 1
	firstText    = firstShape + len(shapes)
	firstMeaning = firstText + textColumns
)

// firstName is the first column of a feature with a name.
func (c *columns) firstName() int { return firstMeaning + len(c.center) }

// newColumns makes the columns for the names that items have. Where there are too many
// it takes the most frequent. center is as in columns.
func newColumns(items []Item, center []float64) columns {
	count := map[string]int{}
	for i := range items {
		for _, n := range items[i].names() {
			count[n]++
		}
	}
	names := make([]string, 0, len(count))
	for n := range count {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	names = names[:min(len(names), maxNames)]
	slices.Sort(names)
	return columnsOf(names, center)
}

func columnsOf(names []string, center []float64) columns {
	c := columns{names: names, at: make(map[string]int, len(names)), center: center}
	for i, n := range names {
		c.at[n] = c.firstName() + i
	}
	return c
}

func (c *columns) len() int { return c.firstName() + len(c.names) }

// group is that of a column.
func (c *columns) group(at int) group {
	switch {
	case at == 0:
		return intercept
	case at < firstText:
		return ofShape
	case at < firstMeaning:
		return ofText
	case at < c.firstName():
		return ofMeaning
	}
	return groupOf(c.names[at-c.firstName()])
}

// groupOf is the group of a feature with a name.
func groupOf(n string) group {
	switch {
	case strings.HasPrefix(n, lengthName):
		return ofLength
	case strings.ContainsRune(n, '@'):
		return ofLevel
	case strings.ContainsRune(n, '/'):
		return ofFamily
	}
	return ofKind
}

// name is what people call a column; "" for one of words or of meanings, which has many.
func (c *columns) name(at int) string {
	switch {
	case at == 0:
		return "mean"
	case at < firstText:
		return shapes[at-firstShape]
	case at < c.firstName():
		return ""
	}
	return c.names[at-c.firstName()]
}

// clean takes what has a meaning in names out of a part of one.
var clean = strings.NewReplacer("/", "_", "@", "_", ":", "_")

// lengthName is what the name of a length begins with.
const lengthName = "answers:"

// lengthOf is the name of a number of answers, of which each has twice as many as the one
// before, and all above 64 have one.
func lengthOf(answers int) string {
	most := 1
	for most < answers && most < 64 {
		most *= 2
	}
	switch {
	case answers > most:
		return lengthName + "65+"
	case most <= 2:
		return lengthName + strconv.Itoa(most)
	}
	return lengthName + strconv.Itoa(most/2+1) + "-" + strconv.Itoa(most)
}

// names are the features of an item that have a name of their own.
func (i *Item) names() []string {
	if i.Kind == "" {
		return nil
	}
	kind := clean.Replace(i.Kind)
	n := append(make([]string, 0, 5), kind)
	if i.Answers > 0 {
		n = append(n, lengthOf(i.Answers))
	}
	at := func(s string) {
		if i.Level > 0 {
			n = append(n, s+"@"+strconv.Itoa(i.Level))
		}
	}
	at(kind)
	if i.Family != "" {
		family := kind + "/" + clean.Replace(i.Family)
		n = append(n, family)
		at(family)
	}
	return n
}

// named are the columns of an item's names, without the intercept.
func (c *columns) named(names []string) vec {
	var v vec
	var at []int
	for _, n := range names {
		if col, ok := c.at[n]; ok {
			at = append(at, col)
		}
	}
	slices.Sort(at)
	for _, col := range at {
		v.add(col, 1)
	}
	return v
}

// vector is all that the model knows of an item, without the intercept.
func (c *columns) vector(i *Item) vec {
	var v vec
	words := split(i.Text)
	if i.Text != "" {
		v.add(firstShape, math.Log1p(float64(len(words)))/4)
		v.add(firstShape+1, bounded(i.Confidence))
		v.add(firstShape+2, math.Log1p(max(0, float64(i.Evidence)))/4)
		v.add(firstShape+3, bounded(i.Passed))
		if i.Untrusted {
			v.add(firstShape+4, 1)
		}
	}
	text(&v, words)
	c.meant(&v, i)
	n := c.named(i.names())
	v.at, v.val = append(v.at, n.at...), append(v.val, n.val...)
	return v
}

// bounded is x in [0, 1]; what is no number counts as 0.
func bounded(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, 1)
}

// split cuts a text into its first words, in lower case.
func split(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return words[:min(len(words), maxWords)]
}

// text adds the hashed words, each counted by the root of its number, at length 1. It
// sorts them.
func text(v *vec, words []string) {
	if len(words) == 0 {
		return
	}
	slices.Sort(words)
	var sums [textColumns]float64
	for i, n := 0, 0; i < len(words); i += n {
		for n = 1; i+n < len(words) && words[i+n] == words[i]; n++ {
		}
		h := fnv.New64a()
		h.Write([]byte(words[i]))
		x := h.Sum64()
		x ^= x >> 32 // the high bits of FNV are the better ones
		s := math.Sqrt(float64(n))
		if x>>20&1 == 1 {
			s = -s
		}
		sums[x%textColumns] += s
	}
	norm := 0.0
	for _, s := range sums {
		norm += s * s
	}
	if norm == 0 {
		return
	}
	for i, s := range sums {
		v.add(firstText+i, s/math.Sqrt(norm))
	}
}

package rank

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Words are the words of a text in lower case, without the endings of a plural: runs of
// letters and digits, and the parts of words that are written together, as in camelCase.
// What is very common is left out.
func Words(text string) []string { return words(text, stem) }

// Stems are the words of a text without their endings, so that "writing" and "writes" are
// the same.
func Stems(text string) []string { return words(text, porter) }

// Pairs are the stems of a text two by two, each with the next one.
func Pairs(text string) []string {
	all := Stems(text)
	for i := range max(0, len(all)-1) {
		all[i] += " " + all[i+1]
	}
	return all[:max(0, len(all)-1)]
}

func words(text string, shorten func(string) string) (all []string) {
	var run []rune
	flush := func() {
		if w := string(run); w != "" && !stop[w] {
			all = append(all, shorten(w))
		}
		run = run[:0]
	}
	var last rune
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(last):
			flush()
			fallthrough
		default:
			run = append(run, unicode.ToLower(r))
		}
		last = r
	}
	flush()
	return all
}

// stem takes off the endings of an English plural and of the third person.
func stem(w string) string {
	switch {
	case len(w) < 4 || strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "shes") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "xes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s"):
		return w[:len(w)-1]
	}
	return w
}

var stop = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`a about all also am an and any are as at be been being but by can could did do does for from had has have
		he her him his how i if in into is it its me more most my no nor not of on or our out over own she so some such than that the their
		them then there these they this those to too under until up was we were what when where which while who whom whose why will with
		would you your`) {
		m[w] = true
	}
	return m
}()

// Texts ranks texts by how well they answer a question, by BM25 (Robertson and Zaragoza
// 2009). Adding a text costs as much as it is long.
type Texts struct {
	words   func(string) []string
	posts   map[string][]post
	lengths []int32 // of each text, words
	total   int64
}

type post struct {
	text  int32
	times int32
}

// The parameters of BM25, as they are used everywhere.
const (
	bm25K = 1.2
	bm25B = .75
)

// NewTexts has no texts. words takes them, and questions, apart: [Words], [Stems]
// or [Pairs].
func NewTexts(words func(string) []string) *Texts {
	return &Texts{words: words, posts: map[string][]post{}}
}

// Len is how many texts there are.
func (t *Texts) Len() int { return len(t.lengths) }

// Add adds a text and returns its number; the first is 0.
func (t *Texts) Add(text string) int {
	n := int32(len(t.lengths))
	words := t.words(text)
	slices.Sort(words)
	for i := 0; i < len(words); {
		j := i
		for j < len(words) && words[j] == words[i] {
			j++
		}
		t.posts[words[i]] = append(t.posts[words[i]], post{n, int32(j - i)})
		i = j
	}
	t.lengths = append(t.lengths, int32(len(words)))
	t.total += int64(len(words))
	return int(n)
}

// Scored is a thing with its score.
type Scored struct {
	ID    int32
	Score float64
}

// Find scores the texts that have a word of the question, best first, at most limit. A word
// counts as often as the question has it. Where has is not nil, texts of which it is false
// are as if they had never been added.
func (t *Texts) Find(question string, limit int, has func(text int32) bool) []Scored {
	words := t.words(question)
	slices.Sort(words)
	scores := map[int32]float64{}
	n, total := len(t.lengths), t.total
	if has != nil {
		n, total = 0, 0
		for i, length := range t.lengths {
			if has(int32(i)) {
				n, total = n+1, total+int64(length)
			}
		}
	}
	mean := float64(total) / float64(max(1, n))
	for i := 0; i < len(words); {
		asked := 1
		for i+asked < len(words) && words[i+asked] == words[i] {
			asked++
		}
		posts := t.posts[words[i]]
		if has != nil {
			posts = slices.DeleteFunc(slices.Clone(posts), func(p post) bool { return !has(p.text) })
		}
		weight := float64(asked) * rarity(n, len(posts))
		for _, p := range posts {
			f := float64(p.times)
			scores[p.text] += weight * f * (bm25K + 1) / (f + bm25K*(1-bm25B+bm25B*float64(t.lengths[p.text])/mean))
		}
		i += asked
	}
	return Best(scores, limit)
}

// rarity is the inverse document frequency of a word that some of n texts have.
func rarity(n, have int) float64 {
	return math.Log(1 + (float64(n-have)+.5)/(float64(have)+.5))
}

// Best are the highest scores, at most limit of them; of equals, the lower number first.
func Best(scores map[int32]float64, limit int) []Scored {
	all := make([]Scored, 0, len(scores))
	for id, s := range scores {
		all = append(all, Scored{id, s})
	}
	slices.SortFunc(all, func(a, b Scored) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return all[:min(limit, len(all))]
}

// Part is what one list of a fusion says of a thing.
type Part struct {
	Name string
	// Rank counts from 1. Score is the list's own.
	Rank  int
	Score float64
	// Share is what it adds to the fused score.
	Share float64
}

// Fused is a thing with its score and the parts that it is the sum of.
type Fused struct {
	ID    int32
	Score float64
	Parts []Part
}

// List is a ranking that takes part in a fusion, best first.
type List struct {
	Name   string
	Weight float64
	Ranked []Scored
}

// fuseK is how much the first places are levelled; 60 is Cormack's.
const fuseK = 60

// Fuse joins rankings by reciprocal rank (Cormack, Clarke and Büttcher 2009): a thing's
// score is the sum over the lists of weight/(60+rank).
func Fuse(limit int, lists ...List) []Fused {
	return join(limit, lists, func(l *List, i int) float64 { return l.Weight / float64(fuseK+i+1) })
}

// Sum joins rankings whose scores are of one scale: a thing's score is the sum over the
// lists of weight times score.
func Sum(limit int, lists ...List) []Fused {
	return join(limit, lists, func(l *List, i int) float64 { return l.Weight * l.Ranked[i].Score })
}

// join adds up what share says of each place in the lists.
func join(limit int, lists []List, share func(l *List, i int) float64) []Fused {
	at := map[int32]*Fused{}
	for n := range lists {
		l := &lists[n]
		for i, s := range l.Ranked {
			f := at[s.ID]
			if f == nil {
				f = &Fused{ID: s.ID}
				at[s.ID] = f
			}
			x := share(l, i)
			f.Score += x
			f.Parts = append(f.Parts, Part{l.Name, i + 1, s.Score, x})
		}
	}
	all := make([]Fused, 0, len(at))
	for _, f := range at {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Fused) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return all[:min(limit, len(all))]
}

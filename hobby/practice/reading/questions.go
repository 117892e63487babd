package reading

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// The families of questions. The levels are the length of the passage that is
// shown. The guessing floors are those of the commonest answer, or of a random
// choice among those that the passage offers. Until the last version the split went by the
// passage to the letter.
var families = []hobby.Family{
	{Name: "missing-word", Version: 2, Levels: 3, Guess: 0.05},
	{Name: "section", Version: 2, Levels: 3, Guess: 0.34},
	{Name: "next-heading", Version: 3, Levels: 3, Guess: 0.34},
	{Name: "table-cell", Version: 3, Levels: 3, Guess: 0.25},
	lists,
	{Name: "acronym", Version: 2, Levels: 3, Guess: 0.25},
}

// lists is the family of questions about the length of a list.
var lists = hobby.Family{Name: "list-length", Version: 2, Levels: 3, Guess: 0.34}

// shelf has the documents and facts that questions are made from.
type shelf struct {
	sectioned []*document // documents with enough sections to choose from
	tabled    []*document // documents with a table to ask about
	sentences []said
	words     map[string]int            // how often each word is in the documents
	total     int                       // of the words
	acronyms  []acronym                 // one for each short form
	lists     []map[int][]practice.Task // by level: the questions by the length of their list
	alone     bool                      // one document's: few answers to guess from are no fault
	library   *library

	mu   sync.Mutex
	ones map[*document]*shelf // of single documents
}

// said is a sentence and its place.
type said struct {
	document *document
	block    int
	text     string
}

// lengths are the lengths of the shortest and the longest list of each level.
var lengths = [][2]int{{2, 5}, {5, 10}, {8, 25}}

func newShelf(ctx context.Context, lib *library) *shelf { return stocked(ctx, lib, false) }

func stocked(ctx context.Context, lib *library, alone bool) *shelf {
	s := &shelf{words: map[string]int{}, alone: alone, library: lib}
	for range lengths {
		s.lists = append(s.lists, map[int][]practice.Task{})
	}
	known := map[string]bool{}
	for d := range lib.all(ctx) {
		if len(d.sections) > 2 {
			s.sectioned = append(s.sectioned, d)
		}
		if slices.ContainsFunc(d.tables, func(t table) bool { return len(t.rows) >= leastRows && len(t.header) > 1 }) {
			s.tabled = append(s.tabled, d)
		}
		for i := range d.blocks {
			s.note(d, i)
			for _, a := range acronyms(d, i) {
				if !known[a.short] && showable(a.block().text) {
					known[a.short] = true
					s.acronyms = append(s.acronyms, a)
				}
			}
		}
		for i := range d.lists {
			s.count(d, &d.lists[i])
		}
	}
	return s
}

// near is the shelf of the documents that a topic is mentioned in; nil when there are
// none.
func (s *shelf) near(ctx context.Context, topic string) *shelf {
	var some []*document
	for d := range s.library.all(ctx) {
		if d.mentions(topic) {
			some = append(some, d)
		}
	}
	if len(some) == 0 || ctx.Err() != nil {
		return nil
	}
	return newShelf(ctx, newLibrary(some, nil))
}

// mentions reports whether a document's path or text has a topic.
func (d *document) mentions(topic string) bool {
	return topic != "" && (study.Mentions(d.path, topic) ||
		slices.ContainsFunc(d.headings, func(h heading) bool { return study.Mentions(h.text, topic) }) ||
		slices.ContainsFunc(d.blocks, func(b block) bool { return study.Mentions(b.text, topic) }))
}

// count makes the question about a list for the levels that it fits.
func (s *shelf) count(d *document, l *list) {
	if slices.ContainsFunc(l.items, func(s string) bool { return s == "" || len(s) > 300 }) {
		return
	}
	n := len(l.items)
	t, ok := question(d, "- "+strings.Join(l.items, "\n- "), "length",
		"How many items does this list have? Answer with the number only.", strconv.Itoa(n), practice.Number,
		"[the] [total] (number|count) [of items] [in (the|this) list]", "[the] total", "there are [exactly] … [items [in "+
			"(the|this) list]]",
		"(the|this) list (has|contains) [exactly] … items", "it (has|contains) … items", "… items")
	t.Family, t.Version = lists.Name, max(1, lists.Version)
	if !ok || !s.alone && practice.Split("reading", &t) != hobby.Practice { // each length is to be as likely
		return
	}
	for level, bounds := range lengths {
		if n >= bounds[0] && n <= bounds[1] {
			s.lists[level][n] = append(s.lists[level][n], t)
		}
	}
}

// note takes the sentences and the words of a block.
func (s *shelf) note(d *document, i int) {
	if !showable(d.blocks[i].text) {
		return
	}
	for _, text := range sentences(d.blocks[i].text) {
		fields := strings.Fields(text)
		for _, w := range fields {
			s.words[folded(w)]++
		}
		s.total += len(fields)
		if len(fields) >= 6 && len(fields) <= 60 {
			s.sentences = append(s.sentences, said{d, i, text})
		}
	}
}

// folded returns a word in lower case without punctuation.
func folded(w string) string { return strings.ToLower(strings.TrimFunc(w, unicode.IsPunct)) }

// tries is the number of draws after which ask gives up.
const tries = 60

// ask makes a question of a family and level. It is false when the documents have
// none that may be asked. Held-out questions are never asked. The whole shelf says which
// document is asked about, and which length of a list or which acronym: so none is
// commoner than another. The question is made of the document alone, so that it can be made again
// while the document stays as it is.
func (s *shelf) ask(r *rand.Rand, family hobby.Family, level int) (practice.Task, bool) {
	for range tries {
		drawn, ok := s.draw(family.Name, r, level)
		if !ok {
			continue
		}
		few := family.Name == lists.Name || family.Name == "acronym" // answers that a document has
		pose := s.one(s.library.byPath[drawn.Source], family, level)
		for range 8 { // of a document whose facts are all held out, none is asked
			t, ok := pose(r.Uint64())
			if ok && t.Split == hobby.Practice && (!few || t.Reference == drawn.Reference) {
				return t, true
			}
		}
	}
	return practice.Task{}, false
}

// mostOnes is how many documents' own shelves are kept.
const mostOnes = 64

// one makes questions about a document.
func (s *shelf) one(d *document, family hobby.Family, level int) study.Pose {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ones[d] == nil {
		if s.ones == nil || len(s.ones) == mostOnes {
			s.ones = map[*document]*shelf{}
		}
		s.ones[d] = alone(context.Background(), d)
	}
	return s.ones[d].pose(d, family, level)
}

// draw makes a question of a family and level, of either split.
func (s *shelf) draw(family string, r *rand.Rand, level int) (practice.Task, bool) {
	return map[string]func(*rand.Rand, int) (practice.Task, bool){
		"missing-word": s.missingWord, "section": s.whichSection, "next-heading": s.nextHeading,
		"table-cell": s.tableCell, "list-length": s.listLength, "acronym": s.acronym,
	}[family](r, level)
}

// few reports whether there are too few of something to choose from: fewer than least,
// or none of one document.
func (s *shelf) few(n, least int) bool { return n == 0 || n < least && !s.alone }

// pick draws a document; nil when there is none.
func pick(r *rand.Rand, all []*document) *document {
	if len(all) == 0 {
		return nil
	}
	return all[r.IntN(len(all))]
}

// missingWord leaves a word out of a sentence that the passage shows. The word is
// not a common one, which could be guessed.
func (s *shelf) missingWord(r *rand.Rand, level int) (practice.Task, bool) {
	if s.few(len(s.sentences), 20) {
		return practice.Task{}, false
	}
	asked := s.sentences[r.IntN(len(s.sentences))]
	passage := asked.document.around(r, asked.block, sizes[level-1])
	if strings.Count(passage, asked.text) != 1 {
		return practice.Task{}, false
	}
	fields := strings.Fields(asked.text)
	var fit []int
	for i, w := range fields {
		bare, rare := strings.TrimFunc(w, unicode.IsPunct), s.words[folded(w)] <= max(1, s.total/100)
		if i > 0 && rare && askable(bare) && once(fields, bare) {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 {
		return practice.Task{}, false
	}
	i := fit[r.IntN(len(fit))]
	want := strings.TrimFunc(fields[i], unicode.IsPunct)
	fields[i] = strings.Replace(fields[i], want, "_____", 1)
	gap := strings.Join(fields, " ")
	return question(asked.document, passage, "missing word",
		"The passage has this sentence, but for one word: "+gap+"\nWhich word belongs in the place of _____? Answer with the word only.",
		want, wording, "[the] [missing] word [(in|for) the place [of _____]]", "[the] missing word",
		"[the] word that belongs [there|in the place [of _____]]")
}

// around returns a block with as many blocks around it as fit.
func (d *document) around(r *rand.Rand, i, bytes int) string {
	from, to := i, i+1
	n := len(d.blocks[i].text)
	fits := func(j int) bool {
		if j < 0 || j >= len(d.blocks) || !showable(d.blocks[j].text) || strings.HasPrefix(d.blocks[j].text, "#") ||
			n+len(d.blocks[j].text)+1 > bytes {
			return false
		}
		n += len(d.blocks[j].text) + 1
		return true
	}
	for open := 2; open > 0; {
		open = 0
		if r.IntN(2) == 0 && fits(from-1) {
			from--
			open++
		}
		if fits(to) {
			to++
			open++
		}
	}
	parts := make([]string, 0, to-from)
	for _, b := range d.blocks[from:to] {
		parts = append(parts, b.text)
	}
	return strings.Join(parts, "\n")
}

// askable reports whether a word can be asked for: a number, or a word of at
// least five letters.
func askable(w string) bool {
	digits, letters := 0, 0
	for _, r := range w {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		default:
			return false
		}
	}
	return digits > 0 && letters == 0 || letters >= 5 && digits == 0
}

// once reports whether a word occurs exactly once.
func once(fields []string, word string) bool {
	n := 0
	for _, w := range fields {
		if strings.EqualFold(strings.TrimFunc(w, unicode.IsPunct), word) {
			n++
		}
	}
	return n == 1
}

// shown draws n sections of a document that fit together, in their order.
func shown(r *rand.Rand, d *document, n, bytes int) []section {
	if d == nil || len(d.sections) < n {
		return nil
	}
	all := d.sections
	picked := r.Perm(len(all))[:n]
	slices.Sort(picked)
	some := make([]section, n)
	for i, at := range picked {
		some[i] = all[at]
	}
	return fitted(some, bytes)
}

// fitted returns the beginnings of sections that fit together, with an equal share
// for each. It returns nil when they do not fit.
func fitted(all []section, bytes int) []section {
	cut := make([]section, len(all))
	for i, s := range all {
		var ok bool
		if cut[i], ok = s.within(bytes/len(all) - len(s.title) - 6); !ok {
			return nil
		}
	}
	return cut
}

// whichSection asks which section a sentence is in.
func (s *shelf) whichSection(r *rand.Rand, level int) (practice.Task, bool) {
	d := pick(r, s.sectioned)
	all := shown(r, d, 2+level, sizes[level-1])
	if all == nil {
		return practice.Task{}, false
	}
	asked := all[r.IntN(len(all))]
	said := sentences(asked.paragraphs[r.IntN(len(asked.paragraphs))])
	sentence := said[r.IntN(len(said))]
	passage := join(all)
	if words(sentence) < 4 || strings.Count(passage, sentence) != 1 {
		return practice.Task{}, false
	}
	return question(d, passage, "section",
		"Which section of the passage contains this sentence: "+sentence+"\nAnswer with the section's title only.", asked.title, wording,
		"[the] section", "[the] section [of the passage] that contains (the|this) sentence", "[the] section is (titled|"+
			"called|named) …", "[the] section (title|heading)",
		"[the] [section's] title", "[the|this] sentence is [(contained|found)] in [the section] [(titled|called|named)] …",
		"it is in [the section] …")
}

// nextHeading asks for the order of headings, where it is also the document's order.
// Version 1 left sections out without a mark.
func (s *shelf) nextHeading(r *rand.Rand, level int) (practice.Task, bool) {
	d := pick(r, s.sectioned)
	n := 2 + 2*level
	if d == nil || len(d.sections) < n {
		return practice.Task{}, false
	}
	from := r.IntN(len(d.sections) - n + 1)
	all := fitted(d.sections[from:from+n], sizes[level-1]-n*2*len(omitted))
	var followed []int // the sections that the document's next section follows
	for i := range all[:max(0, len(all)-1)] {
		if all[i+1].heading == all[i].heading+1 {
			followed = append(followed, i)
		}
	}
	if len(followed) == 0 {
		return practice.Task{}, false
	}
	i := followed[r.IntN(len(followed))]
	ask := "Where text of the document is left out, the passage says " + omitted + " instead. Which heading comes next " +
		"after the heading “" +
		all[i].title + "”? Answer with that heading's text only."
	after := "after [the heading] " + practice.Literal(unmarked(all[i].title))
	return question(d, excerpt(all), "next heading", ask, all[i+1].title, wording, "[the] [next] heading ["+after+"]",
		"[the] [next] heading that (comes|is) next ["+after+"]",
		"[the] next (heading|one) [in the (passage|document)] ["+after+"]", after+" comes …", "[the] heading that comes ["+after+"]")
}

// leastRows is the least number of rows of a table that is asked about.
const leastRows = 4

// tableCell asks for a cell of a table that is shown with as many rows as the
// level has. Version 1 named the row that begins with a text, and two rows can
// begin with the same.
func (s *shelf) tableCell(r *rand.Rand, level int) (practice.Task, bool) {
	d := pick(r, s.tabled)
	if d == nil {
		return practice.Task{}, false
	}
	t := &d.tables[r.IntN(len(d.tables))]
	rows := t.rows
	if most := []int{5, 10, 30}[level-1]; len(rows) < leastRows || len(t.header) < 2 || level > 1 && len(rows) == leastRows {
		return practice.Task{}, false
	} else if len(rows) > most {
		from := r.IntN(len(rows) - most + 1)
		rows = rows[from : from+most]
	}
	column := 1 + r.IntN(len(t.header)-1)
	i := r.IntN(len(rows))
	name, want := rows[i][0], rows[i][column]
	head := t.header[column]
	key, value := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		key[strings.ToLower(row[0])], value[strings.ToLower(unmarked(row[column]))] = true, true
	}
	// The first cell tells rows apart, and the name tells columns apart. No value
	// is commoner than the others. A dot says nothing.
	if name == "" || head == "" || !strings.ContainsFunc(want, letterOrDigit) || len(want) > 80 ||
		len(key) < len(rows) || len(value) < len(rows) || count(t.header, head) > 1 {
		return practice.Task{}, false
	}
	var b strings.Builder
	for i, row := range append([][]string{t.header}, rows...) {
		for _, cell := range row {
			if strings.Contains(cell, "|") {
				return practice.Task{}, false
			}
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return question(d, strings.TrimRight(b.String(), "\n"), "cell",
		fmt.Sprintf("In the row of the table whose first cell is “%s”, what does the column “%s” say? Answer with the cell's text only.",
			name, head), want, wording, "the [table] cell", "the (cell|column) says …", "the [cell's] text", "the value",
		"[the] column "+practice.Literal(unmarked(head))+" (says|is|has) …", "it says …", practice.Literal(unmarked(head)))
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func count(all []string, s string) (n int) {
	for _, v := range all {
		if strings.EqualFold(v, s) {
			n++
		}
	}
	return n
}

// listLength asks how long a list is. Each length is equally likely.
func (s *shelf) listLength(r *rand.Rand, level int) (practice.Task, bool) {
	byLength := s.lists[level-1]
	if s.few(len(byLength), 3) { // fewer are easily guessed
		return practice.Task{}, false
	}
	lengths := slices.Sorted(maps.Keys(byLength))
	n := lengths[r.IntN(len(lengths))]
	return byLength[n][r.IntN(len(byLength[n]))], true
}

// acronym asks what a short form stands for. Each short form is equally likely.
func (s *shelf) acronym(r *rand.Rand, level int) (practice.Task, bool) {
	if s.few(len(s.acronyms), 5) { // fewer are easily guessed
		return practice.Task{}, false
	}
	a := s.acronyms[r.IntN(len(s.acronyms))]
	passage := a.document.around(r, a.at, sizes[level-1])
	return question(a.document, passage, "acronym", "What does "+a.short+" stand for in the passage? Answer with the words only.",
		a.long, wording, "[the] [(acronym|abbreviation)] "+practice.Literal(a.short)+" (stands for|means)[:] …",
		"[in the passage,] (it|"+practice.Literal(a.short)+
			") (stands for|means)[:] …", practice.Literal(a.short), "[the] (acronym|abbreviation)")
}

package reading

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// The families of questions about papers. The levels are the number of works that are
// shown. The guessing floors are the chance of a random one of those, and of a random
// number of the passage.
var paperFamilies = []hobby.Family{
	{Name: "publication-year", Levels: 3, LevelGuess: []float64{0.34, 0.25, 0.17}},
	{Name: "first-author", Levels: 3, LevelGuess: []float64{0.34, 0.2, 0.13}},
	{Name: "cited-work", Levels: 3, LevelGuess: []float64{0.34, 0.2, 0.13}},
	{Name: "who-says", Levels: 3, LevelGuess: []float64{0.34, 0.25, 0.17}},
	{Name: "reported-number", Levels: 3, LevelGuess: []float64{0.29, 0.17, 0.11}},
}

// shownWorks is how many works each level shows.
var shownWorks = map[string][]int{
	"publication-year": {3, 4, 6}, "first-author": {3, 5, 8}, "cited-work": {3, 5, 8}, "who-says": {3, 4, 6}, "reported-number": {2, 4, 6},
}

// abstracts is the largest number of bytes of abstracts that each level shows.
var abstracts = []int{1100, 2500, 6000}

// desk is a source with what can be asked about it.
type desk struct {
	*literature
	source *source
	digest string   // of the source and of what it cites
	papers []*paper // that can be shown
	cites  []citing // sentences that cite one of them
}

// desks are the sources with works that can be asked about. They are found once.
func (lit *literature) desks() []*desk {
	lit.once.Do(func() { lit.made = lit.findDesks() })
	return lit.made
}

func (lit *literature) findDesks() []*desk {
	of := map[*source][]*paper{}
	for _, p := range lit.papers {
		of[p.in] = append(of[p.in], p)
	}
	var all []*desk
	for _, s := range lit.sources {
		d := &desk{literature: lit, source: s, digest: s.digest}
		for _, p := range of[s] {
			d.show(p)
		}
		if s.text != nil && s.unread == "" {
			digests := s.digest
			for _, c := range lit.cited(s.text) {
				for _, p := range c.cites {
					d.show(p)
					digests += p.in.digest
				}
				if len(c.cites) == 1 && strings.Count(c.text, "[@") == 1 && len(c.text) < 400 && showable(c.text) {
					d.cites = append(d.cites, c)
				}
			}
			d.digest = fmt.Sprintf("%016x", study.Hash(digests))
		}
		if len(d.papers) > 0 {
			all = append(all, d)
		}
	}
	return all
}

// show takes a work whose texts can be shown.
func (d *desk) show(p *paper) {
	if !slices.Contains(d.papers, p) && len(p.Title) <= maxTitle && showable(p.Title) && !strings.HasPrefix(p.Title, "#") {
		d.papers = append(d.papers, p)
	}
}

// quiz asks about all sources in turn, and about those first that have to do with a
// topic.
func (x *researcher) quiz(l *literature, topic string) study.Quiz {
	desks := l.desks()
	var near []*desk
	for _, d := range desks {
		if slices.ContainsFunc(d.papers, func(p *paper) bool { return p.about(topic) }) {
			near = append(near, d)
		}
	}
	return study.Quiz{
		Families: paperFamilies, Questions: x.opts.Questions, Trusted: x.opts.Trusted,
		Ask: func(r *rand.Rand, family hobby.Family, level int) (practice.Task, bool) {
			for _, some := range [][]*desk{near, desks} {
				for range tries {
					if len(some) == 0 {
						break
					}
					t, ok := some[r.IntN(len(some))].pose(family, level)(r.Uint64())
					if ok && t.Split == hobby.Practice {
						return t, true
					}
				}
			}
			return practice.Task{}, false
		},
	}
}

// about reports whether a work has to do with a topic.
func (p *paper) about(topic string) bool {
	if k, ok := kindOf(topic); ok {
		return p.serves(k) > 0
	}
	return topic != "" && study.Mentions(p.Title+" "+p.Abstract+" "+strings.Join(p.Keywords, " "), topic)
}

// pose makes questions about the desk.
func (d *desk) pose(family hobby.Family, level int) study.Pose {
	makes := map[string]func(*rand.Rand, int, int) (practice.Task, string, bool){
		"publication-year": d.publicationYear, "first-author": d.firstAuthor, "cited-work": d.citedWork, "who-says": d.whoSays,
		"reported-number": d.reportedNumber,
	}[family.Name]
	return func(seed uint64) (practice.Task, bool) {
		t, fact, ok := makes(study.Seeded(seed, &family, level), level, shownWorks[family.Name][level-1])
		if !ok {
			return practice.Task{}, false
		}
		study.Name("research", &t, family, level, seed, d.source.path, d.digest)
		// What is held out is the fact, with whatever works beside it: who learned it for
		// one list of works could know it for the next.
		of := t
		of.Params = fact
		t.Split, t.Taint = practice.Split("research", &of), d.taint
		return t, true
	}
}

// some draws n works that differ by what of gives, which is not "".
func (d *desk) some(r *rand.Rand, n int, of func(*paper) string) []*paper {
	var all []*paper
	seen := map[string]bool{}
	for _, i := range r.Perm(len(d.papers)) {
		p := d.papers[i]
		if v := strings.ToLower(of(p)); v != "" && !seen[v] {
			seen[v] = true
			if all = append(all, p); len(all) == n {
				return all
			}
		}
	}
	return nil
}

// listed writes a work as a list of references has it.
func listed(p *paper) string {
	var names []string
	for _, a := range p.Authors[:min(len(p.Authors), 4)] {
		names = append(names, a.Family)
	}
	s := strings.Join(names, ", ")
	if p.More || len(p.Authors) > len(names) {
		s += " and others"
	}
	s += ": " + p.Title
	if !strings.ContainsAny(s[len(s)-1:], ".?!") {
		s += "."
	}
	if p.Venue != "" && len(p.Venue) <= 120 && !fourDigits.MatchString(p.Venue) {
		s += " " + p.Venue + "."
	}
	if p.Year != 0 {
		s += " " + strconv.Itoa(p.Year) + "."
	}
	return "- " + s
}

var fourDigits = regexp.MustCompile(`\d{4}`)

func listing(all []*paper) string {
	lines := make([]string, len(all))
	for i, p := range all {
		lines[i] = listed(p)
	}
	return strings.Join(lines, "\n")
}

// asked makes a task of a desk. fact is what it asks for, whatever else is shown.
func (d *desk) asked(passage, what, ask, want, fact string, verify judge, phrases ...string) (practice.Task, string, bool) {
	t, ok := question(&document{path: d.source.path}, passage, what, ask, want, verify, phrases...)
	return t, what + " " + fact, ok
}

// judge compares an answer with the key.
type judge = func(answer, want string, p *practice.Phrases) practice.Verdict

func (d *desk) publicationYear(r *rand.Rand, _, n int) (practice.Task, string, bool) {
	all := d.some(r, n, func(p *paper) string {
		if p.Year == 0 || len(p.Authors) == 0 || fourDigits.MatchString(p.Title) {
			return ""
		}
		return strconv.Itoa(p.Year)
	})
	if all == nil {
		return practice.Task{}, "", false
	}
	p := all[r.IntN(n)]
	title := practice.Literal(unmarked(p.Title))
	return d.asked(listing(all), "year", "In which year was “"+p.Title+"” published? Answer with the year only.", strconv.Itoa(p.Year),
		p.ID(), wording, "[the] year [of publication]", "[the] publication year", "[in] …", "[it was] published in [the year] …",
		title+" was published in [the year] …", "(it|"+title+") is (from|of) [the year] …")
}

func (d *desk) firstAuthor(r *rand.Rand, _, n int) (practice.Task, string, bool) {
	all := d.some(r, n, func(p *paper) string {
		if len(p.Authors) == 0 || !showable(p.Authors[0].Family) || strings.ContainsAny(p.Authors[0].Family, ",:") {
			return ""
		}
		return p.Authors[0].Family
	})
	if all == nil {
		return practice.Task{}, "", false
	}
	p := all[r.IntN(n)]
	title := practice.Literal(unmarked(p.Title))
	return d.asked(listing(all), "author", "Which author of “"+p.Title+"” is named first? Answer with the family name only.",
		p.Authors[0].Family, p.ID(), wording, "[the] first author [of "+title+"]", "[the] author [who is named first]",
		"[the] [first] author's family name", "[the] family name", "… is named first", "… is the first author",
		"[the] [first] [named] author of "+title)
}

func (d *desk) citedWork(r *rand.Rand, _, n int) (practice.Task, string, bool) {
	if len(d.cites) == 0 {
		return practice.Task{}, "", false
	}
	c := d.cites[r.IntN(len(d.cites))]
	key := strings.TrimRight(citation.FindStringSubmatch(c.text)[1], ".:")
	keys := map[*paper]string{c.cites[0]: key}
	for _, o := range d.cites {
		if k := strings.TrimRight(citation.FindStringSubmatch(o.text)[1], ".:"); keys[o.cites[0]] == "" {
			keys[o.cites[0]] = k
		}
	}
	all := d.some(r, n, func(p *paper) string {
		if keys[p] == "" || p == c.cites[0] {
			return ""
		}
		return p.Title
	})
	if all == nil || !slices.Contains(d.papers, c.cites[0]) {
		return practice.Task{}, "", false
	}
	all[r.IntN(n)] = c.cites[0]
	lines := make([]string, n)
	for i, p := range all {
		lines[i] = "- [@" + keys[p] + "]: " + p.Title
	}
	return d.asked(strings.Join(lines, "\n"), "cites", "Which work does this sentence cite: “"+c.text+"”? Answer with the title only.",
		c.cites[0].Title, c.text, wording, "[the] [cited] work", "[the] title [of the [cited] work]", "[the|this] sentence cites …", "it cites …",
		practice.Literal("[@"+key+"]")+" is …", practice.Literal("@"+key)+" is …")
}

// summaries are works with the beginnings of their abstracts, which fit together.
func (d *desk) summaries(r *rand.Rand, level, n int, fits func(*paper) bool) ([]*paper, []section) {
	all := d.some(r, n, func(p *paper) string {
		if p.Abstract == "" || !showable(p.Abstract) || strings.HasPrefix(p.Abstract, "#") || !fits(p) {
			return ""
		}
		return p.Title
	})
	if all == nil {
		return nil, nil
	}
	parts := make([]section, n)
	for i, p := range all {
		parts[i] = section{heading: i, title: p.Title, paragraphs: []string{p.Abstract}}
	}
	return all, fitted(parts, abstracts[level-1])
}

func (d *desk) whoSays(r *rand.Rand, level, n int) (practice.Task, string, bool) {
	all, parts := d.summaries(r, level, n, func(*paper) bool { return true })
	if parts == nil {
		return practice.Task{}, "", false
	}
	i := r.IntN(n)
	said := sentences(parts[i].paragraphs[0])
	sentence := said[r.IntN(len(said))]
	passage := join(parts)
	if name, _, _ := all[i].technique(); words(sentence) < 4 || strings.Count(passage, sentence) != 1 || study.Mentions(sentence, name) {
		return practice.Task{}, "", false
	}
	return d.asked(passage, "says", "Which work says this: “"+sentence+"”? Answer with the title only.", all[i].Title, sentence, wording,
		"[the] work [that says (this|it)]", "[the] title [of the work]", "[the|this] (sentence|statement) is [(contained|found)] in …",
		"[the] work is (titled|called|named) …", "[it|this] is said (in|by) …")
}

// numeral matches a word that is a number.
var numeral = regexp.MustCompile(`^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d+(?:\.\d+)?$`)

func (d *desk) reportedNumber(r *rand.Rand, level, n int) (practice.Task, string, bool) {
	_, parts := d.summaries(r, level, n, func(p *paper) bool { return digits.MatchString(p.Abstract) })
	if parts == nil {
		return practice.Task{}, "", false
	}
	said := sentences(parts[r.IntN(n)].paragraphs[0])
	sentence := said[r.IntN(len(said))]
	passage := join(parts)
	fields := strings.Fields(sentence)
	var fit []int
	for i, w := range fields {
		if w = strings.Trim(w, ".,;()"); numeral.MatchString(w) && once(fields, w) && strings.Count(sentence, w) == 1 {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 || strings.Count(passage, sentence) != 1 {
		return practice.Task{}, "", false
	}
	i := fit[r.IntN(len(fit))]
	shown := strings.Trim(fields[i], ".,;()")
	after := ""
	if i+1 < len(fields) {
		after = " [" + practice.Literal(strings.Trim(fields[i+1], ".,;()")) + "]"
	}
	fields[i] = strings.Replace(fields[i], shown, "_____", 1)
	want := strings.ReplaceAll(shown, ",", "")
	return d.asked(passage, "number", "The passage has this sentence, but for one number: “"+strings.Join(fields, " ")+
		"” Which number belongs in the place of _____? Answer with the number only.", want, sentence+" "+shown, practice.Number,
		"[the] [missing] number [(in|for) the place [of _____]]", "[the] number that belongs [there|in the place [of _____]]", "…"+after)
}

var _ interface {
	hobby.Examiner
	hobby.Verifier
} = (*researcher)(nil)

// Exam implements hobby.Examiner. Each task is made of one source and names it, with the
// digest of its text.
func (x *researcher) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	l, err := x.literature(ctx)
	if err != nil {
		return hobby.Exam{}, err
	}
	desks := l.desks()
	return practice.Deal(ctx, r, paperFamilies, func(r *rand.Rand, at hobby.Level, split hobby.Split, n int) ([]practice.Task, error) {
		family, _ := study.Family(paperFamilies, at.Family, at.Level)
		open := make([]func() study.Pose, len(desks))
		for i, d := range desks {
			open[i] = func() study.Pose { return d.pose(family, at.Level) }
		}
		return study.Deal(ctx, r, split, n, open)
	})
}

// remake makes a task from what names it.
func (x *researcher) remake(desks []*desk, id hobby.TaskID) (practice.Task, error) {
	family, ok := study.Family(paperFamilies, id.Family, id.Level)
	if !ok || id.Source == "" || id.Digest == "" {
		return practice.Task{}, fmt.Errorf("reading: %w: there is no task %+v", hobby.ErrInvalid, id)
	}
	at := slices.IndexFunc(desks, func(d *desk) bool { return d.source.path == id.Source })
	if at < 0 || desks[at].digest != id.Digest {
		return practice.Task{}, fmt.Errorf("reading: %w: %.256s", hobby.ErrChanged, id.Source)
	}
	t, ok := desks[at].pose(family, id.Level)(id.Seed)
	if !ok {
		return practice.Task{}, fmt.Errorf("reading: %w: there is no task %+v", hobby.ErrInvalid, id)
	}
	return t, nil
}

// Sit implements hobby.Examiner. A task whose source is another one now is
// hobby.ErrChanged.
func (x *researcher) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) ([]hobby.Item, error) {
	l, err := x.literature(ctx)
	if err != nil {
		return nil, err
	}
	desks := l.desks()
	return practice.Sit(ctx, m, s, func(id hobby.TaskID) (practice.Task, error) { return x.remake(desks, id) })
}

// Tasks implements hobby.Verifier.
func (x *researcher) Tasks(p hobby.Plan) ([]hobby.TaskID, error) {
	l, err := x.literature(context.Background())
	if err != nil {
		return nil, err
	}
	quiz := x.quiz(l, p.Topic)
	return quiz.Tasks(p)
}

// Verify implements hobby.Verifier. What was read a moment ago is not read again.
func (x *researcher) Verify(i hobby.Item) (hobby.Item, error) {
	l, err := x.recent(context.Background())
	if err != nil {
		return hobby.Item{}, err
	}
	t, err := x.remake(l.desks(), i.Task())
	if err != nil {
		return hobby.Item{}, err
	}
	return practice.Verify(&t, i)
}

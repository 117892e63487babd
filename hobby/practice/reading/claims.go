package reading

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

var (
	// introducing matches what a sentence of an abstract introduces, up to what is said
	// of it. A technique is named with its article or without one: "a test" is none.
	introducing = regexp.MustCompile(`(?i)\b(?:introduc|propos|present|describ|stud|develop)(?:e|es|y|ies|s)? ` +
		`(?:the |our |a new )?([\pL\pN][^,.;:()]{1,60}?)(?: \([^)]{2,12}\))?(?:, (?:which|in which|where|a|an|the|that)\b)`)
	// named matches a title that begins with the name of what it introduces.
	named = regexp.MustCompile(`^([\pL\pN][^:?!]{1,39}): `)
	// found matches a sentence that reports a result.
	found = regexp.MustCompile(`(?i)\b(?:we (?:show|find|found|demonstrate|observe|report)|` +
		`(?:results?|experiments?) (?:show|suggest|indicate)|` +
		`outperform|improv|reduc(?:es|ed|tion)|rais(?:es|ed)|solv(?:es|ed)|reach(?:es|ed)|resolv(?:es|ed)|beats?\b|surpass|exceed|achiev|` +
		`increas|decreas|gains?\b|faster|slower|fewer|larger|more (?:often|accurate|specific)|better|needs? no|no (?:further|data)|on a par)`)
	digits = regexp.MustCompile(`\d`)
)

// statement is a sentence of an abstract.
type statement struct {
	text    string
	reports bool
	numbers bool
}

// statements are the sentences of the abstract after the one that says what it is about.
func (p *paper) statements() []statement {
	var all []statement
	if p.Abstract == "" {
		return nil
	}
	for _, s := range sentences(p.Abstract) {
		if words(s) < 4 || len(s) > 600 {
			continue
		}
		all = append(all, statement{s, found.MatchString(s), digits.MatchString(s)})
	}
	return all
}

// technique is the name of what a work introduces, with the sentence that says so; ""
// when that is not said.
func (p *paper) technique() (name, sentence string, confidence float64) {
	first := ""
	for _, s := range p.statements() {
		if first == "" {
			first = s.text
		}
		m := introducing.FindStringSubmatch(s.text)
		if m == nil || words(m[1]) > 5 {
			continue
		}
		switch head, _, _ := strings.Cut(strings.ToLower(m[1]), " "); head {
		case "a", "an", "how", "to", "what", "that", "one", "two", "several", "some", "this", "which", "it", "and":
			continue
		}
		return m[1], s.text, 0.8
	}
	if m := named.FindStringSubmatch(p.Title); m != nil && words(m[1]) <= 3 && study.Mentions(p.Abstract, m[1]) {
		return m[1], first, 0.9
	}
	return "", "", 0
}

// of makes a finding about a work.
func (lit *literature) of(p *paper, key string, weight, confidence float64, text string, claims ...hobby.Claim) finding {
	f := finding{
		Key: "research " + key + " " + p.ID(), Text: text, Topic: shorten(p.Title, 120), Weight: weight, Confidence: confidence, Claims: claims,
		Evidence: p.evidence(p.AbstractLine, 0), Source: p.in.path, Taint: lit.taint,
	}
	if p.Abstract == "" {
		f.Evidence = p.evidence(p.Line, p.End)
	}
	return f
}

// does is a verb after the work's authors, or after its title.
func (p *paper) does(verb string) string {
	if len(p.Authors) > 1 || p.More {
		return verb
	}
	return verb + "s"
}

// where is the place of a work's abstract, for people.
func (p *paper) where() string { return fmt.Sprintf("%s:%d", quote(p.in.path), p.AbstractLine) }

// findings are what the literature says, without what applies to a topic.
func (lit *literature) findings() []finding {
	var all []finding
	for _, s := range lit.sources {
		all = append(all, lit.faulty(s)...)
		if s.text != nil && s.unread == "" {
			all = append(append(all, lit.citations(s)...), lit.acronyms(s.text)...)
		}
	}
	all = append(all, unreadable(lit.sources, lit.large, lit.taint)...)
	for _, p := range lit.papers {
		name, sentence, confidence := p.technique()
		if name != "" {
			all = append(all, lit.of(p, "introduces", 3, confidence,
				fmt.Sprintf("%s %s %s: “%s” (%s)", p.Cited(), p.does("introduce"), quote(name), shorten(sentence, 300), p.where()),
				hobby.Claim{Subject: shorten(p.Title, maxTitle), Relation: hobby.Introduces, Object: name, Confidence: confidence}))
		}
		for _, s := range p.statements() {
			if !s.reports || s.text == sentence {
				continue
			}
			weight, confidence := 1.5, 0.7
			if s.numbers {
				weight, confidence = 2.5, 0.8
			}
			all = append(all, lit.of(p, fmt.Sprintf("reports %x", study.Hash(strings.ToLower(s.text))), weight, confidence,
				fmt.Sprintf("%s %s: “%s” (%s)", p.Cited(), p.does("report"), shorten(s.text, 300), p.where())))
		}
		all = append(all, lit.twice(p)...)
		if p.in.text == nil {
			abstract := block{text: p.Abstract, line: p.AbstractLine, end: p.End}
			all = append(all, lit.acronyms(&document{path: p.in.path, blocks: []block{abstract}})...)
		}
	}
	return all
}

// acronyms tell what is abbreviated, as knowledge exploration does: it is told once.
func (lit *literature) acronyms(d *document) []finding {
	var all []finding
	for i := range d.blocks {
		for _, a := range acronyms(d, i) {
			text := fmt.Sprintf("%s stands for %s (%s:%d)", quote(a.short), quote(a.long), d.name(), a.block().line)
			f := d.fault("acronym", a.short, 2, 0.95, text, a.block().line, a.block().end)
			f.Key, f.Claims, f.Taint = acronymKey(a.short, a.long), a.claims(), lit.taint
			all = append(all, f)
		}
	}
	return all
}

// faulty tells what of a file could not be read.
func (lit *literature) faulty(s *source) []finding {
	var all []finding
	for _, f := range s.faults {
		all = append(all, finding{
			Key: fmt.Sprintf("research fault %s %x", s.path, study.Hash(f.Text)), Weight: 8, Confidence: 1, Topic: clean(path.Dir(s.path)),
			Text:     fmt.Sprintf("%s:%d could not be read at byte %d: %s", quote(s.path), f.Line, f.Offset, shorten(clean(f.Text), 200)),
			Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: s.path, Line: f.Line, EndLine: f.Line}}, Source: s.path, Taint: lit.taint,
		})
	}
	return all
}

// unreadable tells which files were not read.
func unreadable(all []*source, large []string, taint hobby.Taint) []finding {
	var documents []*document
	for _, s := range all {
		if s.unread != "" {
			documents = append(documents, &document{path: s.path, unread: s.unread})
		}
	}
	findings := unread(documents, large)
	for i := range findings {
		findings[i].Taint = taint
	}
	return findings
}

// citations tell which works a text cites.
func (lit *literature) citations(s *source) []finding {
	var all []finding
	told := map[*paper]bool{}
	for _, c := range append(lit.cited(s.text), lit.linked(s.text)...) {
		for _, p := range c.cites {
			if told[p] || p.in == s {
				continue
			}
			told[p] = true
			all = append(all, finding{
				Key: "research cites " + s.path + " " + p.ID(), Weight: 1, Confidence: 0.95, Topic: shorten(p.Title, 120),
				Text:     fmt.Sprintf("%s:%d cites %s, “%s”: “%s”", quote(s.path), c.line, p.Cited(), quote(p.Title), shorten(c.text, 300)),
				Claims:   []hobby.Claim{{Subject: s.path, Relation: hobby.Cites, Object: shorten(p.Title, maxTitle), Confidence: 0.95}},
				Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: s.path, Line: c.line, EndLine: max(c.line, c.end)}},
				Source:   s.path, Taint: lit.taint,
			})
		}
	}
	return all
}

// twice tells where sources do not agree on the year of a work.
func (lit *literature) twice(p *paper) []finding {
	for _, o := range p.also {
		if p.Year != 0 && o.work.Year != 0 && p.Year != o.work.Year {
			f := lit.of(p, "years", 5, 1, fmt.Sprintf("“%s” is of %d at %s:%d, and of %d at %s:%d", quote(p.Title), p.Year,
				quote(p.in.path), p.Line, o.work.Year, quote(o.in.path), o.work.Line))
			f.Evidence = append(p.evidence(p.Line, p.End),
				hobby.Evidence{Kind: hobby.EvidenceFile, Ref: o.in.path, Line: o.work.Line, EndLine: o.work.End})
			return []finding{f}
		}
	}
	return nil
}

// subjects are words that show what kind of practice an abstract is of use to.
var subjects = map[hobby.Kind]*regexp.Regexp{
	hobby.SkillPractice:          anyOf(`arithmetic|math(?:ematic)?s?|reasoning|curriculum|self-training|fine-?tuning`),
	hobby.KnowledgeExploration:   anyOf(`knowledge graphs?|retrieval|relation extraction|ontolog\w+|question answering`),
	hobby.PatternRecognition:     anyOf(`time series|change[- ]points?|anomal\w+|false discover\w+|sequence mining|trends?`),
	hobby.BenchmarkRunning:       anyOf(`benchmarks?|leaderboards?|item response|contamination`),
	hobby.ToolMastery:            anyOf(`tool use|use of tools|tools|function calling|APIs?`),
	hobby.CodeAnalysis:           anyOf(`source code|program repair|static analysis|bugs?|software engineering`),
	hobby.ResearchIntegration:    anyOf(`scientific (?:papers|literature)|citations?|literature review`),
	hobby.CreativeProblemSolving: anyOf(`creativ\w+|novelty|divers(?:e|ity)|puzzles?|open-ended`),
}

func anyOf(words string) *regexp.Regexp { return regexp.MustCompile(`(?i)\b(?:` + words + `)\b`) }

// serves says how sure it is that a work is of use to a kind: 0 when nothing says so.
func (p *paper) serves(k hobby.Kind) float64 {
	for _, word := range p.Keywords {
		if strings.EqualFold(strings.ReplaceAll(word, " ", "_"), string(k)) {
			return 0.9
		}
	}
	if subjects[k].MatchString(p.Title + " " + p.Abstract) {
		return 0.5
	}
	return 0
}

// kindOf is the kind that a topic names: "Tool mastery", or "Tool mastery: calls".
func kindOf(topic string) (hobby.Kind, bool) {
	name, _, _ := strings.Cut(topic, ":")
	k, err := hobby.ParseKind(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
	known := err == nil && slices.ContainsFunc(hobby.Kinds(), func(i hobby.KindInfo) bool { return i.Kind == k })
	return k, known
}

// applying tells which techniques apply to the kind that a topic names, because it is
// weak.
func (lit *literature) applying(topic string) []finding {
	k, ok := kindOf(topic)
	if !ok {
		return nil
	}
	var all []finding
	for _, p := range lit.papers {
		name, sentence, _ := p.technique()
		sure := p.serves(k)
		if name == "" || sure == 0 {
			continue
		}
		why := "by its keywords"
		if sure < 0.9 {
			why = "by what its abstract says"
		}
		all = append(all, lit.of(p, "applies "+string(k), 50*sure, sure,
			fmt.Sprintf("%s of %s is of use to %s, %s: “%s” (%s)", quote(upper(name)), p.Cited(), strings.ToLower(k.Title()), why,
				shorten(sentence, 300), p.where()),
			hobby.Claim{Subject: name, Relation: hobby.AppliesTo, Object: strings.ToLower(k.Title()), Confidence: sure}))
	}
	return all
}

// upper is a text that begins with a capital.
func upper(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

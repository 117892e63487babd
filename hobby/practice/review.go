package practice

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
)

// review collects a session's answers and finds what they have in common.
type review struct {
	groups   map[group]*answers
	requires func(family string) []string
}

type group struct {
	family string
	level  int
}

type answers struct {
	model  string            // the key of the model that answered; "" when several did
	all    []string          // item ids
	passes int               //
	notes  map[string][]miss // by what was wrong
	source string            // of what is untrusted in an answer; "" when nothing is
}

type miss struct{ id, answer, reference string }

// newReview has no answers. requires says what a family builds on.
func newReview(requires func(family string) []string) *review {
	return &review{groups: map[group]*answers{}, requires: requires}
}

func (r *review) add(i *hobby.Item) {
	key := group{i.Family, i.Level}
	a := r.groups[key]
	if a == nil {
		a = &answers{model: i.ModelKey, notes: map[string][]miss{}}
		r.groups[key] = a
	}
	if a.model != i.ModelKey {
		a.model = ""
	}
	a.all = append(a.all, i.ID)
	if i.Taint != hobby.Trusted {
		a.source = cmp.Or(i.Source, "elsewhere")
	}
	if i.Passed() {
		a.passes++
		return
	}
	a.notes[i.Note] = append(a.notes[i.Note], miss{i.ID, i.Answer, i.Reference})
}

const (
	// enough is the least number of answers to a level that an insight is based
	// on.
	enough = 4
	// mostEvidence is the largest number of items that an insight names.
	mostEvidence = 20
)

// conclude hands over the insights: what the misses of a level have in common, for people, and
// what the answers to it say of the model, which is a fact for the graph: a score alone is told
// nobody. They are counts of verified answers, so their confidence is 1. The answer that is quoted
// is shortened and cleaned.
func (r *review) conclude(out hobby.Sink) error {
	keys := make([]group, 0, len(r.groups))
	for k := range r.groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b group) int { return cmp.Or(cmp.Compare(a.family, b.family), cmp.Compare(a.level, b.level)) })
	for _, k := range keys {
		a := r.groups[k]
		n := len(a.all)
		where := fmt.Sprintf("%s, level %d", k.family, k.level)
		note, misses := a.commonest()
		common := len(misses) >= 2 && note != ""
		if n < enough || a.passes > 0 && a.passes < n && !common {
			continue
		}
		score := hobby.Insight{Text: fmt.Sprintf("%s: %d of %d answers were right", where, a.passes, n), Claims: a.claims(where, k.family)}
		for _, other := range r.requires(k.family) {
			score.Claims = append(score.Claims, hobby.Claim{Subject: k.family, Relation: hobby.BuildsOn, Object: other, Confidence: 1})
		}
		if err := a.tell(out, k.family, score, a.all); err != nil {
			return err
		}
		if !common {
			continue
		}
		var missed []string
		for _, m := range misses {
			missed = append(missed, m.id)
		}
		said, right := quoted(misses[0].answer, misses[0].reference)
		why := hobby.Insight{Text: fmt.Sprintf("%s: %d of %d answers were %s, such as “%s” for “%s”", where, len(misses), n, note,
			said, right)}
		if err := a.tell(out, k.family, why, missed); err != nil {
			return err
		}
	}
	return nil
}

// tell hands over an insight on a skill, which rests on items.
func (a *answers) tell(out hobby.Sink, skill string, in hobby.Insight, items []string) error {
	in.Topic, in.Confidence = skill, 1
	if a.source != "" { // an answer that is quoted may repeat it
		in.Taint, in.Source, in.Confidence = hobby.Untrusted, a.source, hobby.MaxUntrusted
	}
	in.Fit()
	for _, id := range items[:min(len(items), mostEvidence)] {
		in.Evidence = append(in.Evidence, hobby.Evidence{Kind: hobby.EvidenceItem, Ref: id})
	}
	return out.Insight(in)
}

// sure is the least probability at which a session's answers to a level are a claim
// about the model.
const sure = 0.95

// claims are what the answers to a level say.
func (a *answers) claims(level, family string) []hobby.Claim {
	all := []hobby.Claim{{Subject: level, Relation: hobby.LevelOf, Object: family, Confidence: 1}}
	above := aboveHalf(a.passes, len(a.all))
	switch {
	case a.model == "":
	case above >= sure:
		all = append(all, hobby.Claim{Subject: a.model, Relation: hobby.SucceedsAt, Object: level, Confidence: above})
	case 1-above >= sure:
		all = append(all, hobby.Claim{Subject: a.model, Relation: hobby.FailsAt, Object: level, Confidence: 1 - above})
	}
	return all
}

// aboveHalf is the probability that more than half of all tasks pass, after some of
// n answers did, when every rate was equally likely before. That rate then has a beta
// distribution, whose tail at one half is that of n+1 tosses of a coin.
func aboveHalf(passes, n int) float64 {
	logFactorial := func(k int) float64 {
		l, _ := math.Lgamma(float64(k + 1))
		return l
	}
	sum := 0.0
	for heads := range passes + 1 { // in logarithms, since a power of one half may be too small a number
		sum += math.Exp(logFactorial(n+1) - logFactorial(heads) - logFactorial(n+1-heads) - float64(n+1)*math.Ln2)
	}
	return min(1, sum)
}

// commonest returns the note that most misses share.
func (a *answers) commonest() (string, []miss) {
	best := ""
	for note, m := range a.notes {
		if b := len(a.notes[best]); len(m) > b || len(m) == b && note < best {
			best = note
		}
	}
	return best, a.notes[best]
}

// quoted are a wrong answer and the right one as they are quoted in a sentence. Two that begin alike
// are shown from shortly before they differ.
func quoted(answer, reference string) (said, right string) {
	const long, before = 40, 10
	a, b := clean(answer), clean(reference)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	if cut := same - before; same > long/2 {
		a, b = append([]rune("…"), a[cut:]...), append([]rune("…"), b[cut:]...)
	}
	shorten := func(s []rune) string {
		if len(s) > long {
			return string(s[:long-1]) + "…"
		}
		return string(s)
	}
	return shorten(a), shorten(b)
}

// clean is a text in a line, without control characters and the quotation marks that it stands in.
func clean(s string) []rune {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return ' '
		case r == '“' || r == '”':
			return '"'
		}
		return r
	}, s)
	return []rune(strings.Join(strings.Fields(s), " "))
}

package reading

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// abbreviated matches an article before an abbreviation, whatever the abbreviation.
var abbreviated = regexp.MustCompile(`^“[Aa]n? [A-Z]{2,}\b`)

// habit is what a mistake of writing has in common with those of other documents: what was written and what it should be.
// It is "" for what is a slip each time, such as a word that is there twice.
func (r *remark) habit() string {
	switch {
	case r.rule != "writing" || !strings.Contains(r.subject, "should be"):
		return ""
	case abbreviated.MatchString(r.subject):
		return "an article before an abbreviation"
	}
	return strings.ToLower(r.subject)
}

// habits returns the mistakes that are in several documents, by what they have in common.
func habits(documents []*document) map[string][]entry {
	all, in := map[string][]entry{}, map[string]map[*document]bool{}
	for _, d := range documents {
		for _, r := range d.remarks {
			h := r.habit()
			if h == "" {
				continue
			}
			if in[h] == nil {
				in[h] = map[*document]bool{}
			}
			in[h][d] = true
			all[h] = append(all[h], entry{d, r.line, r.subject})
		}
	}
	for h := range all {
		if len(in[h]) < 2 {
			delete(all, h)
		}
	}
	return all
}

// spread tells of a habit: one change in all its places mends it.
func spread(habit string, places []entry) finding {
	documents := map[*document]bool{}
	at := map[string][]string{}
	var subjects, keys []string
	var evidence []hobby.Evidence
	for _, p := range places {
		keys = append(keys, p.d.path+" "+p.text)
		documents[p.d] = true
		if len(evidence) == mostNamed {
			continue
		}
		if at[p.text] == nil {
			subjects = append(subjects, p.text)
		}
		at[p.text] = append(at[p.text], fmt.Sprintf("%s:%d", p.d.name(), p.line))
		evidence = append(evidence, p.d.evidence(p.line, p.line))
	}
	for i, s := range subjects {
		subjects[i] = s + " (" + strings.Join(at[s], ", ") + ")"
	}
	if more := len(places) - len(evidence); more > 0 {
		subjects = append(subjects, fmt.Sprintf("and %d more", more))
	}
	slices.Sort(keys)
	first := places[0].d
	return finding{
		Key: fmt.Sprintf("habit %x %x", study.Hash(habit), study.Hash(strings.Join(keys, "\n"))),
		Text: shorten(fmt.Sprintf("%d documents have a mistake of writing in common: %s", len(documents), strings.Join(subjects, ", ")),
			1000),
		Topic: clean(path.Dir(first.path)), Weight: rules["writing"].weight + min(1, float64(len(places))/100), Confidence: 0.95,
		Evidence: evidence, Source: first.path, Taint: hobby.Untrusted,
	}
}

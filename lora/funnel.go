package lora

import (
	"cmp"
	"slices"

	"github.com/pastime-go/pastime/internal/prose"
)

// Rule names a reason to leave a candidate out of a data set.
type Rule string

// The rules for all candidates.
const (
	// RuleHeldOut: the task is held out, as its family divides tasks now, or the text
	// repeats one that is.
	RuleHeldOut Rule = "held_out"
	// RuleStale: the task's family asks something else since, or the task cannot be
	// made again.
	RuleStale Rule = "stale"
	// RuleTainted: the text is from outside, and nobody accepted it.
	RuleTainted Rule = "tainted"
	// RuleRedacted: redaction has changed the text, or would.
	RuleRedacted Rule = "redacted"
	// RuleEmpty: there is no answer.
	RuleEmpty Rule = "empty"
	// RuleDuplicate: the same task has the same answer already, or the same question
	// the same text.
	RuleDuplicate Rule = "duplicate"
)

// The rules for answers.
const (
	// RuleOther: another model answered.
	RuleOther Rule = "other_model"
	// RuleWrong: the answer did not pass.
	RuleWrong Rule = "wrong"
	// RuleUnfinished: the answer did not end by itself.
	RuleUnfinished Rule = "unfinished"
	// RuleDistinct: the task has enough other right answers.
	RuleDistinct Rule = "distinct"
	// RuleLearned: the answer is to be replayed, and its task is learned.
	RuleLearned Rule = "learned"
)

// The rules for insights. Those about their texts have the names that internal/prose
// gives them, such as "few_words".
const (
	// RuleModel: the insight is about what the model can do.
	RuleModel Rule = "about_model"
	// RuleQuality: the quality is below the least that was asked for.
	RuleQuality Rule = "quality"
	// RuleNear: a better insight says nearly the same; see internal/dedup.
	RuleNear Rule = "near_duplicate"
)

// Funnel counts what became of the candidates of a data set. What comes in is kept or
// dropped by exactly one rule: the sum of In is the sum of Kept and Dropped.
type Funnel struct {
	// In and Kept count the candidates and the rows by origin.
	In   map[Origin]int `json:"in"`
	Kept map[Origin]int `json:"kept"`
	// Rules has the rules that were applied, in the order in which candidates meet them.
	Rules []RuleCount `json:"rules"`
	// Train and Validation count the rows by their use.
	Train      int `json:"train"`
	Validation int `json:"validation"`
}

// RuleCount is what one rule did to the candidates that came to it.
type RuleCount struct {
	Rule    Rule `json:"rule"`
	Kept    int  `json:"kept"`
	Dropped int  `json:"dropped"`
}

// order is that of the rules of this package, as candidates meet them.
var order = []Rule{
	RuleHeldOut, RuleStale, RuleTainted, RuleRedacted, RuleOther, RuleWrong, RuleUnfinished, RuleModel, RuleEmpty,
	RuleQuality, RuleLearned, RuleDuplicate, RuleDistinct, RuleNear,
}

// sort puts the rules in their order, those about texts before the last ones.
func (f *Funnel) sort() {
	at := func(r Rule) int {
		for i := range prose.Rules {
			if r == Rule(prose.Rules[i].Name) {
				return 100*slices.Index(order, RuleQuality) + i + 1
			}
		}
		return 100 * slices.Index(order, r)
	}
	slices.SortFunc(f.Rules, func(a, b RuleCount) int { return cmp.Compare(at(a.Rule), at(b.Rule)) })
}

// Dropped counts the dropped candidates by rule, without rules that dropped none.
func (f *Funnel) Dropped() map[Rule]int {
	all := map[Rule]int{}
	for _, r := range f.Rules {
		if r.Dropped > 0 {
			all[r.Rule] += r.Dropped
		}
	}
	return all
}

// candidate counts one that comes in.
func (f *Funnel) candidate(o Origin) { f.In[o]++ }

// pass counts a candidate that a rule was applied to.
func (f *Funnel) pass(r Rule, kept bool) bool {
	i := 0
	for ; i < len(f.Rules) && f.Rules[i].Rule != r; i++ {
	}
	if i == len(f.Rules) {
		f.Rules = append(f.Rules, RuleCount{Rule: r})
	}
	if kept {
		f.Rules[i].Kept++
	} else {
		f.Rules[i].Dropped++
	}
	return kept
}

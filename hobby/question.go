package hobby

import (
	"fmt"
	"strings"
)

// Question is what i answers, for a data set: as its first claim says, or its topic, or
// its kind where it has neither. Insights with the same question are answers to choose
// between.
func (i *Insight) Question() string {
	if len(i.Claims) > 0 {
		c := &i.Claims[0]
		if ask := questions[c.Relation]; ask != "" {
			return fmt.Sprintf(ask, c.Subject)
		}
	}
	if i.Topic != "" {
		return fmt.Sprintf("What do you know about %s?", i.Topic)
	}
	return fmt.Sprintf("What have you learned from %s?", strings.ToLower(i.Kind.Title()))
}

// questions ask for the objects of a relation.
var questions = map[Relation]string{
	Calls:      "Which functions does %s call?",
	Imports:    "Which packages does %s import?",
	Duplicates: "Which functions have the same code as %s?",
	Defines:    "Which terms does %s define?",
	StandsFor:  "What does %s stand for?",
	LinksTo:    "Which documents does %s link to?",
	Introduces: "What does “%s” introduce?",
	Cites:      "Which works does %s cite?",
	AppliesTo:  "What is %s of use to?",
	Repeats:    "Which documents repeat a paragraph of %s?",
}

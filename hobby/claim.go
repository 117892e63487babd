package hobby

import "slices"

// Claim is a fact of an insight as a subject, a relation and an object, for what
// reasons about facts: a graph need not guess them from the sentence. It is as
// trustworthy as its insight is.
type Claim struct {
	// Subject and Object name things. The relation says of what sort each is, and
	// so which names are of the same thing.
	Subject  string   `json:"subject"`
	Relation Relation `json:"relation"`
	Object   string   `json:"object"`
	// Confidence is in (0, 1]; 1 is a computed fact.
	Confidence float64 `json:"confidence"`
}

// Relation is how the subject of a claim is related to its object. A host may have
// more than those here; lower-case words are understood by everybody.
type Relation string

// The relations that the hobbies of this module tell, with the sort of the subject
// and of the object.
//
// A function is named as package go/types names it: "example.org/m/pkg.Func" or
// "(*example.org/m/pkg.Type).Method". A package is its import path, and a
// document its path below the folder that is read, with slashes. A term is named as
// a document writes it. A skill is a family, and a level of it is
// "family, level 3". A model is its key.
const (
	// Calls: a function, a function that a call in it names.
	Calls Relation = "calls"
	// Imports: a package, a package.
	Imports Relation = "imports"
	// Duplicates: a function, a function with the same code but for names and
	// values, over a hundred tokens or more. The confidence is the share of the
	// tokens that agree to the letter. It holds both ways and is told once.
	Duplicates Relation = "duplicates"
	// Defines: a document, a term.
	Defines Relation = "defines"
	// StandsFor: an acronym, its long form; both are terms.
	StandsFor Relation = "stands for"
	// LinksTo: a document, a document.
	LinksTo Relation = "links to"
	// Repeats: a document, another document with a paragraph that is the same. It
	// holds both ways and is told once.
	Repeats Relation = "repeats"
	// Introduces: a work, named by its title, a technique, which is a term.
	Introduces Relation = "introduces"
	// Cites: a document, a work.
	Cites Relation = "cites"
	// AppliesTo: a technique, a kind of practice as a person writes it, "tool mastery".
	// Both are terms.
	AppliesTo Relation = "applies to"
	// LevelOf: a level, its skill.
	LevelOf Relation = "level of"
	// BuildsOn: a skill, a skill that must be known before.
	BuildsOn Relation = "builds on"
	// FailsAt and SucceedsAt: a model, a level. The confidence is the probability
	// that less than half, or more than half, of all tasks pass.
	FailsAt    Relation = "fails at"
	SucceedsAt Relation = "succeeds at"
	// WorksWith and FailsWith: a tool, a tool that was called after it. The confidence
	// is the share of such tasks that were solved, or not.
	WorksWith Relation = "works with"
	FailsWith Relation = "fails with"
	// Refuses: a tool, what calls of it failed with.
	Refuses Relation = "refuses"
)

// The bounds of an insight's claims: their number, and the bytes of a name and of a
// relation.
const (
	MaxClaims   = 100
	maxEntity   = 512
	maxRelation = 64
)

// validate says what is wrong with a claim; "" when nothing is.
func (c *Claim) validate() (field, format string, args []any) {
	switch {
	case c.Subject == "" || len(c.Subject) > maxEntity:
		return "Subject", "has %d bytes, must have 1 to %d", []any{len(c.Subject), maxEntity}
	case c.Object == "" || len(c.Object) > maxEntity:
		return "Object", "has %d bytes, must have 1 to %d", []any{len(c.Object), maxEntity}
	case c.Relation == "" || len(c.Relation) > maxRelation:
		return "Relation", "has %d bytes, must have 1 to %d", []any{len(c.Relation), maxRelation}
	case !(c.Confidence > 0 && c.Confidence <= 1):
		return "Confidence", "is %v, must be in (0, 1]", []any{c.Confidence}
	}
	return "", "", nil
}

// redactClaims leaves out the claims that redact changes: what is not named any
// more cannot be told from anything else that is not.
func redactClaims(all []Claim, redact func(string) string) []Claim {
	all = slices.Clone(all)
	for i := range all {
		c := &all[i]
		c.Subject, c.Relation, c.Object = Clean(c.Subject, nil), Relation(Clean(string(c.Relation), nil)), Clean(c.Object, nil)
	}
	return slices.DeleteFunc(all, func(c Claim) bool {
		changed := func(text string) bool { return Clean(text, redact) != text }
		return changed(c.Subject) || changed(string(c.Relation)) || changed(c.Object)
	})
}

// Fit leaves out the claims that are not valid, those that are there twice, and
// those beyond [MaxClaims]. It is for claims from elsewhere: one that is wrong does
// not cost the insight.
func (i *Insight) Fit() {
	seen := map[Claim]bool{}
	var fit []Claim
	for _, c := range i.Claims {
		if field, _, _ := c.validate(); field == "" && !seen[c] && len(fit) < MaxClaims {
			seen[c] = true
			fit = append(fit, c)
		}
	}
	i.Claims = fit
}

// facts are relations that a claim states in full. An insight whose claims have only these says
// no more in words than they do.
var facts = map[Relation]bool{Calls: true, Imports: true, Defines: true, StandsFor: true, LinksTo: true, Repeats: true, Cites: true,
	Duplicates: true, LevelOf: true, BuildsOn: true, FailsAt: true, SucceedsAt: true}

// Fact reports whether an insight says no more than its claims: which function calls which, what
// a page links to, at which level a model succeeds. It is for the graph, where it is an answer to a
// question, and not for a reader.
func (i *Insight) Fact() bool {
	return len(i.Claims) > 0 && !slices.ContainsFunc(i.Claims, func(c Claim) bool { return !facts[c.Relation] })
}

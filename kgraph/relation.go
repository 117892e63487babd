package kgraph

import "github.com/pastime-go/pastime/hobby"

// Sort says what sort of thing a name is of. Names of one sort that are the same but for
// what the sort does not tell apart are of one concept. It has no colon.
type Sort string

// The sorts of the relations of package hobby. Names of terms, skills and of sorts that
// are not here are the same when they differ in upper and lower case, spaces, hyphens,
// accents, British and American spelling, a possessive, a first "the", an acronym in
// brackets behind them and a plural only; names of the others, when they are the same to
// the letter.
const (
	Function Sort = "function"
	Package  Sort = "package"
	Document Sort = "document"
	Work     Sort = "work"
	Term     Sort = "term"
	Skill    Sort = "skill"
	Level    Sort = "level"
	Model    Sort = "model"
	Tool     Sort = "tool"
)

// exact reports whether names of the sort are compared to the letter.
func (s Sort) exact() bool {
	switch s {
	case Function, Package, Document, Level, Model, Tool:
		return true
	}
	return false
}

// Relation declares what is known of a relation. One that is not declared is between
// terms, and nothing follows from it.
type Relation struct {
	Name            hobby.Relation
	Subject, Object Sort // "" is Term
	// Functional says that a subject has one object at a time: a later fact ends an
	// earlier one of the same subject with another object.
	Functional bool
	// Ends are relations whose earlier facts between the same two a later fact of this
	// one ends: what succeeds does not fail any more.
	Ends []hobby.Relation
	// Alias says that subject and object are names of the same thing. They stay two
	// concepts; each is found by the other's name where there is no nearer one.
	Alias bool
	// Prerequisite says that who learns the subject must know the object before.
	Prerequisite bool
	// Symmetric and Transitive say what follows from the relation's facts; Inverse
	// names the relation that each fact makes in the other direction.
	Symmetric, Transitive bool
	Inverse               hobby.Relation
}

// Relations declares the relations of package hobby.
func Relations() []Relation {
	return []Relation{
		{Name: hobby.Calls, Subject: Function, Object: Function},
		{Name: hobby.Imports, Subject: Package, Object: Package},
		{Name: hobby.Duplicates, Subject: Function, Object: Function, Symmetric: true},
		{Name: hobby.Defines, Subject: Document, Object: Term},
		{Name: hobby.StandsFor, Subject: Term, Object: Term, Alias: true},
		{Name: hobby.LinksTo, Subject: Document, Object: Document},
		{Name: hobby.Repeats, Subject: Document, Object: Document, Symmetric: true},
		{Name: hobby.Introduces, Subject: Work, Object: Term},
		{Name: hobby.Cites, Subject: Document, Object: Work},
		{Name: hobby.AppliesTo, Subject: Term, Object: Term},
		{Name: hobby.LevelOf, Subject: Level, Object: Skill},
		{Name: hobby.BuildsOn, Subject: Skill, Object: Skill, Prerequisite: true, Transitive: true},
		{Name: hobby.FailsAt, Subject: Model, Object: Level, Ends: []hobby.Relation{hobby.SucceedsAt}},
		{Name: hobby.SucceedsAt, Subject: Model, Object: Level, Ends: []hobby.Relation{hobby.FailsAt}},
		{Name: hobby.WorksWith, Subject: Tool, Object: Tool, Ends: []hobby.Relation{hobby.FailsWith}},
		{Name: hobby.FailsWith, Subject: Tool, Object: Tool, Ends: []hobby.Relation{hobby.WorksWith}},
		{Name: hobby.Refuses, Subject: Tool, Object: Term},
	}
}

// Package extract reads facts out of English prose, for a knowledge graph of what nobody
// told as claims: kgraph.Options.Extract takes [Insight].
//
// It has no model and no dictionary. Noun phrases are what lies between the closed classes
// of words; the verbs are a list; a verb must agree with its subject in number. Four
// patterns make facts: acronyms, members of a class, definitions, and verbs between two
// noun phrases. What is denied, doubted, asked, commanded or holds only under a condition
// gives none, and neither does a sentence that can be read in two ways: the package rather
// misses a fact than tells a wrong one. docs/measured.md says how often it is right.
//
// A plural verb is told in the singular, so that "workers read" and "a worker reads" are
// one relation; "are" and "is", "were" and "was" alike. Nothing is inferred from [IsA]: a
// "library" of one document is not that of another.
//
// [Asking] has a model read instead.
package extract

// Package practice has tasks whose answers are checked exactly, and the hobby
// of practising them.
//
// A [Family] generates a [Task] from a source of randomness and a level. The task
// carries its own verifier. A family's version never changes: the same version,
// level and seed make the same task on every machine, so a result can be verified
// again elsewhere ([Suite.Verify]). A changed family gets a new version, and
// answers to older versions no longer measure anything. A [Suite] is a set of
// families.
//
// # Held out is held out
//
// A fifth of all tasks is held out. Practice never asks them, so a model that
// learned from practice can be measured on them. A keyed hash of the task's
// identity decides the split: of its family, the family's version and its
// parameters. The seed is not part of it, because two seeds may make the same task,
// which must be on the same side of the split. So must 12 + 34 and 34 + 12: the
// parameters have operands that commute in order. The split is the same on every
// node, and adding or changing a family moves no task of another.
//
// # Verifiers
//
// A verifier is lenient about form and strict about content. It takes an answer
// in a code fence, in quotes, after a label "Answer:", with thousands separators,
// or in a sentence of the question's [Phrases]: "The remainder is 12.", "7 + 5 = 12".
// It never searches a longer text for something that fits, because an answer that
// lists everything would pass then.
package practice

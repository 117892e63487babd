// Package practice has tasks whose answers are checked exactly, and the hobby
// of practising them.
//
// A [Family] generates a [Task] from a source of randomness and a level; the
// task carries its own verifier. A family has a version, which is for ever: the
// same version of a family, level and seed make the same task on every machine,
// which is what lets a result be verified again elsewhere ([Suite.Verify]). Whoever
// mends a family counts its version up; answers to older ones measure nothing any
// more. A [Suite] is a set of families.
//
// # Held out is held out
//
// A fifth of all tasks is held out: practice never asks them, so that a model
// which learned from practice can be measured on them. The split is decided by
// a keyed hash of the task's identity, its family with the family's version and
// its parameters, and not of its seed: two seeds may well make the same task, and
// it must land on the same side of the split. So must 12 + 34 and 34 + 12: operands
// that commute stand in order in the parameters. The split is the same on every
// node, and adding or mending one family moves no other.
//
// # Verifiers
//
// A verifier is lenient about form and strict about content. It takes an
// answer in a code fence, in quotes, after a label "Answer:", with thousands
// separators, or at the end of a sentence: "The remainder is 12.", "7 + 5 = 12".
// It never searches a longer text for something that fits, or an answer that
// lists everything would pass.
package practice

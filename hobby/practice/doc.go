// Package practice has tasks whose answers are checked exactly, and the hobby
// of practising them.
//
// A [Family] generates a [Task] from a source of randomness and a level; the
// task carries its own verifier. A [Suite] is a set of families under a
// version, and that version is for ever: the same family, level and seed make
// the same task on every machine, which is what lets a result be verified
// again elsewhere ([Suite.Verify]).
//
// # Held out is held out
//
// A fifth of all tasks is held out: practice never asks them, so that a model
// which learned from practice can be measured on them. The split is decided by
// a keyed hash of the task's identity, its family and its parameters, and not
// of its seed: two seeds may well make the same task, and it must land on the
// same side of the split. The key is the suite's version, so the split is the
// same on every node.
//
// # Verifiers
//
// A verifier is lenient about form and strict about content. It takes an
// answer in a code fence, in quotes, after a label "Answer:", with thousands
// separators, or at the end of a sentence: "The remainder is 12.", "7 + 5 = 12".
// It never searches a longer text for something that fits, or an answer that
// lists everything would pass.
package practice

// Package patterns is the hobby of pattern recognition. It reads a log of interactions,
// tells which regularities in it are not chance, and asks a model about parts of it.
//
// A log is a [Source]. [File] reads JSON Lines, also those of package log/slog, [Lines] a
// file of another form, and [Own] is the agent's own record, so the hobby has something to
// read from the first sessions on. A host makes others.
//
// # What is found
//
// Tools that fail more often than others, topics that take longer, what follows on what
// more often than its share, hours of the day and weekdays with more work, more failures
// or longer durations, and what drifts over days. Each has its test, the size of the
// effect, and a p-value that is corrected for all tests of the look (Benjamini and
// Hochberg, at 5 %). So in a log without any regularity a look finds something with a
// chance of at most 5 %. There is a look when the log has doubled, or half of it is new
// since the last, of an earlier process too; what was told is not told again.
//
// The tests of failures, durations and sequences take entries for independent of each
// other, which their insights say. Those of hours, weekdays and drifts compare days, so
// what comes in bursts within a day is no regularity.
//
// # What is asked
//
// A part of the log is shown, and its facts are the keys: how many lines are of a tool,
// which line is the first that failed, in which order topics come. These are counts and
// orders and need no test. Parts are named by a digest, so a task can be made again while
// its part is in the log.
//
// # Trust
//
// A log is written by whoever calls tools. Lines are bounded, bad ones are named, and
// what is told or asked of a log is tainted unless the source is this program itself.
package patterns

// Package stat decides between two models by what both did with the same tasks, and says
// what a series of values does over time, and how sure that is.
//
// A [Sign] and a [Mean] may be looked at after every pair, and the comparison ended
// when they say enough: the chance of a wrong word at any time is bounded. The
// other functions are for a sample of a size that was fixed before.
package stat

// Package stat decides between two models by what both did with the same tasks, and says
// what a series of values does over time, and how sure that is.
//
// A [Sign] may be looked at after every pair, and the comparison ended when it says
// enough: the chance of a wrong word at any time is bounded. The other functions are for
// a sample of a size that was fixed before.
package stat

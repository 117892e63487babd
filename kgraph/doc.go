// Package kgraph is what an agent knows, as a graph of facts: how it knows each, since
// when, and how to get it back.
//
// A [Graph] follows the event log and keeps the claims of insights ([hobby.Claim]) as
// facts; nothing is guessed from sentences unless a host has it so ([Options.Extract]).
// A fact has two times: when it held, and when it was recorded. Each change of the graph
// has a revision, and every revision can be read again ([At]).
//
// Facts are never changed. A new value of a functional relation ends the time in which
// the old value held, and that is computed when facts are read, from the facts that
// there are. So the graph is a function of the set of facts: their order does not
// matter, and what is forgotten leaves no trace.
//
// The facts are a log in a [Store], which all processes on it follow. Each process has
// an index of it in memory.
package kgraph

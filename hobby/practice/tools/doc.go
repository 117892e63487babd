// Package tools is the hobby of tool mastery: tasks that are solved by calling tools, one
// after the other, with what one told in the call of the next.
//
// The tools of this package are carried out in a [Box] in memory, made for one answer:
// files, values under keys, notes that can be searched, a calculator, clocks and, where a
// [Database] is given, SQL. An answer passes when the box is left in the state in which
// the task's own calls leave it and, where something was asked, when what is said last is
// right and a tool was called. Which calls led there does not matter.
//
// # Nothing leaves the box
//
// A box has no way to the file system, the network or the clock of the machine. What it
// holds, what a call tells and how many calls there are is bounded, and nothing in it
// loops over anything but what it holds.
//
// # Tools of a host
//
// A [Host] tool declares the [Effect] of its calls. It runs dry unless the host allows
// that effect: the call is noted, and nothing happens. Its tasks are judged by the calls
// that were made, so an answer is judged again without anything being called again. What
// such a tool tells is from outside: items and insights that have it are untrusted.
package tools

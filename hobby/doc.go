// Package hobby is the vocabulary and the loop of Pastime: an agent that
// practises while its user is away, whose answers are verified and whose
// proficiency is measured.
//
// A [Hobby] is something worth practising: a [Kind], an [Executor] that
// practises it and the task families it draws from. A [Manager] waits until
// the host has been idle for a while, asks a [Policy] for a [Plan], runs the
// plan's executor and commits what it verified to a [Store]:
//
//	idle -> Policy -> Plan -> Executor -> Sink -> Store.Commit -> events -> Consumers
//
// Every number that comes out was measured. A proficiency is a posterior over
// verified answers ([Estimate]); what has not been measured is absent, never
// zero and never made up.
//
// # What a host does
//
// A host opens a store (package sqlite has the default one), lists its
// hobbies, makes a Manager with [New], calls [Manager.Run] in a goroutine of
// its own, and [Manager.Touch] wherever its user does something. Practice
// yields to the user at once.
//
// # What survives a crash
//
// [Store.Commit] writes an activity, its items, its insights, the tallies
// they change and one event in a single transaction. A session is committed
// when it starts, every few seconds while it runs, and when it ends; whatever
// was committed survives kill -9, and an activity that a dead process left
// running is marked interrupted at the next start.
//
// The package imports the standard library, google/uuid and x/sync only.
package hobby

// Package sqlite is the default store: one SQLite file that holds what an
// agent practised, with its event log, tallies and counts.
//
//	store, err := sqlite.Open(ctx, "agent.db", nil)
//	...
//	defer store.Close()
//
// The path ":memory:" gives a store that vanishes when it is closed. It is the
// same code, and is meant for tests. A host with a database of its own passes it
// to [Wrap]; all tables are named pastime_*.
//
// # Durability
//
// The file is in WAL mode. With synchronous=NORMAL, the default, commits survive
// the death of the process at any moment. A power failure can lose the last
// commits, and never corrupts the file. With [Options.FullSync] commits survive a
// power failure, too, and each commit waits for the disk.
//
// # What grows
//
// Listings, progress, counts and start-up cost the same with a thousand and
// with a million activities; BenchmarkHistory compares them. Start-up reads the
// tallies: one for each family, level, split and model on each day that it was
// practised. Items by filter cost what they return, and grow with the number of
// families and models. The event log is trimmed to [Options.KeepEvents], and the pages
// that pruning and trimming leave free are given back, by the slot of [Store.Upkeep].
//
// # Several processes
//
// Any number of processes on one machine may open the same file. Each open store
// holds a lock on a small file of its own in the directory "<path>-holders",
// which the operating system releases when the process dies. So other processes
// find out, without clocks or time-outs, which running sessions and slots are
// orphans. The file must be on a local disk, as for any SQLite database in WAL
// mode.
//
// # One writer
//
// All writes of a store go through one goroutine, which puts waiting writes into
// one transaction. They share the price of one commit, and a count that several
// change is written once. When a write fails after it has changed something, all
// of them are carried out again, each under a savepoint of its own, so a failed
// commit does not undo its neighbours. Reads have a pool of their own and never
// wait for writes.
//
// # Stores of other domains
//
// A domain, such as sub-agents, keeps its tables in the same file. Its code is in
// a package of its own. The example "domain" is a complete one.
//
//   - Its migration line is a folder of goose's *.sql files, numbered from
//     00001, which it embeds and hands to [Store.Migrate] when it is made. The
//     line has a version of its own: domains migrate independently, in any
//     order, and a file that a newer version has migrated is refused with
//     [ErrNewerSchema].
//   - A released file is never edited; a change is one more file. A database of
//     every released version stays readable: dump a filled one into testdata and
//     open it in a test.
//   - Its tables are named pastime_<domain>_*. They refer to no other domain's
//     tables, since those migrate independently; ids tie rows together.
//   - It writes with [Store.Write]: rows, [Tx.Commit], the events of
//     [Tx.Append] and a consumer's position ([Tx.SetConsumed]) are one
//     transaction. An event's kind is "domain.verb".
//   - It reads with [Read], [ReadOne] and [ReadPage], which tell a closed store
//     from other errors; [Where] builds the conditions of its filters, and
//     [Cursor] is the cursor of its listings.
//   - What it has made of sources it forgets in a hook of [Store.OnForget]. What takes
//     long, or is in files, the hook notes to be done by a job; see package jobs.
package sqlite

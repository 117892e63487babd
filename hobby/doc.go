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
// A host opens a store (package sqlite has the default one), lists its hobbies,
// makes a Manager and runs it in a goroutine. It calls Touch wherever its user
// does something, so that practice yields at once:
//
//	manager, err := hobby.New(store, []hobby.Hobby{practice.Skills(model, suite, nil)}, &hobby.Options{Model: model})
//	...
//	go func() { done <- manager.Run(ctx) }()
//	...
//	manager.Touch()
//
// # A hobby of one's own
//
// An [Executor] works through its plan and hands every verified answer to the
// [Sink] as an [Item]: what was asked and answered, the Family and Level of the
// plan, the Split, a Score, and the Verifier that gave it. It returns when the
// Sink returns an error: [ErrBudget] is the usual end. Other findings are
// [Insight]s. The example below is complete. Where practice is tasks for a model,
// less will do: a task family and Drill of package practice, whose tasks can also be
// verified again elsewhere.
//
// A [Policy] of one's own picks one of the State's Kinds, a family that is Open
// and a level up to its Level. Its plan has the probability of that choice: 1
// without chance.
//
// # What is where
//
// The symbols of this package are in five groups.
//
//   - Practice and its results: [Hobby], [Kind], [Family], [Executor],
//     [Verifier], [Examiner], [Plan], [Sink], [Item], [Insight], [Activity], [Session],
//     [Budget], [Cost]. [Practise] carries one plan out.
//   - The loop: [Manager], made by [New] with [Options]; [Presence], whether the
//     user is here; [ManagerStatus], what the manager is doing; [Policy], with [State],
//     [WeakestFirst] and [Learnability]; [Slot] and [Schedule]; [Subscription].
//   - Measurements: [Estimate], [Proficiency], [Progress]; [Measure] makes it
//     from tallies, and [Meter] for callers without a Manager.
//   - Storage: [Store], made of [Record], [Sums], [Log], [Fences] and [Upkeep];
//     [Tally] and [Count], which [TallyOf] and [CountOf] fill; [Event],
//     [Consumer], [Cursor], [HLC], [Fence], [Lease].
//   - The model that answers: [Model] with [Request] and [Response]; [Embedder],
//     [Batcher] and [AdapterHost], which a model may be too.
//
// A part exports its numbers through [Observable].
//
// # What survives a crash
//
// [Store.Commit] writes an activity, its items, its insights, the tallies they
// change and one event in a single transaction. A session is committed when it
// starts, every few seconds while it runs, and when it ends; Everything committed
// survives kill -9. An activity that a dead process left running is marked
// interrupted at the next start.
//
// The package imports the standard library, google/uuid and x/sync only.
package hobby

// Package adapters keeps trained adapters in an agent's store: what they were made of,
// what they are called, their trials, and the jobs that make them.
//
//	store, err := sqlite.Open(ctx, "agent.db", nil)
//	...
//	registry, err := adapters.New(ctx, store)
//
// The adapters' files are not in the store.
package adapters

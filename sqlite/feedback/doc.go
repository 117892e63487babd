// Package feedback keeps what people think of an agent's work in its store, with what
// they were shown and the reward models that were fitted to it.
//
//	store, err := sqlite.Open(ctx, "agent.db", nil)
//	...
//	ratings, err := feedback.New(ctx, store)
package feedback

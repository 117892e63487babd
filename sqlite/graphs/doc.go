// Package graphs keeps the log of a knowledge graph in an agent's store.
//
//	store, err := sqlite.Open(ctx, "agent.db", nil)
//	...
//	facts, err := graphs.New(ctx, store)
//	graph, err := kgraph.New(facts, store, nil)
package graphs

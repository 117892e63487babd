// Package archives keeps the catalogue of an archive in an agent's store.
//
//	store, err := sqlite.Open(ctx, "agent.db", nil)
//	...
//	catalogue, err := archives.New(ctx, store)
package archives

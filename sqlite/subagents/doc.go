// Package subagents keeps the assignments of sub-agents in an agent's store, so
// that a result and its activity are stored in one transaction.
//
//	store, err := sqlite.Open(ctx, "agent.db", nil)
//	...
//	ledger, err := subagents.New(ctx, store)
//	coordinator, err := subagent.New(ledger, hobbies, nil)
package subagents

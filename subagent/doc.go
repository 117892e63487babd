// Package subagent lets an agent practise with many hands: other agents, in
// this process or on other machines, take assignments and send back what they
// did.
//
// A [Coordinator] knows the agents and what each can do, gives every
// assignment to the least loaded one that can do it, and takes the results.
// The truth is its [Ledger]: an assignment is a row before anybody hears of
// it, its state moves from pending to running to completed or failed by
// compare-and-swap on state and attempt, and a result is accepted in the same
// transaction that records the activity. A [Transport] only moves messages; it
// may lose, delay, duplicate and reorder them, and nothing is lost or counted
// twice for it.
//
// # Trust
//
// What an agent sends is never taken at its word. The coordinator says which
// tasks to work on, by their seeds; the answers that come back are generated
// again from the task suite and judged again here, and whatever was not asked
// for is refused. Insights of other agents are marked as untrusted: they are
// shown, and never reach a training set. An agent in this process knows what was
// told before, as the manager does. Another does not: it may tell the same
// insight again, under the same id, and what is stored already is left out. What
// an agent can still do is answer
// with more than the model whose key it gives; whom to let in is the host's
// decision.
//
// # Agents
//
// An agent is any program with this library: a [Worker] carries out orders
// with the program's own hobbies and model, and a transport's agent side feeds
// it, such as [AgentHandler] over HTTP. An agent that is registered without an
// address works in the coordinator's own process.
package subagent

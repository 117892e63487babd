// Package subagent spreads an agent's practice over other agents, in this
// process or on other machines. They take assignments and send back results.
//
// A [Coordinator] knows the agents and what each can do, gives every assignment
// to the least loaded one that can do it, and takes the results. Its [Ledger]
// stores the assignments. An assignment is stored before it is sent. Its state
// moves from pending to running to completed or failed, by compare-and-swap on
// state and attempt. A result is accepted in the transaction that records the
// activity. A [Transport] only moves messages. It may lose, delay, duplicate
// and reorder them; no result is then lost or counted twice.
//
// # Trust
//
// The coordinator checks everything that an agent sends. It names the tasks by
// their seeds. It generates the task of each answer again and judges the answer
// again. It refuses answers that it did not ask for. Answers and insights of
// other agents are marked as untrusted: they are counted and shown, and never
// reach a training set, whatever model they are said to be of. A verdict is on
// an answer, and the words around it are the agent's. An agent in this process
// can read the stored insights. Another agent cannot, and may send the same
// insight again under the same id; only the first is stored. The coordinator
// cannot tell whether an agent answered with the model whose key it gives, under
// which it is counted. The host decides which agents to let in.
//
// # Agents
//
// An agent is any program with this library: a [Worker] carries out orders
// with the program's own hobbies and model, and a transport's agent side feeds
// it, such as [AgentHandler] over HTTP. An agent that is registered without an
// address works in the coordinator's own process.
package subagent

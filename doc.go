// Package pastime lets an AI agent use its idle time to get better, for real.
//
// While the user is away the agent practises hobbies: it works on generated tasks
// whose answers are checked exactly, and it analyses code and documents. Its
// answers are verified, its proficiency is measured, and everything is stored and
// served. When the user comes back, practice yields at once.
//
// Nothing is simulated. A proficiency is a posterior over verified answers
// with its 95 % interval; what was not measured is absent, never zero.
//
// # A host in full
//
// [Open] wires a store, a manager and its hobbies; the [Kit] it returns has
// them as exported fields. [Kit.RunAndServe] practises, and serves the page and
// the HTTP routes, until its context ends:
//
//	model, err := openai.New("http://127.0.0.1:11434/v1", "llama3.2", nil)
//	...
//	kit, err := pastime.Open(ctx, "agent.db", model, nil)
//	...
//	defer kit.Close()
//	err = kit.RunAndServe(ctx, "127.0.0.1:8800")
//
// A host with an HTTP server of its own mounts [Kit.Handler] there, at "/hobby/",
// and calls [Kit.Run].
//
// Wherever the user does something, the host calls kit.Presence.Touch().
//
// # The packages
//
// The root only wires the packages. A host can do the same by hand (see
// examples/manual):
//
//   - hobby: the vocabulary and the loop
//   - hobby/practice: tasks with exact verifiers, and skill practice
//   - hobby/practice/gocode: code analysis of a Go tree
//   - hobby/practice/reading: facts and questions about a tree of documents
//   - hobby/openai: a model over any OpenAI-compatible server
//   - lora/llama: a model in the process, and training of adapters for it;
//     lora/llama/tiny is a small one that ships with the library
//   - lora: from verified answers to adapters that had to prove themselves
//   - kgraph: what the hobbies claim, as a graph
//   - rlhf: people's feedback, and what it teaches
//   - archive: old sessions in files
//   - subagent: other agents that practise for this one; subagent/natsagent
//     reaches them over NATS
//   - sqlite: the default store
//   - metrics: numbers for Prometheus and for charts; metrics/otelmetrics for
//     OpenTelemetry
//   - grafana: a dashboard for them
//   - httpapi: the HTTP routes
//   - ui: the page at /hobby/
//   - hobby/hobbytest: the contract of a store as a test suite, and scripted
//     models
package pastime

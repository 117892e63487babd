// Package natsagent carries assignments to agents on other machines over NATS
// JetStream. Agents connect outbound only, to the NATS server or cluster that
// the coordinator also uses; nothing listens on their machines.
//
// The coordinator's side is a [Transport], the agents' side is [Serve]:
//
//	nc, err := nats.Connect(url, natsagent.ConnectOptions("coordinator")...)
//	transport, err := natsagent.New(ctx, nc, nil)
//	coordinator, err := subagent.New(ledger, hobbies, &subagent.Options{Transports: []subagent.Transport{transport}})
//
//	nc, err := nats.Connect(url, natsagent.ConnectOptions("rc2-coding")...)
//	worker, err := subagent.NewWorker(agent, subagent.Practise(hobbies, nil))
//	err = natsagent.Serve(ctx, nc, worker, nil)
//
// On one machine no separate server is needed: package natsserver runs one in
// the process. A cluster of three with Replicas 3 goes on when one of them dies.
//
// # What is where
//
// With the prefix "pastime", an order for agent "a.b" and the kind
// code_analysis is a message on pastime.order.a=b.code_analysis in the
// work-queue stream PASTIME_ORDERS, which the agent's durable consumer reads
// one by one, a place at a time. Results go to pastime.report.a=b in the stream
// PASTIME_REPORTS. Signs of life and cancellations are plain messages on
// pastime.live.a=b and pastime.cancel.a=b, which are not stored. An agent
// reports itself present at every beat, and when it is asked on pastime.who. An
// agent that misses three beats is gone. Beats need no stream, so they go on
// while a cluster elects a leader.
//
// The streams only move messages. The coordinator's ledger has the assignments
// and their results. A message that the streams lose is sent again when its
// lease ends.
//
// # Who may do what
//
// An agent's subjects decide its identity. A server that gives each agent its own
// credentials with the subjects of [Permissions] ensures that none speaks for
// another or reads another's orders. A result may be larger than a server's usual
// limit of 1 MiB: set max_payload to 8MB.
package natsagent

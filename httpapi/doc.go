// Package httpapi serves what an agent practises over HTTP, below /hobby: its
// status and progress, activities with their verified items, insights, the
// controls, server-sent events that resume, and an OpenAPI 3.1 description
// with a page for it that works offline.
//
//	handler := httpapi.New(httpapi.Parts{Hobby: manager}, nil)
//
// A part that the host does not have has no routes. Errors are
// application/problem+json (RFC 9457). What was not measured is null.
//
// Reading never counts as the user being there; only POST /hobby/interaction
// does.
//
// # Limits
//
// Bodies are limited to 1 MiB, clients to [Options.Rate] requests a second, a
// request to [Options.Timeout], event streams to [Options.Streams] at a time.
// Writes from pages of another origin are refused. A host's http.Server should
// set ReadHeaderTimeout and IdleTimeout, as [Server] does; WriteTimeout must
// stay 0, because event streams last.
//
// # Bodies
//
// What requests and answers consist of are the exported types beside [Parts] and
// [Options]: a client in Go can decode into them. OpenAPI at
// GET /hobby/openapi.json is generated from them.
//
// # Structure
//
// Each group of routes has a file: base.go, activities.go, events.go,
// metrics.go, subagents.go. A new part adds a field to [Parts], a file with its
// routes, and a line in New.
package httpapi

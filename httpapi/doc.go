// Package httpapi serves an agent's practice over HTTP, below /hobby: its status
// and progress, activities with their verified items, insights, the controls,
// server-sent events that resume, and an OpenAPI 3.1 description with a page for
// it that works offline.
//
//	handler := httpapi.New([]httpapi.Part{httpapi.Hobby(manager)}, nil)
//
// Errors are application/problem+json (RFC 9457). What was not measured is null.
//
// Reading never counts as the user being there; only POST /hobby/interaction
// does.
//
// # Parts
//
// Routes come in parts: [Hobby], [Metrics], [Subagents], and those of the host.
// The routes of this library's parts always exist. Where a program does not have
// a part, its routes answer 503 and say so, and GET /hobby/config lists which
// parts there are. Each part has one file: its routes, bodies, errors, the fields
// of its configuration, and what its events show. A new part of this library is
// such a file and a line in builtIn.
//
// An event whose kind no part shows goes out with its id, kind and version only.
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
// The bodies of requests and answers are exported types, so a client in Go can
// decode into them. OpenAPI at GET /hobby/openapi.json is generated from them.
package httpapi

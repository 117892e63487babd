// Package subagenttest says what a subagent.Ledger and a subagent.Transport
// must do, as suites that an implementation's own tests call, and has a
// transport that makes every mistake a transport may make.
package subagenttest

// Package subagenttest has the test suites of subagent.Ledger and
// subagent.Transport, which the tests of an implementation call. Its Faulty
// transport makes every mistake that a transport may make.
package subagenttest

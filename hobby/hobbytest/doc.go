// Package hobbytest has what tests of hosts and of stores need: the contract
// of a hobby.Store as a test suite, and scripted models and executors.
package hobbytest

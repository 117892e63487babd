// Package hobbytest has what tests of hosts and of stores need: the contract
// of a hobby.Store as a test suite, and scripted models and executors.
//
// A store of your own is tested like this:
//
//	func TestStore(t *testing.T) {
//		hobbytest.TestStore(t, func(t *testing.T) hobby.Store { return open(t) })
//	}
//
// [TestSharedStore] adds what several processes on one store need, [CheckStore]
// random calls against a simple model, [BenchmarkStore] the figures to compare,
// and [Audit] adds up any store, wherever it came from.
package hobbytest

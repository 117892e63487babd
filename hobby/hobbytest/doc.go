// Package hobbytest has what tests of hosts, of stores and of models need: the
// contracts of hobby.Store and hobby.Model as test suites, and a scripted model.
//
// A store of your own is tested like this:
//
//	func TestStore(t *testing.T) {
//		hobbytest.TestStore(t, func(t *testing.T) hobby.Store { return open(t) })
//	}
//
// and a model with [TestModel], which is told what the model can do.
//
// [TestSharedStore] adds what several processes on one store need, [CheckStore]
// random calls against a simple model, [BenchmarkStore] the figures to compare,
// and [Audit] adds up any store, wherever it came from.
package hobbytest

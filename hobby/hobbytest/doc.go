// Package hobbytest helps to test hosts, stores and models. It has the contracts
// of hobby.Store and hobby.Model as test suites, and a scripted model.
//
// A store of your own is tested like this:
//
//	func TestStore(t *testing.T) {
//		hobbytest.TestStore(t, func(t *testing.T) hobby.Store { return open(t) })
//	}
//
// and a model with [TestModel], which is told what the model can do. [TestExaminer] is
// the contract of executors whose tasks can be listed and put to a model.
//
// [TestSharedStore] tests several processes on one store. [CheckStore] compares
// random calls with a simple model. [BenchmarkStore] measures a store. [Audit]
// adds up any store again and compares the sums.
package hobbytest

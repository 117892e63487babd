// Package loratest has the test suites of lora.Trainer and of lora.Store: TestTrainer,
// TestStore, and CheckStore, which compares a store with a simple model.
//
//	func TestTrainer(t *testing.T) {
//		loratest.TestTrainer(t, func(t *testing.T) loratest.Subject { ... })
//	}
package loratest

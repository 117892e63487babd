// Package loratest is the contract of lora's interfaces as tests.
//
//	func TestTrainer(t *testing.T) {
//		loratest.TestTrainer(t, func(t *testing.T) loratest.Subject { ... })
//	}
package loratest

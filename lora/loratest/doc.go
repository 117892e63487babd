// Package loratest has the test suite of lora.Trainer.
//
//	func TestTrainer(t *testing.T) {
//		loratest.TestTrainer(t, func(t *testing.T) loratest.Subject { ... })
//	}
package loratest

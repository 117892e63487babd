package natsagent

import "time"

// Decode is decode, for the fuzz test.
var Decode = decode

// BeginListening does what Receive does first.
func (t *Transport) BeginListening() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = map[string]time.Time{}
}

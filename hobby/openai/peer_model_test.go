package openai_test

import (
	"testing"

	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// TestPeerModel holds the real server to the contract, as far as it goes: what
// servers answer depends on the requests beside it.
func TestPeerModel(t *testing.T) {
	_, logProbs := can("logprobs")
	_, counts := can("usage")
	adapter, _ := can("adapter")
	long := prompt(400)
	peerModel(t, nil)
	hobbytest.TestModel(t, func(t *testing.T) hobbytest.ModelSubject {
		return hobbytest.ModelSubject{
			Model: peerModel(t, nil), Draws: true, Repeats: true, Counts: counts, Schema: true, LogProbs: logProbs, Adapter: adapter, Long: &long,
		}
	})
}

package openai

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Options configures a [Model]. Nil and the zero value are legal; every zero
// field has the default that its comment gives.
type Options struct {
	// APIKey is sent as a bearer token. It appears in no error and in no
	// printed Model. Default none.
	APIKey string
	// Headers are sent with every request, for gateways that need more than a
	// key. Errors do not contain their values. Default none.
	Headers http.Header
	// HTTPClient makes the requests. Redirects are never followed, whatever the
	// client's own rule: they would send prompts to another server. Default
	// http.DefaultClient.
	HTTPClient *http.Client

	// Timeout bounds one attempt, from the request to the last byte of the
	// answer. A small machine may need minutes for a long answer. Default
	// 5 min; negative means none.
	Timeout time.Duration
	// MaxRetries is how often a request is repeated after a 429, a 5xx or a
	// lost connection. An answer whose text has reached Request.OnDelta, and
	// a server that refuses connections, are not retried. Default 2; negative
	// means none.
	MaxRetries int
	// MaxResponseBytes bounds an answer, streamed or not. Default 16 MiB.
	MaxResponseBytes int64

	// ReasoningTokens is the number of tokens that a model may reason for, beyond
	// Sampling.MaxTokens, which bounds its answer. It is at most half of the
	// context. Ollama, llama-server and OpenRouter report whether a model reasons;
	// the answers of other servers show it. Default 4096; negative means none.
	ReasoningTokens int

	// InputPrice and OutputPrice are US dollars per million tokens and fill
	// Response.MicroUSD. Default 0: free.
	InputPrice, OutputPrice float64

	// Dialect names the server's software. Default: the server is asked.
	Dialect Dialect
	// Extra sets or replaces fields of every chat request's body. A nil value
	// removes a field. Some reasoning models, for instance, refuse a temperature:
	// {"temperature": nil, "reasoning_effort": "low"}. Default none.
	Extra map[string]any
}

const (
	defaultTimeout  = 5 * time.Minute
	defaultRetries  = 2
	defaultMaxBytes = 16 << 20

	defaultReasoning = 4096
)

func (o *Options) withDefaults() (Options, error) {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Timeout == 0 {
		d.Timeout = defaultTimeout
	}
	switch {
	case d.MaxRetries == 0:
		d.MaxRetries = defaultRetries
	case d.MaxRetries < 0:
		d.MaxRetries = 0
	}
	switch {
	case d.ReasoningTokens == 0:
		d.ReasoningTokens = defaultReasoning
	case d.ReasoningTokens < 0:
		d.ReasoningTokens = 0
	}
	if d.MaxResponseBytes == 0 {
		d.MaxResponseBytes = defaultMaxBytes
	}
	if d.HTTPClient == nil {
		d.HTTPClient = http.DefaultClient
	}
	d.Headers, d.Extra = d.Headers.Clone(), maps.Clone(d.Extra)
	return d, d.validate()
}

func (o *Options) validate() error {
	invalid := func(field string, v any, want string) error {
		return fmt.Errorf("openai: %w: Options.%s is %v, must be %s", hobby.ErrInvalid, field, v, want)
	}
	if o.MaxResponseBytes < 0 {
		return invalid("MaxResponseBytes", o.MaxResponseBytes, "positive")
	}
	for field, price := range map[string]float64{"InputPrice": o.InputPrice, "OutputPrice": o.OutputPrice} {
		if !(price >= 0 && price <= math.MaxInt32) {
			return invalid(field, price, "US dollars per million tokens")
		}
	}
	if !o.Dialect.valid() {
		return invalid("Dialect", fmt.Sprintf("%q", o.Dialect), "empty or one of the package's constants")
	}
	if _, err := json.Marshal(o.Extra); err != nil {
		return fmt.Errorf("openai: %w: Options.Extra must be JSON: %w", hobby.ErrInvalid, err)
	}
	return nil
}

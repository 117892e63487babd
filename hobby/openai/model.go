package openai

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Model is a model behind an OpenAI-compatible server. It is a [hobby.Model]
// and a [hobby.Embedder], safe for concurrent use, and leaves no goroutine running.
type Model struct {
	base string // URL up to and with /v1, no slash at the end
	root string // base without /v1, for routes outside OpenAI's API
	host string // of base, without a port
	name string // as given to New; "" is the server's first model

	client    *http.Client
	timeout   time.Duration
	retries   int
	maxBytes  int64
	priceIn   float64
	priceOut  float64
	dialect   Dialect
	extra     map[string]any
	reasoning int                 // tokens
	reasoned  atomic.Bool         // an answer has shown that the model reasons
	stops     atomic.Bool         // the server has ended a stream with a stop
	authorize func(http.Header)   // a closure, so that printing a Model shows no key
	redact    func(string) string // removes keys from a text

	cache factCache
}

var (
	_ hobby.Model    = (*Model)(nil)
	_ hobby.Embedder = (*Model)(nil)
)

// New returns the model called name on the server at baseURL, for example
// http://127.0.0.1:11434/v1. An empty name means the first model that the server
// lists. New does not connect to the server; [Model.Info] does.
func New(baseURL, name string, o *Options) (*Model, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	u, err := parseBase(baseURL)
	if err != nil {
		return nil, err
	}
	client := *opts.HTTPClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	m := &Model{
		base:     u,
		root:     strings.TrimSuffix(strings.TrimSuffix(u, "/v1"), "/"),
		host:     hostname(u),
		name:     name,
		client:   &client,
		timeout:  opts.Timeout,
		retries:  opts.MaxRetries,
		maxBytes: opts.MaxResponseBytes,
		priceIn:  opts.InputPrice,
		priceOut: opts.OutputPrice,
		dialect:  opts.Dialect,
		extra:    opts.Extra,

		reasoning: opts.ReasoningTokens,
		redact:    redactor(opts.APIKey, opts.Headers),
		cache:     newFactCache(),
	}
	m.authorize = func(h http.Header) {
		for name, values := range opts.Headers {
			h[http.CanonicalHeaderKey(name)] = values
		}
		if opts.APIKey != "" {
			h.Set("Authorization", "Bearer "+opts.APIKey)
		}
	}
	return m, nil
}

// Parse makes a model from one word, as in a command-line flag: openai:URL#name or
// URL#name, for example openai:http://127.0.0.1:8080/v1#smollm2. Without #name it is
// the first model that the server lists. A key is given in o.
func Parse(spec string, o *Options) (*Model, error) {
	base, name, _ := strings.Cut(strings.TrimPrefix(spec, "openai:"), "#")
	return New(base, name, o)
}

// String names the model and its server.
func (m *Model) String() string {
	if m.name == "" {
		return "openai:" + m.base
	}
	return "openai:" + m.base + "#" + m.name
}

// parseBase checks a base URL. Its errors do not repeat the URL's user, query
// or fragment, which may hold a key.
func parseBase(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return "", fmt.Errorf("openai: %w: the base URL cannot be parsed; expected something like http://127.0.0.1:11434/v1", hobby.ErrInvalid)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return "", fmt.Errorf("openai: %w: the base URL must start with http:// or https:// and name a host, "+
			"like http://127.0.0.1:11434/v1", hobby.ErrInvalid)
	case u.User != nil:
		return "", fmt.Errorf("openai: %w: the base URL for %s carries credentials; "+
			"put them into Options.APIKey or Options.Headers", hobby.ErrInvalid, u.Host)
	case u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("openai: %w: the base URL for %s must end with its path, without ? or #", hobby.ErrInvalid, u.Host)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// hostname returns the host of a valid URL, without its port.
func hostname(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// redactor returns a function that removes the key and the headers' values from a
// text.
func redactor(key string, headers http.Header) func(string) string {
	var pairs []string
	hide := func(s string) {
		const shortest = 4 // shorter ones are flags, not secrets
		if len(s) >= shortest {
			pairs = append(pairs, s, "[redacted]")
		}
	}
	hide(key)
	for _, values := range headers {
		for _, v := range values {
			hide(v)
			if _, token, ok := strings.Cut(v, " "); ok { // "Bearer token"
				hide(token)
			}
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

package subagent

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// ndjson is the media type of a stream of reports: one JSON object per line.
const ndjson = "application/x-ndjson"

const (
	dialTime   = 10 * time.Second
	maxHeaders = 64 << 10
	// maxStream bounds what one order's stream may have, beside the result:
	// signs of life.
	maxStream = MaxResult + 1<<20
)

// HTTP is a Transport to agents that serve an [AgentHandler]. It calls only
// addresses that were allowed, follows no redirects, uses no proxy, and bounds
// what it reads. An order is one POST whose answer is the stream of its
// reports; closing it cancels the order. Make one with NewHTTP.
type HTTP struct {
	client *http.Client
	ctx    context.Context // of every request
	cancel context.CancelFunc
	wg     sync.WaitGroup
	out    outlet

	mu      sync.Mutex
	allowed []allowed
	orders  map[orderKey]*context.CancelFunc
}

var _ Transport = (*HTTP)(nil)

// HTTPOptions configures an HTTP transport. Nil and the zero value are legal.
type HTTPOptions struct {
	// TLS configures https. Default: the system's certificates.
	TLS *tls.Config
}

// allowed is a range of addresses that may be called, and the secret for them.
type allowed struct {
	scheme, host, path string
	token              string
}

// orderKey identifies a running order.
type orderKey struct {
	agent, assignment string
	attempt           int64
}

// NewHTTP makes a transport that may call nothing yet; see [HTTP.Allow].
func NewHTTP(o *HTTPOptions) *HTTP {
	if o == nil {
		o = &HTTPOptions{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &HTTP{
		client: &http.Client{
			Transport: &http.Transport{
				DialContext:         (&net.Dialer{Timeout: dialTime}).DialContext,
				TLSClientConfig:     o.TLS.Clone(),
				TLSHandshakeTimeout: dialTime, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute,
				DisableCompression: true, MaxResponseHeaderBytes: maxHeaders,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		ctx: ctx, cancel: cancel, orders: map[orderKey]*context.CancelFunc{},
	}
}

// Allow lets agents be registered whose endpoint is the http or https address
// base or lies below it, and says which secret their AgentHandler wants, of at least 16 bytes.
// Everything else is refused. It can be called again for more, or to replace a
// secret. Of several addresses that an endpoint lies below the longest decides.
func (t *HTTP) Allow(base, token string) error {
	u, err := endpoint(base)
	if err != nil {
		return fmt.Errorf("subagent: allowing %.200q: %w", base, err)
	}
	if err := checkSecret(token); err != nil {
		return fmt.Errorf("allowing %.200q: %w", base, err)
	}
	a := allowed{u.Scheme, u.Host, strings.TrimSuffix(u.Path, "/") + "/", token}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, b := range t.allowed {
		if b.scheme == a.scheme && b.host == a.host && b.path == a.path {
			t.allowed[i] = a
			return nil
		}
	}
	t.allowed = append(t.allowed, a)
	slices.SortStableFunc(t.allowed, func(a, b allowed) int { return len(b.path) - len(a.path) })
	return nil
}

// endpoint parses an address of an agent. Its host is in lower case and has a
// port, its path is clean.
func endpoint(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: not an address: %w", hobby.ErrInvalid, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%w: must begin with http:// or https://", hobby.ErrInvalid)
	case u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return nil, fmt.Errorf("%w: must be a host, a port and a path, and no more", hobby.ErrInvalid)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	if u.RawPath != "" || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") && u.Path != "/" || strings.ContainsAny(u.Path, "\\%") {
		return nil, fmt.Errorf("%w: the path must be plain", hobby.ErrInvalid)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	u.Host = net.JoinHostPort(strings.ToLower(u.Hostname()), port)
	return u, nil
}

// permit parses an endpoint and returns its secret. An endpoint that is not
// allowed is an error.
func (t *HTTP) permit(s string) (*url.URL, string, error) {
	u, err := endpoint(s)
	if err != nil {
		return nil, "", fmt.Errorf("subagent: Agent.Endpoint %.200q: %w", s, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.allowed {
		if a.scheme == u.Scheme && a.host == u.Host && strings.HasPrefix(strings.TrimSuffix(u.Path, "/")+"/", a.path) {
			return u, a.token, nil
		}
	}
	return nil, "", fmt.Errorf("%w: Agent.Endpoint: this host does not allow %.200q", hobby.ErrInvalid, s)
}

// Name implements Transport.
func (t *HTTP) Name() string { return "http" }

// Reaches implements Transport: the agent has an endpoint; one that is not
// allowed is an error.
func (t *HTTP) Reaches(a Agent) (bool, error) {
	if a.Endpoint == "" {
		return false, nil
	}
	_, _, err := t.permit(a.Endpoint)
	return err == nil, err
}

// Send implements Transport. It returns once the agent has taken the order.
func (t *HTTP) Send(ctx context.Context, to Agent, o Order) error {
	u, token, err := t.permit(to.Endpoint)
	if err != nil {
		return err
	}
	body, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("subagent: marshalling an order: %w", err)
	}
	octx, cancel := context.WithCancel(t.ctx)
	stop := context.AfterFunc(ctx, cancel)
	resp, err := t.post(octx, u, token, body)
	if !stop() && err == nil { // ctx ended at the last moment
		err = errors.Join(context.Cause(ctx), resp.Body.Close())
	}
	if err != nil {
		cancel()
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	key := orderKey{to.ID, o.Assignment, o.Attempt}
	t.mu.Lock()
	if t.orders[key] == nil { // a duplicate must not replace it
		t.orders[key] = &cancel
	}
	t.mu.Unlock()
	t.wg.Go(func() {
		defer cancel()
		defer resp.Body.Close()
		t.read(&o, to.ID, resp.Body)
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.orders[key] == &cancel {
			delete(t.orders, key)
		}
	})
	return nil
}

// post sends an order and checks that it was taken.
func (t *HTTP) post(ctx context.Context, u *url.URL, token string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", ndjson)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := t.client.Do(req)
	if err != nil {
		return nil, err
	}
	if media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); resp.StatusCode != http.StatusOK || media != ndjson {
		err := fmt.Errorf("the agent answered %d with %.40q", resp.StatusCode, resp.Header.Get("Content-Type"))
		return nil, errors.Join(err, resp.Body.Close())
	}
	return resp, nil
}

// read delivers the reports of an order up to the last. It marks each as one of
// this order and this agent, whatever the report says. It delivers Refused for
// a stream that breaks off, so that the next attempt need not wait for the
// lease. A stream without a report is that of a dropped duplicate, and is
// ignored.
func (t *HTTP) read(o *Order, agent string, body io.Reader) {
	deliver := func(r Report) {
		r.Agent, r.Assignment, r.Attempt, r.Self = agent, o.Assignment, o.Attempt, nil
		t.out.deliver(t.ctx, r)
	}
	limited := &io.LimitedReader{R: body, N: maxStream}
	lines := bufio.NewScanner(limited)
	lines.Buffer(make([]byte, 0, 4096), MaxResult+64<<10)
	started, reason := false, "the connection ended"
	for lines.Scan() {
		var r Report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			reason = fmt.Sprintf("a report that is not one: %.100s", err)
			break
		}
		switch r.Event {
		case Started, Alive:
			started = true
			deliver(r)
		case Done, Refused:
			deliver(r)
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) || limited.N <= 0 {
		reason = fmt.Sprintf("more than %d bytes", MaxResult)
	}
	if started && t.ctx.Err() == nil {
		deliver(Report{Event: Refused, Reason: reason})
	}
}

// Cancel implements Transport: the connection is closed, and the agent sees
// that.
func (t *HTTP) Cancel(_ context.Context, to Agent, assignment string, attempt int64) error {
	key := orderKey{to.ID, assignment, attempt}
	t.mu.Lock()
	cancel := t.orders[key]
	delete(t.orders, key)
	t.mu.Unlock()
	if cancel != nil {
		(*cancel)()
	}
	return nil
}

// Receive implements Transport.
func (t *HTTP) Receive(ctx context.Context, fn func(context.Context, Report) error) error {
	t.out.open(fn)
	<-ctx.Done()
	t.out.open(nil)
	return context.Cause(ctx)
}

// Close implements Transport: the orders under way are cancelled.
func (t *HTTP) Close() error {
	t.cancel()
	t.wg.Wait()
	t.client.CloseIdleConnections()
	return nil
}

// outlet hands reports to the active Receive. Without one they are lost. After
// open(nil) has returned, no report is being handled.
type outlet struct {
	mu sync.RWMutex
	fn func(context.Context, Report) error
}

func (o *outlet) open(fn func(context.Context, Report) error) {
	o.mu.Lock()
	o.fn = fn
	o.mu.Unlock()
}

// deliver hands a report over. It repeats a Done or Refused until it was dealt
// with, no Receive is active, or ctx ends.
func (o *outlet) deliver(ctx context.Context, r Report) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		if o.once(ctx, r) == nil || r.Event != Done && r.Event != Refused {
			return
		}
		if pause(ctx, wait); ctx.Err() != nil {
			return
		}
	}
}

func (o *outlet) once(ctx context.Context, r Report) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.fn == nil {
		return nil
	}
	return o.fn(ctx, r)
}

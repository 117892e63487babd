package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// call is one request to the server.
type call struct {
	op     string // for errors
	method string
	url    string
	body   []byte
}

func (m *Model) get(op, url string) call { return call{op: op, method: http.MethodGet, url: url} }

func (m *Model) post(op, url string, body any) (call, error) {
	raw, err := json.Marshal(body)
	return call{op: op, method: http.MethodPost, url: url, body: raw}, err
}

// exchange makes one attempt: it sends c and hands an answer with status 200 to
// read. Its error is an *Error or wraps the cause of ctx.
func (m *Model) exchange(ctx context.Context, c call, read func(*http.Response) error) error {
	if m.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, m.timeout, errTimeout)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, c.method, c.url, bytes.NewReader(c.body))
	if err != nil {
		return m.failure(ctx, c, err)
	}
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	m.authorize(req.Header)
	resp, err := m.client.Do(req)
	if err != nil {
		return m.failure(ctx, c, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return m.refusal(ctx, c, resp)
	}
	resp.Body = &bounded{ReadCloser: resp.Body, left: m.maxBytes}
	if err := read(resp); err != nil {
		return m.failure(ctx, c, err)
	}
	return nil
}

// decode reads an answer that is one JSON value into v.
func (c call) decode(v any) func(*http.Response) error {
	return func(resp *http.Response) error {
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(bytes.TrimPrefix(body, []byte(bom)), v); err != nil {
			return malformed(c, body, err)
		}
		return nil
	}
}

// bounded fails with ErrTooLarge when more than left bytes are read.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		return n, ErrTooLarge
	}
	b.left -= int64(n)
	return n, err
}

const (
	firstWait   = 500 * time.Millisecond
	longestWait = 8 * time.Second
	// mostPatient is the longest Retry-After that retry waits for.
	mostPatient = 2 * time.Minute
)

// retry runs attempt until it succeeds, fails for good or has failed
// Options.MaxRetries times more. It waits twice as long each time, less a random
// part so that many clients do not come back at once, and at least as long as the
// server asked for. It does not begin a wait that would outlast ctx.
func (m *Model) retry(ctx context.Context, c call, attempt func() error) error {
	for n := 1; ; n++ {
		err := attempt()
		var e *Error
		if !errors.As(err, &e) {
			return err
		}
		e.Attempts = n
		wait := max(backoff(n), e.after)
		if !e.again || n > m.retries || wait > mostPatient {
			return err
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return c.ended(ctx)
		}
	}
}

// backoff returns the wait after the n-th failure: between half and all of 0.5 s,
// 1 s, 2 s, 4 s, 8 s, 8 s...
func backoff(n int) time.Duration {
	d := longestWait
	if n < 5 {
		d = min(d, firstWait<<(n-1))
	}
	return d/2 + rand.N(d/2+1)
}

// retryAfter reads the header of that name: seconds or a date. It returns 0 when
// the header is absent or cannot be read.
func retryAfter(v string) time.Duration {
	v = strings.TrimSpace(v)
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s > 0) {
			return 0
		}
		return time.Duration(min(s, 1e6) * float64(time.Second))
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(t))
	}
	return 0
}

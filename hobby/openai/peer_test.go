package openai_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

// What .ci/peers sets, to run these tests against a real server.
var (
	peer        = flag.String("peer", "", "base URL of a real server; without it the peer tests are skipped")
	peerCan     = flag.String("peer-can", "", "what the server was started to do beyond chat: logprobs, embed, usage, adapter=NAME, separated by commas")
	peerRecord  = flag.String("peer-record", "", "write the conversation of testdata/asks.json with the server into this file")
	peerVersion = flag.String("peer-version", "", "the server's name and version, for that file")
)

// peerModel is the model of the real server.
func peerModel(t *testing.T, o *openai.Options) *openai.Model {
	t.Helper()
	if *peer == "" {
		t.Skip("no -peer")
	}
	m, err := openai.New(*peer, "", o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// can reports whether the server can do what, and the value it was given.
func can(what string) (string, bool) {
	for _, c := range strings.Split(*peerCan, ",") {
		if name, value, _ := strings.Cut(c, "="); name == what {
			return value, true
		}
	}
	return "", false
}

// prompt asks for a story, which no small model ends soon.
func prompt(tokens int) hobby.Request {
	return hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Tell me a long story about a fox and a crow."}},
		Sampling: hobby.Sampling{MaxTokens: tokens},
	}
}

func generate(t *testing.T, m *openai.Model, r hobby.Request) hobby.Response {
	t.Helper()
	answer, err := m.Generate(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestPeerInfo(t *testing.T) {
	m := peerModel(t, nil)
	info, err := m.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", info)
	again, err := peerModel(t, nil).Info(t.Context())
	if err != nil || info != again || info.Name == "" || len(strings.TrimPrefix(info.Key, "weak-")) != 32 {
		t.Errorf("got %+v and %+v, %v", info, again, err)
	}
	other, err := openai.New(*peer, "none-such", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Info(t.Context()); err == nil || !strings.Contains(err.Error(), "the server has "+info.Name) {
		t.Errorf("a model that is not there gives %v", err)
	}
}

func TestPeerGenerates(t *testing.T) {
	m := peerModel(t, &openai.Options{InputPrice: 1, OutputPrice: 2})
	r := prompt(40)
	r.Seed = new(uint64)
	first := generate(t, m, r)
	if first.Message.Role != hobby.RoleAssistant || first.Message.Content == "" || first.Finish != hobby.FinishLength {
		t.Errorf("got %+v", first)
	}
	if first.TokensIn < 10 || first.TokensOut != 40 || first.MicroUSD != int64(first.TokensIn+2*first.TokensOut) {
		t.Errorf("%d tokens in, %d out, %d micro-dollars", first.TokensIn, first.TokensOut, first.MicroUSD)
	}
	if again := generate(t, m, r); again.Message.Content != first.Message.Content {
		t.Errorf("greedy answers differ:\n%q\n%q", first.Message.Content, again.Message.Content)
	}
	var deltas []string
	r.OnDelta = func(s string) { deltas = append(deltas, s) }
	streamed := generate(t, m, r)
	if streamed.Message.Content != first.Message.Content || strings.Join(deltas, "") != first.Message.Content {
		t.Errorf("streamed:\n%q\nin pieces:\n%q\nat once:\n%q", streamed.Message.Content, deltas, first.Message.Content)
	}
	if len(deltas) < 10 {
		t.Errorf("the stream came in %d pieces", len(deltas))
	}
	if _, ok := can("usage"); ok && (streamed.TokensIn != first.TokensIn || streamed.TokensOut != first.TokensOut) {
		t.Errorf("streamed, %d tokens in and %d out; at once, %d and %d", streamed.TokensIn, streamed.TokensOut, first.TokensIn, first.TokensOut)
	} else if !ok && (streamed.TokensIn != 0 || streamed.TokensOut != 0) {
		t.Errorf("the server counts tokens of streams: say so in -peer-can")
	}
}

// TestPeerSeeds: the same seed draws the same tokens, other seeds others.
func TestPeerSeeds(t *testing.T) {
	m := peerModel(t, nil)
	draw := func(seed uint64) string {
		r := prompt(24)
		r.Sampling.Temperature, r.Seed = 1.2, &seed
		return generate(t, m, r).Message.Content
	}
	a, b, c := draw(7), draw(7), draw(math.MaxUint64)
	if a != b || a == c {
		t.Errorf("seed 7: %q, again: %q, another: %q", a, b, c)
	}
}

func TestPeerStops(t *testing.T) {
	m := peerModel(t, nil)
	whole := generate(t, m, prompt(40)).Message.Content
	words := strings.Fields(whole)
	stop := words[len(words)/2]
	for _, stream := range []bool{false, true} {
		r := prompt(40)
		r.Stop = []string{stop}
		if stream {
			r.OnDelta = func(string) {}
		}
		got := generate(t, m, r)
		before, _, _ := strings.Cut(whole, stop)
		if strings.TrimSpace(got.Message.Content) != strings.TrimSpace(before) || got.Finish != hobby.FinishStop {
			t.Errorf("stream %v: stopped before %q with %q (%s), want %q", stream, stop, got.Message.Content, got.Finish, before)
		}
	}
}

func TestPeerLogProbs(t *testing.T) {
	m := peerModel(t, nil)
	for _, stream := range []bool{false, true} {
		r := prompt(12)
		r.LogProbs = true
		if stream {
			r.OnDelta = func(string) {}
		}
		got, err := m.Generate(t.Context(), r)
		if _, ok := can("logprobs"); !ok {
			var e *openai.Error
			if err == nil && got.LogProbs != nil || err != nil && !errors.As(err, &e) {
				t.Errorf("stream %v: log-probabilities that the server cannot give: %v, %v", stream, got.LogProbs, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, l := range got.LogProbs {
			text += l.Token
			if !(l.LogProb <= 0) {
				t.Errorf("token %q has the log-probability %v", l.Token, l.LogProb)
			}
		}
		if len(got.LogProbs) != 12 || strings.TrimSpace(text) != strings.TrimSpace(got.Message.Content) {
			t.Errorf("stream %v: %d tokens %q for %q", stream, len(got.LogProbs), text, got.Message.Content)
		}
	}
}

func TestPeerSchema(t *testing.T) {
	m := peerModel(t, nil)
	r := hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Describe a fox."}},
		Schema:   []byte(`{"type":"object","properties":{"legs":{"type":"integer"},"tail":{"type":"boolean"}},"required":["legs","tail"],"additionalProperties":false}`),
		Sampling: hobby.Sampling{Temperature: 1.5, MaxTokens: 60},
	}
	for seed := range uint64(5) {
		r.Seed = &seed
		got := generate(t, m, r)
		var animal struct {
			Legs *int  `json:"legs"`
			Tail *bool `json:"tail"`
		}
		dec := json.NewDecoder(strings.NewReader(got.Message.Content))
		dec.DisallowUnknownFields()
		err := dec.Decode(&animal)
		if err != nil && got.Finish != hobby.FinishLength || err == nil && (animal.Legs == nil || animal.Tail == nil) {
			t.Errorf("seed %d: %q does not match the schema: %v", seed, got.Message.Content, err)
		}
	}
}

// TestPeerCancel measures how long Generate takes to return when its context
// ends in mid-stream, and that the server is well afterwards.
func TestPeerCancel(t *testing.T) {
	m := peerModel(t, nil)
	var waits []time.Duration
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		r, pieces := prompt(1000), 0
		var at time.Time
		r.OnDelta = func(string) {
			if pieces++; pieces == 5 {
				at = time.Now()
				cancel()
			}
		}
		_, err := m.Generate(ctx, r)
		waits = append(waits, time.Since(at))
		if !errors.Is(err, context.Canceled) || pieces > 10 {
			t.Errorf("got %v after %d pieces", err, pieces)
		}
		cancel()
	}
	slices.Sort(waits)
	t.Logf("returned after %v (median), %v (worst of %d)", waits[len(waits)/2], waits[len(waits)-1], len(waits))
	if worst := waits[len(waits)-1]; worst > 50*time.Millisecond {
		t.Errorf("it took %v to return", worst)
	}
	if got := generate(t, m, prompt(3)); got.Message.Content == "" {
		t.Errorf("afterwards the server answers %+v", got)
	}
}

func TestPeerEmbeds(t *testing.T) {
	m := peerModel(t, nil)
	texts := []string{"a fox in the wood", "a fox in the forest", "stock markets fell on Monday"}
	v, err := m.Embed(t.Context(), texts)
	if _, ok := can("embed"); !ok {
		var e *openai.Error
		if !errors.As(err, &e) {
			t.Errorf("got %d vectors, %v from a server that cannot embed", len(v), err)
		}
		t.Log(err)
		return
	}
	if err != nil || len(v) != 3 {
		t.Fatalf("got %d vectors, %v", len(v), err)
	}
	near, far := cosine(v[0], v[1]), cosine(v[0], v[2])
	t.Logf("%d numbers per vector; cosine %.3f for like texts, %.3f for unlike ones", len(v[0]), near, far)
	if near <= far {
		t.Errorf("like texts have the cosine %v, unlike ones %v", near, far)
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// TestPeerAdapter: a request with the adapter answers differently, and one
// without it is the base although the server was started with the adapter.
func TestPeerAdapter(t *testing.T) {
	m := peerModel(t, nil)
	base := generate(t, m, prompt(20)).Message.Content
	r := prompt(20)
	r.Adapter = "none-such"
	if _, err := m.Generate(t.Context(), r); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("an adapter that is not there gives %v", err)
	}
	name, ok := can("adapter")
	if !ok {
		return
	}
	r.Adapter = name
	adapted := generate(t, m, r).Message.Content
	if again := generate(t, m, prompt(20)).Message.Content; adapted == base || again != base {
		t.Errorf("base %q, adapted %q, base again %q", base, adapted, again)
	}
}

// TestPeerRecords asks the server what testdata/asks.json asks and writes the
// conversation down, for TestConversations to replay.
func TestPeerRecords(t *testing.T) {
	if *peerRecord == "" {
		t.Skip("no -peer-record")
	}
	raw, err := os.ReadFile("testdata/asks.json")
	if err != nil {
		t.Fatal(err)
	}
	var asks []json.RawMessage
	if err := json.Unmarshal(raw, &asks); err != nil {
		t.Fatal(err)
	}
	var files []txtar.File
	add := func(name string, data []byte) {
		files = append(files, txtar.File{Name: name, Data: append(bytes.TrimRight(data, "\n"), '\n')})
	}
	// A connection for each request: one that the server gives up between two would
	// be recorded as an answer that broke off.
	wire := &http.Transport{DisableKeepAlives: true}
	m := peerModel(t, &openai.Options{MaxRetries: -1, HTTPClient: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		var sent []byte
		if r.Body != nil {
			sent, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(sent))
		}
		resp, err := wire.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		got = settle(got)
		add("> "+r.Method+" "+r.URL.Path, sent)
		add(fmt.Sprintf("< %d %s", resp.StatusCode, resp.Header.Get("Content-Type")), got)
		resp.Body = io.NopCloser(bytes.NewReader(got))
		return resp, err
	})}})
	server := strings.TrimSuffix(*peer, "/v1")
	for _, a := range asks {
		var what ask
		if err := json.Unmarshal(a, &what); err != nil {
			t.Fatal(err)
		}
		add("ask.json", a)
		got := what.do(m, func(s string) string { return strings.ReplaceAll(s, server, "http://server") })
		if got.Info != nil {
			got.Info.Key = ""
		}
		add("want.json", encode(t, got))
	}
	archive := &txtar.Archive{Comment: fmt.Appendf(nil,
		"Recorded from %s\nby .ci/peers, which writes it anew. Ids, dates, timings and pings are taken out.\n\n", *peerVersion), Files: files}
	if err := os.WriteFile(*peerRecord, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

var changing = []struct {
	in  *regexp.Regexp
	out string
}{
	{regexp.MustCompile(`"created":( ?)\d+`), `"created":${1}0`},
	{regexp.MustCompile(`"id":( ?)"chatcmpl[^"]*"`), `"id":${1}"chatcmpl-0"`},
	{regexp.MustCompile(`,"timings":\{[^}]*\}`), ``},
	{regexp.MustCompile(`: ping - [^\n]*\n\r?\n`), ``}, // a comment every 15 s; openai.txtar has one, too
	{regexp.MustCompile(`"media_marker":"[^"]*"`), `"media_marker":""`},
	// Built inside a working copy, the server takes that one's revision for its own.
	{regexp.MustCompile(`"build_info":"[^"]*"`), `"build_info":""`},
	{regexp.MustCompile(`"system_fingerprint":"b\d+-\w+"`), `"system_fingerprint":"b0-unknown"`},
}

// settle takes out of an answer what differs from run to run.
func settle(raw []byte) []byte {
	for _, c := range changing {
		raw = c.in.ReplaceAll(raw, []byte(c.out))
	}
	return raw
}

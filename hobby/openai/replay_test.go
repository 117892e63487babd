package openai_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

var update = flag.Bool("update", false, "write what the replayed conversations gave into testdata/*.txtar")

// A conversation is one txtar file under testdata: what a program asks a
// Model and what must come of it, between them what goes over the wire.
//
//	options.json   Options, with the model's name as "Model"; optional
//	ask.json       {"Generate": Request, "Stream": bool}, {"Embed": texts}, {"Info": true},
//	               {"InfoWith": name}, {"Load": [name, path]} or {"Unload": name}
//	> METHOD PATH  a request that must be made, with its JSON body; of a PATH
//	               without ? the query does not matter
//	< STATUS TYPE  the server's answer to it
//	want.json      what the Model returned, or its error
//
// Asks follow one another; requests come in the order of the file.
type conversation struct {
	*txtar.Archive
	options struct {
		Model                   string
		Dialect                 openai.Dialect
		InputPrice, OutputPrice float64
		MaxRetries              int
		Extra                   map[string]any
		// Base, by default the server's own address, is a base URL whose host
		// the server answers for.
		Base string
	}
}

type ask struct {
	Info     bool
	InfoWith string
	Load     []string
	Unload   string
	Embed    []string
	Generate *hobby.Request
	Stream   bool
}

// outcome is what a want.json holds.
type outcome struct {
	Info     *hobby.ModelInfo `json:",omitempty"`
	Response *hobby.Response  `json:",omitempty"`
	Deltas   []string         `json:",omitempty"`
	Vectors  [][]float32      `json:",omitempty"`
	Error    string           `json:",omitempty"`
}

func readConversation(t testing.TB, file string) *conversation {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &conversation{Archive: txtar.Parse(raw)}
	for _, f := range c.Files {
		if f.Name == "options.json" {
			decodeStrict(t, f, &c.options)
		}
	}
	return c
}

func decodeStrict(t testing.TB, f txtar.File, v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(f.Data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
}

// serve plays the server's side of c. Whatever is asked out of turn fails the
// test.
func (c *conversation) serve(t testing.TB) *httptest.Server {
	var wire []txtar.File
	for _, f := range c.Files {
		if strings.HasPrefix(f.Name, "> ") || strings.HasPrefix(f.Name, "< ") {
			wire = append(wire, f)
		}
	}
	at := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at+1 >= len(wire) {
			t.Errorf("%s %s was asked after the end of the conversation", r.Method, r.URL)
			http.Error(w, "the conversation is over", http.StatusTeapot)
			return
		}
		want, reply := wire[at], wire[at+1]
		at += 2
		path := r.URL.Path
		if strings.Contains(want.Name, "?") {
			path = r.URL.RequestURI()
		}
		if got := "> " + r.Method + " " + path; got != want.Name {
			t.Errorf("got the request %q, want %q", got, want.Name)
		}
		body, _ := io.ReadAll(r.Body)
		if diff := cmp.Diff(canonical(t, want.Data), canonical(t, body)); diff != "" {
			t.Errorf("the body of %s differs (-want +got):\n%s", want.Name, diff)
		}
		words := strings.Fields(reply.Name)
		status, err := strconv.Atoi(words[1])
		if err != nil || len(words) < 3 {
			t.Errorf("%q is no reply", reply.Name)
		}
		w.Header().Set("Content-Type", strings.Join(words[2:], " "))
		w.WriteHeader(status)
		_, _ = w.Write(reply.Data)
	}))
	t.Cleanup(func() {
		srv.Close()
		if at != len(wire) {
			t.Errorf("%d of %d requests of the conversation were made", at/2, len(wire)/2)
		}
	})
	return srv
}

// canonical decodes JSON, so that order and spaces do not matter.
func canonical(t testing.TB, raw []byte) any {
	t.Helper()
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Errorf("%v in %s", err, raw)
	}
	return v
}

func (c *conversation) model(t testing.TB, base string) *openai.Model {
	t.Helper()
	client := http.DefaultClient
	if c.options.Base != "" {
		address := strings.TrimSuffix(strings.TrimPrefix(base, "http://"), "/v1")
		base = c.options.Base
		client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}}}
		t.Cleanup(client.CloseIdleConnections)
	}
	m, err := openai.New(base, c.options.Model, &openai.Options{
		HTTPClient: client,
		Dialect:    c.options.Dialect, InputPrice: c.options.InputPrice, OutputPrice: c.options.OutputPrice,
		MaxRetries: -1, Extra: c.options.Extra,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// do asks m.
func (a ask) do(m *openai.Model, hide func(string) string) (o outcome) {
	var err error
	ctx := context.Background()
	switch {
	case a.Info:
		var info hobby.ModelInfo
		if info, err = m.Info(ctx); err == nil {
			o.Info = &info
		}
	case a.InfoWith != "":
		var info hobby.ModelInfo
		if info, err = m.InfoWith(ctx, a.InfoWith); err == nil {
			o.Info = &info
		}
	case len(a.Load) == 2:
		err = m.LoadAdapter(ctx, a.Load[0], a.Load[1])
	case a.Unload != "":
		err = m.UnloadAdapter(ctx, a.Unload)
	case a.Embed != nil:
		o.Vectors, err = m.Embed(ctx, a.Embed)
	case a.Generate != nil:
		if a.Stream {
			a.Generate.OnDelta = func(s string) { o.Deltas = append(o.Deltas, s) }
		}
		var r hobby.Response
		if r, err = m.Generate(ctx, *a.Generate); err == nil {
			o.Response = &r
		}
	default:
		err = errors.New("the ask asks nothing")
	}
	if err != nil {
		o.Error = hide(err.Error())
	}
	return o
}

// TestConversations replays testdata/*.txtar. Those called peer-* were
// recorded from real servers by .ci/peers; the others are written after the
// servers' documentation. With -update, the outcomes are written anew.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("found %d conversations: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			c := readConversation(t, file)
			srv := c.serve(t)
			m := c.model(t, srv.URL+"/v1")
			// The server's port differs from run to run and is part of
			// messages and of keys.
			hide := func(s string) string { return strings.ReplaceAll(s, srv.URL, "http://server") }
			var pending *ask
			for i, f := range c.Files {
				switch f.Name {
				case "ask.json":
					pending = &ask{}
					decodeStrict(t, f, pending)
				case "want.json":
					got := pending.do(m, hide)
					if got.Info != nil {
						got.Info.Key = ""
					}
					if *update {
						c.Files[i].Data = encode(t, got)
						continue
					}
					var want outcome
					decodeStrict(t, f, &want)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("the outcome of ask %d differs (-want +got):\n%s", i, diff)
					}
				}
			}
			if *update && !t.Failed() {
				if err := os.WriteFile(file, txtar.Format(c.Archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

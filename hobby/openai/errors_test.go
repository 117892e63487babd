package openai_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	m, err := openai.New("http://"+l.Addr().String()+"/v1", "m", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Generate(t.Context(), hello())
	var e *openai.Error
	if !errors.Is(err, openai.ErrUnreachable) || !errors.As(err, &e) || e.Status != 0 || e.Attempts != 1 {
		t.Fatalf("got %#v", err)
	}
	for _, want := range []string{"cannot reach http://" + l.Addr().String(), "refused", "is it running?"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if _, err = m.Info(t.Context()); !errors.Is(err, openai.ErrUnreachable) {
		t.Errorf("Info gives %v", err)
	}
}

func TestTooLarge(t *testing.T) {
	forever := func(w http.ResponseWriter, media, head, piece string) {
		w.Header().Set("Content-Type", media)
		_, err := io.WriteString(w, head)
		for err == nil {
			_, err = io.WriteString(w, piece)
		}
	}
	for name, chat := range map[string]func(http.ResponseWriter){
		"whole": func(w http.ResponseWriter) {
			forever(w, "application/json", `{"choices":[{"message":{"content":"`, "x")
		},
		"streamed": func(w http.ResponseWriter) { forever(w, "text/event-stream", "", "data: {\"choices\":[]}\n\n") },
		"one line": func(w http.ResponseWriter) { forever(w, "text/event-stream", "data: ", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					_, _ = io.WriteString(w, list)
					return
				}
				chat(w)
			}))
			defer srv.Close()
			m, err := openai.New(srv.URL+"/v1", "m", &openai.Options{MaxResponseBytes: 10000})
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.Generate(t.Context(), hello())
			if !errors.Is(err, openai.ErrTooLarge) || !strings.Contains(fmt.Sprint(err), "longer than 10000 bytes") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("just within", func(t *testing.T) {
		m := over(t, openai.Options{MaxResponseBytes: int64(len(good))}, func(*http.Request) (*http.Response, error) {
			return reply(200, "application/json", good), nil
		})
		if r, err := m.Generate(t.Context(), hello()); err != nil || r.Message.Content != "Hello" {
			t.Errorf("got %v, %v", r, err)
		}
	})
}

// TestAPromptThatIsTooLong is told apart from other refusals.
func TestAPromptThatIsTooLong(t *testing.T) {
	for body, want := range map[string]bool{
		`{"error":{"message":"maximum context length is 8192 tokens","type":"invalid_request_error","code":"context_length_exceeded"}}`: true,
		`{"error":{"code":400,"message":"exceeds the available context size","type":"exceed_context_size_error"}}`:                      true,
		`{"error":{"message":"no such model","code":"model_not_found"}}`:                                                                false,
	} {
		m := over(t, openai.Options{}, func(*http.Request) (*http.Response, error) { return reply(400, "application/json", body), nil })
		if _, err := m.Generate(t.Context(), hello()); err == nil || errors.Is(err, hobby.ErrTooLong) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestSecretsStaySecret: neither errors nor a printed Model show a key, also
// when the server repeats it.
func TestSecretsStaySecret(t *testing.T) {
	const key, token = "sk-abcdef123456", "gateway-token-789"
	o := openai.Options{
		APIKey:  key,
		Headers: http.Header{"x-gateway": {"Bearer " + token}},
	}
	for name, chat := range map[string]transport{
		"a refusal": func(*http.Request) (*http.Response, error) {
			return reply(403, "application/json", `{"error":{"message":"bad key `+key+` and `+token+`","code":"`+key+`"}}`), nil
		},
		"nonsense": func(*http.Request) (*http.Response, error) {
			return reply(200, "text/plain", "you sent "+key+" and "+token), nil
		},
		"in a stream": func(*http.Request) (*http.Response, error) {
			return reply(200, "text/event-stream", "data: {\"error\":\""+key+"\"}\n\n"), nil
		},
		"the transport": func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("cannot send %v", r.Header)
		},
	} {
		t.Run(name, func(t *testing.T) {
			sent := false
			m := over(t, o, func(r *http.Request) (*http.Response, error) {
				sent = r.Header.Get("Authorization") == "Bearer "+key && r.Header.Get("X-Gateway") == "Bearer "+token
				return chat(r)
			})
			_, err := m.Generate(t.Context(), hello())
			if err == nil || !sent {
				t.Fatalf("got the error %v, credentials sent: %v", err, sent)
			}
			shown := fmt.Sprintf("%v %+v %#v %v %+v %#v", err, err, err, m, m, m)
			for e := err; e != nil; e = errors.Unwrap(e) {
				shown += fmt.Sprintf(" %v %#v", e, e)
			}
			for _, secret := range []string{key, token} {
				if strings.Contains(shown, secret) {
					t.Errorf("%q is shown in %s", secret, shown)
				}
			}
		})
	}
}

// TestNoRedirects: a prompt goes nowhere but to the server that was named.
func TestNoRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	defer elsewhere.Close()
	srv := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/v1?token=secret", http.StatusTemporaryRedirect))
	defer srv.Close()
	m, err := openai.New(srv.URL+"/v1", "m", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Generate(t.Context(), hello())
	if err == nil || !strings.Contains(err.Error(), "redirects to "+elsewhere.URL) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		url  string
		o    *openai.Options
		want string
	}{
		"no URL":         {"", nil, "http://127.0.0.1:11434/v1"},
		"no scheme":      {"127.0.0.1:8080/v1", nil, "base URL"},
		"another scheme": {"ftp://host/v1", nil, "must start with http"},
		"no host":        {"http:///v1", nil, "name a host"},
		"a password":     {"http://me:hunter2@host/v1", nil, "Options.APIKey"},
		"a broken one":   {"http://me:hunter2@host:port%/v1", nil, "cannot be parsed"},
		"a query":        {"http://host/v1?key=hunter2", nil, "without ? or #"},
		"the size":       {"http://host/v1", &openai.Options{MaxResponseBytes: -1}, "MaxResponseBytes"},
		"a price":        {"http://host/v1", &openai.Options{OutputPrice: -1}, "OutputPrice"},
		"the dialect":    {"http://host/v1", &openai.Options{Dialect: "klingon"}, "Dialect"},
		"the extras":     {"http://host/v1", &openai.Options{Extra: map[string]any{"f": func() {}}}, "Extra"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openai.New(c.url, "m", c.o)
			if !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestGenerateRefuses(t *testing.T) {
	m := over(t, openai.Options{}, func(*http.Request) (*http.Response, error) {
		t.Error("a request was made")
		return nil, io.EOF
	})
	for want, change := range map[string]func(*hobby.Request){
		"Messages is empty":        func(r *hobby.Request) { r.Messages = nil },
		"Messages[0].Role":         func(r *hobby.Request) { r.Messages[0].Role = "narrator" },
		"Tools[0]":                 func(r *hobby.Request) { r.Tools = []hobby.Tool{{Name: "t", Parameters: []byte("{")}} },
		"Request.Schema":           func(r *hobby.Request) { r.Schema = []byte("nope") },
		"Sampling.Temperature":     func(r *hobby.Request) { r.Sampling.Temperature = -1 },
		"Sampling.TopP":            func(r *hobby.Request) { r.Sampling.TopP = 2 },
		"Sampling.TopK":            func(r *hobby.Request) { r.Sampling.TopK = -1 },
		"Request.Adapter is not l": func(r *hobby.Request) { r.Adapter = "none" },
	} {
		t.Run(want, func(t *testing.T) {
			r := hello()
			change(&r)
			_, err := m.Generate(t.Context(), r)
			if !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for spec, want := range map[string]string{
		"openai:http://127.0.0.1:11434/v1#smollm2:135m": "openai:http://127.0.0.1:11434/v1#smollm2:135m",
		"openai:https://API.example.com/v1/":            "openai:https://api.example.com/v1",
		"openai:http://h/v1#org/name#part":              "openai:http://h/v1#org/name#part",
		"http://h/v1#smollm2":                           "openai:http://h/v1#smollm2",
	} {
		m, err := openai.Parse(spec, nil)
		if err != nil || m.String() != want {
			t.Errorf("%s gives %v, %v", spec, m, err)
		}
	}
	for _, spec := range []string{"", "smollm2", "openai:", "openai:host#m", "llama:x"} {
		if m, err := openai.Parse(spec, nil); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%q gives %v, %v", spec, m, err)
		}
	}
}

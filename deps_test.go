package pastime_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pastime-go/pastime"

// TestLayers holds the layers of the project: what a package must never drag
// in, directly or not, and why.
func TestLayers(t *testing.T) {
	const (
		noSQL     = "SQL stays under sqlite/"
		noHTTP    = "HTTP routes stay in httpapi/"
		noTools   = "what reads code and documents is heavy and stays in hobby/practice/gocode and reading"
		noRoot    = "nobody imports the root: it only wires"
		satellite = "a satellite stands on hobby; storage and drivers are at the edge"
		noTest    = "testing code must not be linked into hosts"
		small     = "the vocabulary stands on the standard library, google/uuid and x/sync"
		separate  = "a model's driver is the host's choice"
		local     = "a model in the process needs neither a database nor a network"
	)
	for _, rule := range []struct {
		pkg  string
		bad  []string
		only []string // when set: the only modules allowed beside this one
		why  string
	}{
		{pkg: "hobby", only: []string{"github.com/google/uuid", "golang.org/x/sync"}, why: small},
		{pkg: "hobby", bad: []string{"net/http", "database/sql", module + "/hobby/", module + "/sqlite"}, why: small},
		{pkg: "hobby/practice", only: []string{"github.com/google/uuid", "golang.org/x/sync"}, why: small},
		{pkg: "hobby/practice", bad: []string{"database/sql", "net/http", "golang.org/x/tools"}, why: noSQL},
		{pkg: "hobby/practice/gocode", bad: []string{"database/sql", "modernc.org/sqlite"}, why: noSQL},
		{pkg: "hobby/practice/reading", only: []string{"github.com/google/uuid", "golang.org/x/sync", "github.com/yuin/goldmark",
			"golang.org/x/net"}, why: "documents take parsers of Markdown and HTML, and nothing else"},
		{pkg: "hobby/practice/reading", bad: []string{"database/sql", "net/http", "os/exec"}, why: "documents are read, not followed or run"},
		{pkg: "hobby/practice/tools", only: []string{"github.com/google/uuid", "golang.org/x/sync"}, why: small},
		{pkg: "hobby/practice/tools", bad: []string{"database/sql", "net/http", "os/exec", "plugin"},
			why: "what a sandbox cannot reach, it does not import"},
		{pkg: "hobby/practice/patterns", only: []string{"github.com/google/uuid", "golang.org/x/sync"},
			why: "a log is read with the standard library"},
		{pkg: "hobby/practice/patterns", bad: []string{"database/sql", "net/http", "os/exec"}, why: noSQL},
		{pkg: "hobby/practice/benchmark", only: []string{"github.com/google/uuid", "golang.org/x/sync"},
			why: "a benchmark knows other hobbies as Examiners"},
		{pkg: "hobby/practice/gym", only: []string{"github.com/google/uuid", "golang.org/x/sync", "golang.org/x/sys"},
			why: "another program is asked over its standard input"},
		{pkg: "hobby/redact", only: []string{"github.com/google/uuid", "golang.org/x/sync"},
			why: "people read what finds secrets before they trust it, so it has hobby's words and the standard library only"},
		{pkg: "hobby/openai", bad: []string{"database/sql", "golang.org/x/tools"}, why: noSQL},
		{pkg: "subagent", bad: []string{"database/sql", module + "/sqlite", module + "/hobby/", "github.com/danielgtaylor/huma",
			"github.com/nats-io"}, why: satellite},
		{pkg: "subagent/natsagent", bad: []string{"database/sql", module + "/sqlite", module + "/hobby/", "github.com/nats-io/nats-server"},
			why: "an agent links the client, not the server"},
		{pkg: "lora/llama/tiny", bad: []string{"net/http", "database/sql", module + "/hobby/"},
			why: "the model is the model, not what it practises"},
		{pkg: "sqlite/subagents", bad: []string{"github.com/danielgtaylor/huma", "github.com/nats-io"}, why: noHTTP},
		{pkg: "sqlite/jobs", bad: []string{"net/http", "github.com/danielgtaylor/huma"}, why: noHTTP},
		{pkg: "sqlite/archives", bad: []string{"github.com/danielgtaylor/huma"}, why: noHTTP},
		{pkg: "archive", bad: []string{"database/sql", module + "/sqlite", module + "/hobby/", module + "/subagent", module + "/lora"},
			why: satellite},
		{pkg: "archive", bad: []string{"github.com/minio"}, why: "an object store is the host's choice"},
		{pkg: ".", bad: []string{"github.com/minio/minio-go"}, why: "an object store is the host's choice"},
		{pkg: "archive/s3blobs", bad: []string{"database/sql", module + "/sqlite", "github.com/danielgtaylor/huma"}, why: noSQL},
		{pkg: "kgraph", only: []string{"github.com/google/uuid", "golang.org/x/sync", "github.com/blevesearch/snowballstem"}, why: small},
		{pkg: "kgraph", bad: []string{"net/http", "database/sql", module + "/hobby/", module + "/archive", module + "/lora"}, why: satellite},
		{pkg: "kgraph/extract", only: []string{"github.com/google/uuid", "golang.org/x/sync"}, why: "prose is read with the standard library"},
		{pkg: "kgraph/extract", bad: []string{"net/http", "database/sql", "os/exec", module + "/hobby/", module + "/sqlite"}, why: satellite},
		{pkg: "kgraph/graphstore", only: []string{"github.com/google/uuid", "golang.org/x/sync", "github.com/blevesearch/snowballstem",
			"github.com/dominikbraun/graph"},
			why: "a view for another package's algorithms takes that package, and what the graph takes"},
		{pkg: "sqlite/graphs", bad: []string{"net/http", "github.com/danielgtaylor/huma"}, why: noHTTP},
		{pkg: "rlhf", bad: []string{"database/sql", "net/http", module + "/sqlite", module + "/hobby/", module + "/subagent", module + "/lora",
			module + "/archive"}, why: satellite},
		{pkg: "sqlite/feedback", bad: []string{"net/http", "github.com/danielgtaylor/huma"}, why: noHTTP},
		{pkg: "sqlite/adapters", bad: []string{"net/http", "github.com/danielgtaylor/huma", module + "/lora/"}, why: noHTTP},
		{pkg: "internal/job", bad: []string{"database/sql", module + "/sqlite", "net/http"}, why: "jobs are carried out over any journal"},
		{pkg: "settings", only: []string{"github.com/google/uuid", "golang.org/x/sync"}, why: small},
		{pkg: "settings", bad: []string{"net/http", "database/sql", module + "/hobby/", module + "/lora", module + "/subagent"}, why: satellite},
		{pkg: "compare", only: []string{"github.com/google/uuid", "golang.org/x/sync"}, why: small},
		{pkg: "compare", bad: []string{"net/http", "database/sql", module + "/hobby/", module + "/lora", module + "/settings"}, why: satellite},
		{pkg: "sqlite/settings", bad: []string{"net/http", "github.com/danielgtaylor/huma"}, why: noHTTP},
		{pkg: "metrics", bad: []string{"database/sql", module + "/sqlite", module + "/subagent", "github.com/danielgtaylor/huma",
			"go.opentelemetry.io"}, why: satellite},
		{pkg: "grafana", only: []string{}, why: "two files need nothing but the standard library"},
		{pkg: "metrics/otelmetrics", bad: []string{"go.opentelemetry.io/otel/sdk", "database/sql", module + "/sqlite"},
			why: "the SDK and its exporters are the host's choice"},
		{pkg: "sqlite", bad: []string{"net/http", "github.com/danielgtaylor/huma"}, why: noHTTP},
		{pkg: "httpapi", bad: []string{"database/sql", "modernc.org/sqlite"}, why: noSQL},
		{pkg: "ui", only: []string{}, why: "the page is files: it talks to the routes as any client does"},
		{pkg: "lora", only: []string{"github.com/google/uuid", "golang.org/x/sync"}, why: small},
		{pkg: "lora", bad: []string{"net/http", "database/sql", module + "/lora/"}, why: small},
		{pkg: "lora/llama", bad: []string{"database/sql", "net/http", "golang.org/x/tools", module + "/sqlite"}, why: local},
		{pkg: "lora/peft", bad: []string{"database/sql", "net/http", module + "/sqlite", module + "/lora/llama"},
			why: "a process is started, and nothing else is needed"},
		{pkg: "lora/llama/internal/tokenizer", only: []string{}, why: "a tokenizer is the standard library's work"},
		{pkg: "lora/llama/internal/checkpoint", only: []string{"github.com/google/uuid", "golang.org/x/sync", "golang.org/x/sys",
			"github.com/ardanlabs/jinja"}, why: "files of models are read by ourselves, templates by jinja"},
		{pkg: ".", bad: []string{"golang.org/x/tools", "honnef.co/go/tools", "github.com/yuin/goldmark"}, why: noTools},
		{pkg: ".", bad: []string{module + "/lora/llama"}, why: "a model is the host's choice"},
		{pkg: ".", bad: []string{"github.com/nats-io"}, why: "a transport is the host's choice"},
		{pkg: ".", bad: []string{"github.com/openai", module + "/hobby/openai"}, why: separate},
		{pkg: "examples/quickstart", bad: []string{"golang.org/x/tools", "honnef.co/go/tools"}, why: noTools},
	} {
		deps := closure(t, rule.pkg)
		for _, d := range deps {
			if d == "database/sql/driver" {
				continue // google/uuid's interfaces, no database
			}
			for _, bad := range append(rule.bad, "testing", "pgregory.net/rapid", "github.com/google/go-cmp") {
				if under(d, bad) {
					t.Errorf("%s imports %s: %s", rule.pkg, d, choose(under(d, bad) && !slices.Contains(rule.bad, bad), noTest, rule.why))
				}
			}
			if rule.only != nil && strings.Contains(strings.SplitN(d, "/", 2)[0], ".") && !under(d, module) &&
				!slices.ContainsFunc(rule.only, func(m string) bool { return under(d, m) }) {
				t.Errorf("%s imports %s: %s", rule.pkg, d, rule.why)
			}
		}
		if rule.pkg != "." && !strings.HasPrefix(rule.pkg, "examples/") && slices.Contains(deps, module) {
			t.Errorf("%s imports the root: %s", rule.pkg, noRoot)
		}
	}
}

// under reports whether package d is prefix or lies below it. A prefix that
// ends in a slash means only what lies below.
func under(d, prefix string) bool {
	return d == prefix || strings.HasPrefix(d, strings.TrimSuffix(prefix, "/")+"/")
}

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// closure lists everything that a package links, without itself.
func closure(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "./"+pkg).Output()
	if err != nil {
		t.Fatalf("listing the dependencies of %s: %v", pkg, err)
	}
	deps := strings.Fields(string(out))
	return deps[:len(deps)-1]
}

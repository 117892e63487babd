package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
	"github.com/pastime-go/pastime/hobby/practice/patterns"
	"github.com/pastime-go/pastime/hobby/practice/reading"
	"github.com/pastime-go/pastime/hobby/redact"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/kgraph/extract"
	"github.com/pastime-go/pastime/lora/llama"
	"github.com/pastime-go/pastime/lora/llama/tiny"
	"github.com/pastime-go/pastime/subagent"
)

// config is what the flags and the environment say.
type config struct {
	addr, data, token string
	code, docs        string
	papers, kinds     string
	interactions      string
	extract, embed    string
	given             map[string]bool // the flags that were given
	modelFlag, key    string
	subagents         string
	grafana           string
	settings          bool // people may change them on the page
	offers            offers
	agents            *subagent.HTTP
	model             hobby.Model
	closeModel        func() error
	opts              *pastime.Options
}

// The defaults are quick, so that a newcomer sees something at once.
const (
	quickInterval = 5 * time.Second
	quickIdle     = 2 * time.Second
)

// parse reads flags and environment. A flag beats a variable, a variable
// beats a default.
func parse(args []string, getenv func(string) string, log io.Writer) (*config, error) {
	opts, err := pastime.OptionsFromEnv(getenv)
	if err != nil {
		return nil, err
	}
	c := &config{opts: opts}
	if getenv("HOBBY_INTERVAL_MINUTES") == "" {
		opts.Hobby.Interval = quickInterval
	}
	if getenv("HOBBY_IDLE_THRESHOLD_MINUTES") == "" {
		opts.Hobby.IdleThreshold = quickIdle
	}
	var level slog.Level = slog.LevelWarn
	var hosts string
	fs := flag.NewFlagSet("server", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	c.define(fs, &level, &hosts)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(log)
		fmt.Fprintf(log, "Practises while nobody needs the machine, and serves what it learned.\n\n")
		fs.PrintDefaults()
		fmt.Fprintf(log, "\nCommands on the same -data, also while the server runs (server COMMAND -help):\n")
		for _, c := range commands {
			fmt.Fprintf(log, "  %-8s %s\n", c.name, c.summary)
		}
		return nil, err
	case err != nil:
		return nil, usage{fmt.Errorf("%w; %s", err, about(fs, err))}
	case fs.NArg() > 0:
		return nil, usage{unexpected(fs.Arg(0))}
	}
	if opts.Hobby.Interval <= 0 || opts.Hobby.IdleThreshold <= 0 {
		return nil, fmt.Errorf("-interval %v and -idle %v must be more than 0, such as 1ms", opts.Hobby.Interval, opts.Hobby.IdleThreshold)
	}
	for name := range strings.SplitSeq(hosts, ",") {
		if name != "" {
			opts.HTTP.Hosts = append(opts.HTTP.Hosts, name)
		}
	}
	c.given = map[string]bool{}
	fs.Visit(func(f *flag.Flag) { c.given[f.Name] = true })
	opts.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level}))
	c.key, c.token = getenv("OPENAI_API_KEY"), cmp.Or(c.token, getenv("PASTIME_TOKEN"))
	if err := c.change(fs, getenv); err != nil {
		return nil, err
	}
	if err := c.allow(getenv("HOBBY_SUBAGENT_TOKEN")); err != nil {
		return nil, err
	}
	return c, nil
}

// about says what the flag is for that err, an error of fs, names.
func about(fs *flag.FlagSet, err error) string {
	m := regexp.MustCompile(`(?:for|argument:|for flag) -([\w-]+)(?:: |$)`).FindStringSubmatch(err.Error())
	if m == nil || fs.Lookup(m[1]) == nil {
		return "see -help"
	}
	_, use := flag.UnquoteUsage(fs.Lookup(m[1]))
	return fmt.Sprintf("-%s: %s", m[1], strings.Join(strings.Fields(use), " "))
}

// unexpected says what is wrong with an argument that is no flag.
func unexpected(arg string) error {
	if _, ok := find([]string{arg}); ok {
		return fmt.Errorf("the command %s comes first, as in server %s -data DIR", arg, arg)
	}
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return fmt.Errorf("unexpected argument %q; the commands are %s; see -help", arg, strings.Join(names, ", "))
}

// define defines the flags.
func (c *config) define(fs *flag.FlagSet, level *slog.Level, hosts *string) {
	fs.StringVar(&c.addr, "addr", "127.0.0.1:8800", "`address` to listen on")
	fs.StringVar(&c.data, "data", "pastime-data", "`directory` for everything that is stored")
	fs.StringVar(&c.modelFlag, "model", "tiny",
		"`model` that practises: tiny, which ships with this library; a directory of Hugging Face's\n"+
			"or a .gguf file; openai:URL#name on an OpenAI-compatible server, its key, if it needs one,\nin the variable OPENAI_API_KEY; or none")
	fs.StringVar(&c.embed, "embed", "",
		"`model` that gives vectors to texts, for the knowledge graph and for what people like: openai:URL#name,\n"+
			"such as openai:http://127.0.0.1:11434/v1#nomic-embed-text; default: none")
	fs.StringVar(&c.code, "code", ".", "`directory` with Go code to analyse; \"\" for none; the default is left out when it has none")
	fs.StringVar(&c.docs, "docs", ".",
		"`directory` with documents (Markdown, MDX, HTML, reStructuredText, AsciiDoc, plain text) to read;\n"+
			"\"\" for none; the default is left out when it has none")
	place := func(name, what string, kind hobby.Kind) {
		fs.Func(name, "where people look at a file of "+what+", as an `address` with {path} and {line};\n"+
			"default: the page names it without a link",
			func(at string) error {
				if c.opts.HTTP.Places == nil {
					c.opts.HTTP.Places = map[hobby.Kind]string{}
				}
				c.opts.HTTP.Places[kind] = at
				return nil
			})
	}
	place("code-at", "-code", hobby.CodeAnalysis)
	place("docs-at", "-docs", hobby.KnowledgeExploration)
	fs.StringVar(&c.papers, "papers", "",
		"`directory` with papers to read: BibTeX, Atom and RSS feeds, Markdown, plain text; none for no research;\n"+
			"default: some thirty well-known works that ship with this library")
	fs.StringVar(&c.interactions, "interactions", "",
		"`file` with a log of interactions in which patterns are looked for: JSON Lines, as\n"+
			`{"at":"2026-11-27T09:00:00Z","event":"call","tool":"search","ok":true,"topic":"prices","duration_ms":12.5}`+",\n"+
			"or as log/slog writes them (time, msg, tool, ok, topic, duration); default: this server's own record")
	fs.StringVar(&c.extract, "extract", "none",
		"`how` the graph reads facts out of what insights quote of documents: by rules, by the model, or none")
	fs.StringVar(&c.kinds, "kinds", "",
		"`kinds` of practice that are chosen by themselves, separated by commas, such as skill_practice; default: all")
	fs.StringVar(&c.token, "token", "",
		"`secret` that clients must send as a bearer token; needed to listen beyond this machine.\n"+
			"Default: the variable PASTIME_TOKEN, which other users of the machine do not see")
	fs.StringVar(hosts, "hosts", "",
		"`names`, separated by commas, under which this server is called, as in a Host header without a port;\n"+
			"default: all with a token, else localhost, 127.0.0.1 and ::1")
	fs.StringVar(&c.offers.dir, "models", "",
		"`directory` with .gguf files that can be chosen on the page, beside -model's and tiny; default: none")
	eightBitFlag(fs, &c.offers.eightBit)
	fs.Func("server", "a model on an OpenAI-compatible server that can be chosen on the page, as `NAME=openai:URL#model`;\n"+
		"may be given several times; the key, if it needs one, in the variable OPENAI_API_KEY", c.offers.server)
	fs.BoolVar(&c.settings, "settings", false,
		"people may change the interval, the idle time, the day's budget, the kinds and the model on the page;\n"+
			"what a flag or a variable says stays fixed; default: true without a -token, when only this machine reaches the page")
	fs.StringVar(&c.subagents, "subagents", "",
		"`URLs`, separated by commas, below which sub-agents may be called;\ntheir secret in the variable HOBBY_SUBAGENT_TOKEN")
	fs.StringVar(&c.grafana, "grafana", "",
		"write Grafana's dashboard and Prometheus' configuration for this server to a `directory`, and end")
	fs.TextVar(level, "log", *level, "least `level` that is logged on standard error: debug, info, warn or error")
	fs.DurationVar(&c.opts.Hobby.Interval, "interval", c.opts.Hobby.Interval, "from the start of one session to the next, such as 15m")
	fs.DurationVar(&c.opts.Hobby.IdleThreshold, "idle", c.opts.Hobby.IdleThreshold,
		"how long the user must be away before practice starts, such as 5m")
}

// allow makes the transport to the sub-agents that -subagents names.
func (c *config) allow(token string) error {
	c.agents = subagent.NewHTTP(nil)
	c.opts.Subagent.Transports = append(c.opts.Subagent.Transports, c.agents)
	for base := range strings.SplitSeq(c.subagents, ",") {
		if base == "" {
			continue
		}
		if token == "" {
			return errors.New("-subagents needs the agents' secret in the variable HOBBY_SUBAGENT_TOKEN")
		}
		if err := c.agents.Allow(base, token); err != nil {
			return fmt.Errorf("-subagents: %w", err)
		}
	}
	return nil
}

// openModel makes the model that -model names: in this process, in eight bits if that is
// wanted, or on a server. close frees it. The error is llama.ErrNotQuantised of a model
// that eight bits do nothing for.
func openModel(ctx context.Context, s, key string, eightBit bool) (m hobby.Model, close func() error, err error) {
	switch {
	case s == "tiny":
		local, err := tiny.Open(ctx, &llama.Options{EightBit: eightBit})
		if errors.Is(err, llama.ErrNotQuantised) {
			return nil, nil, notQuantised(s)
		}
		if err != nil {
			return nil, nil, err
		}
		return local, local.Close, nil
	case !onServer(s):
		local, err := llama.Open(ctx, s, &llama.Options{EightBit: eightBit})
		if errors.Is(err, llama.ErrNotQuantised) {
			return nil, nil, notQuantised(s)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("-model %q: %w; want tiny, none, a directory, a .gguf file, or openai:URL#name, such as "+
				"openai:http://127.0.0.1:11434/v1#llama3.2", s, err)
		}
		return local, local.Close, nil
	}
	m, err = openai.Parse(s, &openai.Options{APIKey: key})
	if err != nil {
		return nil, nil, fmt.Errorf("-model: %w", err) // s may hold a key
	}
	return m, func() error { return nil }, nil
}

// onServer reports whether -model names a model on a server.
func onServer(s string) bool {
	return strings.HasPrefix(s, "openai:") || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// notQuantised says what is wrong with -eight-bit in the words of who gave it.
type notQuantised string

func (model notQuantised) Error() string {
	return fmt.Sprintf("-model %q: its weights are not quantised, so -eight-bit does nothing for it: leave it out", string(model))
}

func (notQuantised) Unwrap() error { return llama.ErrNotQuantised }

// eightBitFlag takes -eight-bit.
func eightBitFlag(fs *flag.FlagSet, to *bool) {
	fs.BoolVar(to, "eight-bit", false,
		"models in .gguf files with quantised weights answer faster and less exactly, their activations rounded to eight\n"+
			"bits; what they are able to do is then measured anew")
}

// open makes the data directory, opens the model and wires everything.
func (c *config) open(ctx context.Context) (*pastime.Kit, error) {
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		return nil, fmt.Errorf("-data: %w", err)
	}
	if c.modelFlag != "none" {
		var err error
		if c.model, c.closeModel, err = c.openOwn(ctx); err != nil {
			return nil, err
		}
	}
	if local, ok := c.model.(*llama.Model); ok {
		c.opts.Trainer = local.Trainer(nil)
	}
	if c.embed != "" {
		e, err := openai.Parse(c.embed, &openai.Options{APIKey: c.key})
		if err != nil {
			return nil, fmt.Errorf("-embed: %w", err)
		}
		c.opts.Embedder = e
	}
	c.redaction()
	if err := c.extraction(); err != nil {
		return nil, err
	}
	if err := c.study(ctx); err != nil {
		return nil, err
	}
	if err := c.choose(); err != nil {
		return nil, err
	}
	if c.token != "" {
		c.opts.HTTP.Middleware = append(c.opts.HTTP.Middleware, httpapi.Bearer(c.token))
		if c.opts.HTTP.Hosts == nil {
			c.opts.HTTP.Hosts = []string{httpapi.AnyHost} // no name lets anybody in without the token
		}
	}
	return pastime.Open(ctx, filepath.Join(c.data, "agent.db"), c.model, c.opts)
}

// openOwn opens what -model names. With -models, -eight-bit may be meant for those alone.
func (c *config) openOwn(ctx context.Context) (hobby.Model, func() error, error) {
	if c.offers.dir != "" {
		return c.offers.openEither(ctx, c.modelFlag)
	}
	return openModel(ctx, c.modelFlag, c.key, c.offers.eightBit)
}

// redaction makes what takes secrets out of documents before they are read and
// out of everything before it is stored, unless HOBBY_REDACT says false.
func (c *config) redaction() {
	if c.opts.Hobby.Redact == nil {
		r := redact.Default()
		c.opts.Hobby.Redact = r.Redact
		c.opts.Metrics.Parts = map[string]hobby.Observable{"redaction": r}
	}
}

// extraction sets what the graph reads facts out of prose with.
func (c *config) extraction() error {
	switch {
	case c.extract == "rules":
		c.opts.Graph.Extract = extract.Insight
	case c.extract == "model" && c.model != nil:
		c.opts.Graph.Extract = extract.Asking(c.model)
	case c.extract == "model":
		return errors.New("-extract model needs a model, and there is none")
	case c.extract != "none":
		return fmt.Errorf("-extract is %q, must be rules, model or none", c.extract)
	}
	return nil
}

// study adds the hobbies that read what -code and -docs name.
func (c *config) study(ctx context.Context) error {
	for name, d := range map[string]struct {
		dir *string
		any func(context.Context, string) (bool, error)
	}{"code": {&c.code, gocode.Any}, "docs": {&c.docs, reading.Any}} {
		if any, err := d.any(ctx, *d.dir); !c.given[name] && (err != nil || !any) {
			*d.dir = ""
		}
	}
	if c.code != "" {
		h, err := gocode.New(c.code, c.model, nil)
		if err != nil {
			return fmt.Errorf("-code: %w", err)
		}
		c.opts.Hobbies = append(c.opts.Hobbies, h)
	}
	if c.docs != "" {
		h, err := reading.New(c.docs, c.model, &reading.Options{Redact: c.opts.Hobby.Redact})
		if err != nil {
			return fmt.Errorf("-docs: %w", err)
		}
		c.opts.Hobbies = append(c.opts.Hobbies, h)
	}
	if c.interactions != "" {
		if err := c.log(); err != nil {
			return fmt.Errorf("-interactions: %w", err)
		}
	}
	return c.research()
}

// log adds the hobby that looks for patterns in the log that -interactions names.
func (c *config) log() error {
	if info, err := os.Stat(c.interactions); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", c.interactions)
	}
	h, err := patterns.New(patterns.File(c.interactions), c.model, &patterns.Options{Redact: c.opts.Hobby.Redact})
	if err != nil {
		return err
	}
	c.opts.Hobbies = append(c.opts.Hobbies, h)
	return nil
}

// research adds the hobby that reads papers, unless -papers says none.
func (c *config) research() error {
	var papers fs.FS
	switch c.papers {
	case "none":
		return nil
	case "":
	default:
		if info, err := os.Stat(c.papers); err != nil || !info.IsDir() {
			return fmt.Errorf("-papers %s is not a folder", c.papers)
		}
		papers = os.DirFS(c.papers)
	}
	h, err := reading.Research(papers, c.model, &reading.Options{Redact: c.opts.Hobby.Redact})
	if err != nil {
		return fmt.Errorf("-papers: %w", err)
	}
	c.opts.Hobbies = append(c.opts.Hobbies, h)
	return nil
}

// choose turns off the kinds that -kinds does not name.
func (c *config) choose() error {
	if c.kinds == "" {
		return nil
	}
	var named []hobby.Kind
	for name := range strings.SplitSeq(c.kinds, ",") {
		k, err := hobby.ParseKind(strings.TrimSpace(name))
		switch {
		case err != nil:
			return fmt.Errorf("-kinds: %w", err)
		case !slices.ContainsFunc(hobby.Kinds(), func(i hobby.KindInfo) bool { return i.Kind == k }):
			var all []string
			for _, i := range hobby.Kinds() {
				all = append(all, string(i.Kind))
			}
			return fmt.Errorf("-kinds names %s, which is no kind of practice; there are %s", k, strings.Join(all, ", "))
		}
		named = append(named, k)
	}
	read := []hobby.Kind{hobby.CodeAnalysis, hobby.KnowledgeExploration, hobby.ResearchIntegration} // the others are a Kit's own
	for _, i := range hobby.Kinds() {
		has := func(h hobby.Hobby) bool { return h.Kind == i.Kind }
		there, wanted := !slices.Contains(read, i.Kind) || slices.ContainsFunc(c.opts.Hobbies, has), slices.Contains(named, i.Kind)
		switch {
		case wanted && !there:
			return fmt.Errorf("-kinds names %s, and there is nothing to read for it: see -code, -docs and -papers", i.Kind)
		case there && !wanted:
			c.opts.Hobby.Off = append(c.opts.Hobby.Off, i.Kind)
		}
	}
	return nil
}

// close frees what open opened beside the kit.
func (c *config) close() error {
	if c.closeModel == nil {
		return nil
	}
	return c.closeModel()
}

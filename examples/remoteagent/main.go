// Command remoteagent is an agent that takes assignments from a coordinator on
// another machine, such as examples/server, and practises with a model of its
// own. It waits to be called, and makes no other connections but to its model
// and, with -coordinator, to register there.
//
//	export HOBBY_SUBAGENT_TOKEN=$(openssl rand -hex 16)
//	go run ./examples/server -subagents http://127.0.0.1:8900 &
//	go run ./examples/remoteagent -coordinator http://127.0.0.1:8800
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/lora/llama/tiny"
	"github.com/pastime-go/pastime/subagent"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "remoteagent:", hobby.Plain(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) (err error) {
	fs := flag.NewFlagSet("remoteagent", flag.ContinueOnError)
	addr := fs.String("addr", "127.0.0.1:8900", "`address` to listen on")
	endpoint := fs.String("url", "", "`URL` under which the coordinator calls this agent (default http:// and the address)")
	id := fs.String("id", "remote-1", "`name` of this agent")
	model := fs.String("model", "tiny",
		"`model` that practises: tiny, which ships with this library, or openai:URL#name on an OpenAI-compatible server")
	coordinator := fs.String("coordinator", "", "`URL` of a coordinator to register with; \"\" when somebody else does that")
	token := fs.String("token", "", "`secret` of the coordinator's HTTP interface, if it has one (default: the variable PASTIME_TOKEN)")
	if err := fs.Parse(args); err != nil {
		return err
	}
	m, closeModel, err := openModel(ctx, *model, getenv("OPENAI_API_KEY"))
	if err != nil {
		return fmt.Errorf("-model %q: want tiny, or openai:URL#name such as openai:http://127.0.0.1:11434/v1#llama3.2: %w", *model, err)
	}
	defer func() { err = errors.Join(err, closeModel()) }()
	suite, err := pastime.DefaultSuite()
	if err != nil {
		return err
	}

	// The agent: what it can do, and a handler for those who know the secret.
	agent := subagent.Agent{ID: *id, Capabilities: []string{string(hobby.SkillPractice)}}
	worker, err := subagent.NewWorker(agent, subagent.Practise([]hobby.Hobby{practice.Skills(m, suite, nil)}, nil))
	if err != nil {
		return err
	}
	handler, err := subagent.AgentHandler(worker, getenv("HOBBY_SUBAGENT_TOKEN"))
	if err != nil {
		return fmt.Errorf("HOBBY_SUBAGENT_TOKEN: %w", err)
	}

	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	if *endpoint == "" {
		*endpoint = "http://" + ln.Addr().String()
		if a, ok := ln.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() {
			err := fmt.Errorf("-addr %s says where to listen, not where to call: give a -url, such as http://this-machine:%d", *addr, a.Port)
			return errors.Join(err, ln.Close())
		}
	}
	fmt.Fprintf(out, "%s takes assignments at %s\n", *id, *endpoint)
	if *coordinator != "" {
		if err := register(ctx, *coordinator, cmp.Or(*token, getenv("PASTIME_TOKEN")), agent.ID, *endpoint); err != nil {
			// It may be up later; somebody has to register the agent then.
			fmt.Fprintf(out, "not registered: %s\nThe coordinator must run with -subagents %s and the same HOBBY_SUBAGENT_TOKEN.\n",
				hobby.Plain(err), *endpoint)
		}
	}
	return pastime.Serve(ctx, httpapi.Server(handler), ln)
}

// openModel makes the model that -model names; close frees it.
func openModel(ctx context.Context, s, key string) (m hobby.Model, close func() error, err error) {
	if s == "tiny" {
		local, err := tiny.Open(ctx, nil)
		if err != nil {
			return nil, nil, err
		}
		return local, local.Close, nil
	}
	m, err = openai.Parse(s, &openai.Options{APIKey: key})
	return m, func() error { return nil }, err
}

// register tells a coordinator where this agent is.
func register(ctx context.Context, coordinator, token, id, endpoint string) error {
	skills := httpapi.Capability(hobby.SkillPractice.Upper())
	body, err := json.Marshal(httpapi.RegisterRequest{ID: id, Capabilities: []httpapi.Capability{skills}, Endpoint: endpoint})
	if err != nil {
		return err
	}
	url := strings.TrimSuffix(coordinator, "/") + "/hobby/subagents/register"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var problem struct{ Detail string }
		_ = json.NewDecoder(io.LimitReader(resp.Body, 10_000)).Decode(&problem) // "" of what is no coordinator
		return fmt.Errorf("%s: %s", resp.Status, problem.Detail)
	}
	return nil
}

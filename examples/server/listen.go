package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama"
)

// listen refuses to open the agent to other machines without a token.
func (c *config) listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", c.addr)
	if wrong := new(net.AddrError); errors.As(err, &wrong) {
		return nil, fmt.Errorf("-addr %s: %w; want an address and a port, such as 127.0.0.1:8800", c.addr, err)
	}
	if err != nil {
		return nil, fmt.Errorf("-addr %s: %w", c.addr, err)
	}
	if a, ok := ln.Addr().(*net.TCPAddr); c.token == "" && !(ok && a.IP.IsLoopback()) {
		err := fmt.Errorf("-addr %s can be reached from other machines: give a -token, or listen on 127.0.0.1", c.addr)
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

// dialable is an address to listen on as one that can be called from here.
func dialable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}

// greeting says where to look and what is going on.
func (c *config) greeting(addr net.Addr) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Pastime is up.\n")
	fmt.Fprintf(&b, "  look at    http://%s/hobby/\n", dialable(addr.String()))
	fmt.Fprintf(&b, "  API        http://%s/hobby/docs\n", dialable(addr.String()))
	fmt.Fprintf(&b, "  data       %s\n", c.data)
	switch {
	case c.model != nil:
		fmt.Fprintf(&b, "  model      %s\n", c.modelFlag)
		if local, ok := c.model.(*llama.Model); ok {
			fmt.Fprintf(&b, "  memory     %.0f MB at most for it, with one answer at a time, beside its files\n",
				float64(local.Memory().Total())/1e6)
		}
	case c.code != "" || c.docs != "" || c.papers != "none":
		fmt.Fprintf(&b, "  model      none, so code, documents and papers are analysed, nothing is asked and no skills are practised\n")
	default:
		fmt.Fprintf(&b, "  model      none, and no code, documents or papers: there is nothing to practise\n")
	}
	if c.code != "" {
		fmt.Fprintf(&b, "  code       %s\n", c.code)
	}
	if c.docs != "" {
		fmt.Fprintf(&b, "  documents  %s\n", c.docs)
	}
	if c.papers != "" && c.papers != "none" {
		fmt.Fprintf(&b, "  papers     %s\n", c.papers)
	}
	if c.interactions != "" {
		fmt.Fprintf(&b, "  log        %s\n", c.interactions)
	}
	if c.kinds != "" {
		fmt.Fprintf(&b, "  kinds      %s, and no others by themselves\n", c.kinds)
	}
	h := &c.opts.Hobby
	fmt.Fprintf(&b, "A session every %v, when nobody was here for %v. Stop with Ctrl-C.\n\n", h.Interval, h.IdleThreshold)
	return b.String()
}

// absence says that the model's server does not answer, and what to do; "" when it
// does.
func (c *config) absence(ctx context.Context) string {
	if c.model == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if _, err := c.model.Info(ctx); !errors.Is(err, hobby.ErrUnreachable) && !errors.Is(err, context.DeadlineExceeded) {
		return "" // what else it says, the first session says
	}
	return "The model does not answer: is its server started (for Ollama: ollama serve)? It is tried again by itself,\n" +
		"a minute later at first, and every 15 minutes in the end; the page says when.\n\n"
}

package httpapi

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBody bounds the bodies of requests, in bytes.
const maxBody = 1 << 20

// maxClients bounds the client addresses that are remembered.
const maxClients = 4096

// wrap puts the limits around the routes.
func (s *server) wrap(h http.Handler) http.Handler {
	h = s.identify(lowerMediaType(s.timeout(h)))
	origin := http.NewCrossOriginProtection()
	for _, o := range s.opts.Origins {
		if err := origin.AddTrustedOrigin(o); err != nil {
			panic(fmt.Sprintf("httpapi: Options.Origins: %v", err))
		}
	}
	origin.SetDenyHandler(http.HandlerFunc(foreign))
	h = s.readsOnly(origin, origin.Handler(h))
	for _, m := range slices.Backward(s.opts.Middleware) {
		h = m(h)
	}
	h = s.limitRate(h)
	return s.recover(s.behindProxies(s.checkHost(h)))
}

// readsOnly refuses a GET that stores something where origin would refuse a write. A
// browser says where a request is from over TLS and on loopback. Over plain HTTP on a
// network it says it of no GET; there [Bearer]'s cookie goes to no other page's requests.
func (s *server) readsOnly(origin *http.CrossOriginProtection, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := s.mux.Handler(r); s.storing[pattern] {
			write := r.WithContext(r.Context()) // a copy
			write.Method = http.MethodPost
			if origin.Check(write) != nil {
				problem(w, http.StatusForbidden, "a page of another origin may not ask for this, because something is stored when it is shown")
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

// foreign answers a write from a page of another origin.
func foreign(w http.ResponseWriter, _ *http.Request) {
	problem(w, http.StatusForbidden, "a page of another origin may not write here")
}

// lowerMediaType lets a request spell the type of its body in any case.
func lowerMediaType(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := r.Header.Get("Content-Type"); t != "" {
			name, rest, found := strings.Cut(t, ";")
			if name = strings.ToLower(strings.TrimSpace(name)); found {
				name += ";" + rest
			}
			r.Header.Set("Content-Type", name)
		}
		h.ServeHTTP(w, r)
	})
}

// recover turns a panic into a 500.
func (s *server) recover(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.opts.Logger.Error("panic in a route", "path", clip(r.URL.Path), "panic", v, "stack", string(debug.Stack()))
			problem(w, http.StatusInternalServerError, "something failed here; the server's log says what")
		}()
		h.ServeHTTP(w, r)
	})
}

// timeout ends the context of a request that takes too long, and the connection of a client
// that does not read its answer. Event streams have no end, and deadlines of their own.
func (s *server) timeout(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == eventsPath {
			h.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), s.opts.Timeout)
		defer cancel()
		h.ServeHTTP(&impatient{w, http.NewResponseController(w)}, r.WithContext(ctx))
	})
}

// impatient gives a client writeTime for each part of an answer, however long it is.
type impatient struct {
	http.ResponseWriter
	out *http.ResponseController
}

const writePart = 16 << 10 // bytes

func (w *impatient) Write(p []byte) (n int, err error) {
	for {
		// A writer that knows no deadlines, as in tests, has none.
		_ = w.out.SetWriteDeadline(time.Now().Add(writeTime))
		part := p[n:min(len(p), n+writePart)]
		m, err := w.ResponseWriter.Write(part)
		if n += m; err != nil || n == len(p) {
			return n, err
		}
	}
}

func (w *impatient) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// AnyHost among [Options.Hosts] answers to all names.
const AnyHost = "*"

// loopback are the names under which a server on loopback is called.
var loopback = []string{"localhost", "127.0.0.1", "::1"}

// hosts are the names that may be in a request; nil for any.
func (s *server) hosts(r *http.Request) []string {
	if slices.Contains(s.opts.Hosts, AnyHost) {
		return nil
	}
	if s.opts.Hosts != nil {
		return s.opts.Hosts
	}
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && a.IP.IsLoopback() {
		return loopback
	}
	return nil
}

func (s *server) checkHost(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts := s.hosts(r)
		if hosts == nil {
			h.ServeHTTP(w, r)
			return
		}
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.Trim(host, "[]")
		if !slices.ContainsFunc(hosts, func(name string) bool { return strings.EqualFold(name, host) }) {
			problem(w, http.StatusForbidden, fmt.Sprintf("this server does not answer to the name %q", clip(host)))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// clients remembers something of each client address. When there are too many the
// older half is forgotten, so that its size is bounded.
type clients[T any] struct {
	make func() *T // of an address that is not remembered

	mu         sync.Mutex
	young, old map[string]*T
}

func (c *clients[T]) of(addr string) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.young[addr]
	if t != nil {
		return t
	}
	if t = c.old[addr]; t == nil {
		t = c.make()
	}
	if c.young == nil || len(c.young) >= maxClients/2 {
		c.old, c.young = c.young, map[string]*T{}
	}
	c.young[addr] = t
	return t
}

// address is the client's address without its port. In IPv6 it is that of the
// network, because one client can have any number of addresses.
func address(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr // not TCP
	}
	a := ap.Addr().Unmap()
	if a.Is6() {
		if net, err := a.WithZone("").Prefix(64); err == nil {
			return net.String()
		}
	}
	return a.String()
}

func (s *server) limitRate(h http.Handler) http.Handler {
	if s.opts.Rate < 0 {
		return h
	}
	c := &clients[rate.Limiter]{make: func() *rate.Limiter {
		return rate.NewLimiter(rate.Limit(s.opts.Rate), int(math.Ceil(2*s.opts.Rate)))
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.of(address(r)).Allow() {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(1/s.opts.Rate))))
			problem(w, http.StatusTooManyRequests, fmt.Sprintf("more than %v requests a second from one address", s.opts.Rate))
			return
		}
		h.ServeHTTP(w, r)
	})
}

package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// caller is who makes a request.
type caller struct {
	address  string // of the network, as address has it
	user     string // as the host names them; "" for nobody with a name
	reviewer bool   // may accept what is from outside
}

// claims reports whether nobody vouches for a name that the request says: the host has none,
// and it is not logged in.
func (c *caller) claims() bool { return c.user == "" && !c.reviewer }

type callerKey struct{}

// callerOf is who makes the request of ctx.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// identify notes who makes a request. It is within the middleware, which knows.
func (s *server) identify(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := caller{address: address(r)}
		c.user, c.reviewer = s.opts.Reviewer(r)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

type loggedInKey struct{}

// LoggedIn reports whether [Bearer] has let a request in, by its token or by a browser's
// session. It is the default of [Options.Reviewer], which names nobody.
func LoggedIn(r *http.Request) (user string, may bool) {
	in, _ := r.Context().Value(loggedInKey{}).(bool)
	return "", in
}

func logIn(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), loggedInKey{}, true))
}

// behindProxies has RemoteAddr be the client's where a request comes from a proxy that is
// trusted: the last address of X-Forwarded-For that is not a trusted proxy's.
func (s *server) behindProxies(h http.Handler) http.Handler {
	if len(s.opts.Proxies) == 0 {
		return h
	}
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(s.opts.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !trusted(at.Addr().Unmap()) {
			h.ServeHTTP(w, r)
			return
		}
		client := at.Addr().Unmap()
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			a, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil {
				break // what is further away is not known either
			}
			if client = a.Unmap(); !trusted(client) {
				break
			}
		}
		r = r.Clone(r.Context())
		r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		h.ServeHTTP(w, r)
	})
}

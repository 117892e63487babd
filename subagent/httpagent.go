package subagent

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

const (
	maxOrder  = 64 << 10         // bytes of an order
	writeTime = 10 * time.Second // for one report
)

// AgentHandler serves a worker to coordinators that know the secret token,
// which must have at least 16 bytes. A POST with an Order is answered with the
// stream of its reports, one JSON object per line, and ends when the client
// goes; a GET describes the agent. The server around it must have no
// WriteTimeout, because streams last as long as the work.
func AgentHandler(w *Worker, token string) (http.Handler, error) {
	if err := checkSecret(token); err != nil {
		return nil, err
	}
	return &agentHandler{w, sha256.Sum256([]byte(token))}, nil
}

// checkSecret refuses a secret that could be guessed.
func checkSecret(token string) error {
	if len(token) < 16 {
		return fmt.Errorf("%w: the agents' secret has %d bytes, must have at least 16", hobby.ErrInvalid, len(token))
	}
	return nil
}

type agentHandler struct {
	worker *Worker
	token  [sha256.Size]byte
}

// ServeHTTP implements http.Handler.
func (h *agentHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if got := sha256.Sum256([]byte(bearer)); !ok || subtle.ConstantTimeCompare(got[:], h.token[:]) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		w.Header().Set("Content-Type", "application/json")
		// The client may be gone, and there is nobody else to tell.
		_ = json.NewEncoder(w).Encode(h.worker.Agent())
	case http.MethodPost:
		h.take(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "orders come by POST", http.StatusMethodNotAllowed)
	}
}

// take carries out an order while the client listens.
func (h *agentHandler) take(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOrder))
	if err != nil {
		http.Error(w, "the order cannot be read, or is too long", http.StatusBadRequest)
		return
	}
	var o Order
	if err := json.Unmarshal(raw, &o); err != nil || o.Assignment == "" || o.Attempt < 1 || o.Lease <= 0 || o.Timeout <= 0 {
		http.Error(w, "this is not an order", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	stop := context.AfterFunc(r.Context(), func() { cancel(ErrCancelled) })
	defer stop()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", ndjson)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	write := func(line []byte) {
		// Writers without deadlines, as in tests, return an error.
		_ = out.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := w.Write(line); err != nil {
			cancel(ErrCancelled) // nobody listens
			return
		}
		if err := out.Flush(); err != nil {
			cancel(ErrCancelled)
		}
	}
	write(nil) // the order is taken
	h.worker.Do(ctx, o, func(rep Report) {
		line, err := json.Marshal(rep)
		if err != nil {
			rep.Result = &Result{Err: "subagent: the result cannot be JSON"}
			line, err = json.Marshal(rep)
		}
		if err == nil {
			write(append(line, '\n'))
		}
	})
}

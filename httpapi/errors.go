package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

// problem answers with an RFC 9457 body.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The client may be gone, and there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(huma.ErrorModel{Title: http.StatusText(status), Status: status, Detail: detail})
}

// statuses are the answers to the errors of the packages below.
var statuses = []struct {
	err    error
	status int
}{
	{subagent.ErrUnknownAgent, http.StatusNotFound},
	{subagent.ErrFull, http.StatusConflict},
	{subagent.ErrUnreachable, http.StatusConflict},
	{subagent.ErrIncapable, http.StatusUnprocessableEntity},
	{subagent.ErrTooMany, http.StatusTooManyRequests},
	{hobby.ErrNotFound, http.StatusNotFound},
	{hobby.ErrInvalid, http.StatusUnprocessableEntity},
	{hobby.ErrUnknownKind, http.StatusUnprocessableEntity},
	{hobby.ErrBusy, http.StatusConflict},
	{hobby.ErrNothing, http.StatusConflict},
	{hobby.ErrBudget, http.StatusConflict},
	{hobby.ErrStale, http.StatusConflict},
	{hobby.ErrNotRunning, http.StatusServiceUnavailable},
	{hobby.ErrNoModel, http.StatusServiceUnavailable},
	{hobby.ErrClosed, http.StatusServiceUnavailable},
	{context.DeadlineExceeded, http.StatusServiceUnavailable},
	{context.Canceled, http.StatusServiceUnavailable},
}

// fail answers an error of the packages below. What is nobody's fault but ours
// is logged, and its text kept from the client.
func (s *server) fail(err error) huma.StatusError {
	for _, m := range statuses {
		if errors.Is(err, m.err) {
			return huma.NewError(m.status, err.Error())
		}
	}
	s.opts.Logger.Error("answering a request", "error", err)
	return huma.NewError(http.StatusInternalServerError, "something failed here; the server's log says what")
}

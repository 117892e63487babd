package pastime_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
)

type exports string

func (e exports) Metrics() []hobby.Metric { return []hobby.Metric{{Name: string(e)}} }

func (e exports) Observe(context.Context, hobby.Emit) error { return nil }

// TestOpenNamesTheMistakeOfAPart: a host's part that claims what is taken, or exports
// what Prometheus does not take, is an error of Open that names it.
func TestOpenNamesTheMistakeOfAPart(t *testing.T) {
	route := httpapi.Route{Method: "GET", Path: "/status", ID: "mine", Serve: httpapi.JSON(
		func(context.Context, *struct{}) (*httpapi.Body[string], error) { return nil, nil })}
	for names, p := range map[string]pastime.Part{
		"/hobby/status": {Serves: []httpapi.Part{{Name: "mine", Routes: []httpapi.Route{route}}}},
		`"subagents"`:   {Serves: []httpapi.Part{{Name: "subagents"}}},
		`"mine.taken"`: {Serves: []httpapi.Part{
			{Name: "a", Events: []httpapi.Event{{Kind: "mine.taken"}}}, {Name: "b", Events: []httpapi.Event{{Kind: "mine.taken"}}},
		}},
		`"not a name"`:                       {Name: "mine", Observes: exports("not a name")},
		`"pastime_activities_started_total"`: {Name: "mine", Observes: exports("pastime_activities_started_total")},
	} {
		k, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{Parts: []pastime.Maker{
			func(context.Context, *pastime.Kit) (pastime.Part, error) { return p, nil },
		}})
		if !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: got %v, %v", names, k, err)
		}
	}
}

package pastime

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/metrics"
)

// collector is the part that exports what the manager and the other parts have
// measured.
func collector(_ context.Context, k *Kit) (p Part, err error) {
	defer mistake(&err)
	opts := k.opts.Metrics
	opts.Parts = map[string]hobby.Observable{}
	maps.Copy(opts.Parts, k.opts.Metrics.Parts)
	for _, p := range k.parts {
		if p.Observes == nil {
			continue
		}
		if opts.Parts[p.Name] != nil || p.Name == "" {
			return Part{}, fmt.Errorf("%w: two parts export numbers under the name %q, or one without a name", hobby.ErrInvalid, p.Name)
		}
		opts.Parts[p.Name] = p.Observes
	}
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	k.Metrics = metrics.New(k.Hobby, &opts)
	return Part{Serves: []httpapi.Part{httpapi.Metrics(k.Metrics)}}, nil
}

// metrics reads the variables of the metrics.
func (e *env) metrics() metrics.Options {
	o := metrics.Options{
		Cache:          e.seconds("HOBBY_METRICS_CACHE_SECONDS", 10),
		ScrapeInterval: e.duration("HOBBY_METRICS_SCRAPE_INTERVAL", 30*time.Second),
	}
	if o.Cache == 0 {
		o.Cache = -1 // each request reads
	}
	return o
}

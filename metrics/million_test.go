package metrics_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

var million = flag.Bool("million", false, "benchmark with a million activities too")

// lived is a manager over a store on disk with a year's history.
func lived(b *testing.B, activities int) (*hobby.Manager, *sqlite.Store) {
	b.Helper()
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "agent.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	h := sqlitetest.History{Activities: activities, Days: 365,
		Families: []string{"arithmetic", "dates", "sorting", "units", "strings", "logic"}}
	var families []hobby.Family
	for _, f := range h.Families {
		families = append(families, hobby.Family{Name: f, Levels: 5})
	}
	nothing := hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return nil })
	var hobbies []hobby.Hobby
	for _, k := range hobby.Kinds() {
		h.Kinds = append(h.Kinds, k.Kind)
		hobbies = append(hobbies, hobby.Hobby{Kind: k.Kind, Executor: nothing, Families: families})
	}
	if err := sqlitetest.Fill(b.Context(), store, h); err != nil {
		b.Fatal(err)
	}
	manager, err := hobby.New(store, hobbies, nil)
	if err != nil {
		b.Fatal(err)
	}
	return manager, store
}

// BenchmarkHistory shows what reading costs after a year with a thousand and,
// with -million, a hundred thousand and a million activities (a thousand do not
// fill the hours and days that are read): "cached" as it is served within ten
// seconds, "read" from the store, and "read after a session", when proficiency
// has to be measured anew.
func BenchmarkHistory(b *testing.B) {
	sizes := []int{1000}
	if *million {
		sizes = append(sizes, 100_000, 1_000_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("activities=%d", n), func(b *testing.B) {
			manager, store := lived(b, n)
			for name, cache := range map[string]time.Duration{"cached": time.Hour, "read": -1} {
				c := metrics.New(manager, &metrics.Options{Cache: cache, Timeout: time.Minute, Parts: map[string]hobby.Observable{"store": store}})
				handler := c.Handler()
				calls := map[string]func() error{
					"scrape":    func() error { return served(handler) },
					"summary":   func() error { _, err := c.Summary(b.Context()); return err },
					"dashboard": func() error { _, err := c.Dashboard(b.Context()); return err },
				}
				for what, call := range calls {
					b.Run(what+"/"+name, func(b *testing.B) {
						if err := call(); err != nil {
							b.Fatal(err)
						}
						each(b, func() {}, call)
					})
				}
				if cache < 0 {
					b.Run("scrape/read after a session", func(b *testing.B) {
						each(b, func() { commit(b, store, hobby.SkillPractice, time.Now(), []float64{1}) }, calls["scrape"])
					})
				}
			}
		})
	}
}

func served(h http.Handler) error {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusOK {
		return fmt.Errorf("scrape: %d %s", w.Code, w.Body)
	}
	return nil
}

// each measures call, without before, and reports the median too, because other
// work on the machine distorts the mean.
func each(b *testing.B, before func(), call func() error) {
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		before()
		b.StartTimer()
		begin := time.Now()
		if err := call(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "median-ns/op")
}

package sqlite_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

var million = flag.Bool("million", false, "benchmark with a million activities too; takes 4 GB of disk and a few minutes")

// histories are the stores that benchmarks have filled, by size.
var histories = struct {
	dir   string
	files map[int]string
}{files: map[int]string{}}

// days are as many in every history: a thousand activities over ten days reach
// nearly all of the kinds, families, levels and splits of each day that a
// million do. Start-up reads the tallies, one for each of these and each day.
const days = 10

// history returns a file with n activities, which it makes once.
func history(b *testing.B, n int) (path string) {
	b.Helper()
	if path, ok := histories.files[n]; ok {
		return path
	}
	if histories.dir == "" {
		dir, err := os.MkdirTemp("", "pastime-history-")
		if err != nil {
			b.Fatal(err)
		}
		histories.dir = dir
	}
	path = filepath.Join(histories.dir, fmt.Sprint(n, ".db"))
	s := open(b, path, nil)
	if err := errors.Join(sqlitetest.Fill(b.Context(), s, sqlitetest.History{Activities: n, Days: days}), s.Close()); err != nil {
		b.Fatal(err)
	}
	histories.files[n] = path
	return path
}

// BenchmarkHistory compares what must cost the same however much was practised:
// a store of a thousand activities with one of ten thousand, or of a million.
// The two take turns, so that a busy machine slows both; it reports their
// medians and the ratio.
func BenchmarkHistory(b *testing.B) {
	large := 10_000
	if *million {
		large = 1_000_000
	}
	var paths [2]string
	var stores [2]*sqlite.Store
	for i, n := range []int{1000, large} {
		paths[i] = history(b, n)
		stores[i] = open(b, paths[i], nil)
		defer stores[i].Close()
	}
	compare(b, "Start", func(i int) error { return start(b, paths[i]) })
	managers := [2]*hobby.Manager{managerOf(b, stores[0]), managerOf(b, stores[1])}
	progress := func(i int) error {
		_, err := managers[i].Progress(b.Context())
		return err
	}
	compare(b, "Progress", progress)
	compare(b, "ProgressAfterASession", func(i int) error {
		if _, err := hobbytest.CommitSessions(b.Context(), stores[i], 1, 1); err != nil {
			return err
		}
		return progress(i)
	})
	compare(b, "Status", func(i int) error {
		_, err := managers[i].Status(b.Context())
		return err
	})
	for _, read := range hobbytest.Reads() {
		compare(b, read.Name, func(i int) error { return read.Call(b.Context(), stores[i]) })
	}
}

// compare runs call for 0 and for 1 in turn.
func compare(b *testing.B, name string, call func(i int) error) {
	b.Run(name, func(b *testing.B) {
		var took [2][]time.Duration
		for b.Loop() {
			for i := range took {
				at := time.Now()
				if err := call(i); err != nil {
					b.Fatal(err)
				}
				took[i] = append(took[i], time.Since(at))
			}
		}
		var median [2]float64
		for i := range took {
			slices.Sort(took[i])
			median[i] = took[i][len(took[i])/2].Seconds() * 1e6
		}
		b.ReportMetric(0, "ns/op") // of both together
		b.ReportMetric(median[0], "small-µs")
		b.ReportMetric(median[1], "large-µs")
		b.ReportMetric(median[1]/median[0], "ratio")
	})
}

func managerOf(b *testing.B, s *sqlite.Store) *hobby.Manager {
	b.Helper()
	var families []hobby.Family
	for _, name := range []string{"arithmetic", "dates", "sorting", "units"} {
		families = append(families, hobby.Family{Name: name, Levels: 3})
	}
	idle := hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return nil })
	m, err := hobby.New(s, []hobby.Hobby{
		{Kind: hobby.SkillPractice, Families: families, Executor: idle}, {Kind: hobby.CodeAnalysis, Families: families, Executor: idle},
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// start does what a program does until its first session may be chosen.
func start(b *testing.B, path string) error {
	s := open(b, path, nil)
	_, err := s.Recover(b.Context(), time.Now())
	if err == nil {
		var p hobby.Progress
		p, err = managerOf(b, s).Progress(b.Context())
		if err == nil && !p.Overall.Measured() {
			err = errors.New("nothing was measured")
		}
	}
	return errors.Join(err, s.Close())
}

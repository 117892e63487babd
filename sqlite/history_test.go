package sqlite_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

func TestMain(m *testing.M) {
	code := m.Run()
	if histories.dir != "" {
		if err := os.RemoveAll(histories.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

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
	if err := errors.Join(sqlitetest.Fill(b.Context(), s, sqlitetest.History{Activities: n}), s.Close()); err != nil {
		b.Fatal(err)
	}
	histories.files[n] = path
	return path
}

// BenchmarkHistory measures what must cost the same however much was practised.
func BenchmarkHistory(b *testing.B) {
	sizes := []int{1000}
	if *million {
		sizes = append(sizes, 1_000_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("activities=%d", n), func(b *testing.B) {
			path := history(b, n)
			b.Run("Start", func(b *testing.B) { benchmarkStart(b, path) })
			s := open(b, path, nil)
			defer s.Close()
			b.Run("Progress", func(b *testing.B) { benchmarkProgress(b, s) })
			b.Run("Status", func(b *testing.B) {
				m := managerOf(b, s)
				for b.Loop() {
					if _, err := m.Status(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
			hobbytest.BenchmarkReads(b, func(*testing.B) hobby.Store { return s })
		})
	}
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

// benchmarkStart measures from opening the file until the first session may
// be chosen.
func benchmarkStart(b *testing.B, path string) {
	for b.Loop() {
		s := open(b, path, nil)
		if _, err := s.Recover(b.Context(), time.Now()); err != nil {
			b.Fatal(err)
		}
		if p, err := managerOf(b, s).Progress(b.Context()); err != nil || !p.Overall.Measured() {
			b.Fatalf("progress %+v, %v", p.Overall, err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkProgress measures progress as it is asked for between sessions, and
// just after one.
func benchmarkProgress(b *testing.B, s *sqlite.Store) {
	m := managerOf(b, s)
	if _, err := m.Progress(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("Unchanged", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.Progress(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("AfterASession", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if _, err := hobbytest.CommitSessions(b.Context(), s, 1, 1); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if _, err := m.Progress(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

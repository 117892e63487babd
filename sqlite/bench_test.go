package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/sqlite"
)

func benchStore(b *testing.B, o *sqlite.Options) *sqlite.Store {
	b.Helper()
	s := open(b, filepath.Join(b.TempDir(), "agent.db"), o)
	b.Cleanup(func() { s.Close() })
	return s
}

func BenchmarkFile(b *testing.B) {
	hobbytest.BenchmarkStore(b, func(b *testing.B) hobby.Store { return benchStore(b, nil) })
}

func BenchmarkMemory(b *testing.B) {
	hobbytest.BenchmarkStore(b, func(b *testing.B) hobby.Store {
		s := open(b, ":memory:", nil)
		b.Cleanup(func() { s.Close() })
		return s
	})
}

// BenchmarkGroupCommit has 8 writers commit sessions in rounds, in turn to a
// store that groups them and to one that gives each a transaction of its own.
// The ratios are the medians of the rounds.
func BenchmarkGroupCommit(b *testing.B) {
	for name, o := range map[string]sqlite.Options{"NORMAL": {}, "FULL": {FullSync: true}} {
		b.Run(name, func(b *testing.B) {
			grouped, single := o, o
			stores := []*sqlite.Store{benchStore(b, &grouped), benchStore(b, single.OneByOne())}
			var took [2]time.Duration
			var ratios, cpuRatios []float64 // cpu is what a busy machine changes less
			b.ResetTimer()
			for done := 0; done < b.N; {
				n := min(200, b.N-done)
				var wall, cpu [2]time.Duration
				for i, s := range stores {
					before := proc.CPUTime()
					d, err := hobbytest.CommitSessions(b.Context(), s, 8, n)
					if err != nil {
						b.Fatal(err)
					}
					wall[i], cpu[i] = d, proc.CPUTime()-before
					took[i] += d
				}
				ratios = append(ratios, wall[1].Seconds()/wall[0].Seconds())
				cpuRatios = append(cpuRatios, cpu[1].Seconds()/cpu[0].Seconds())
				done += n
			}
			b.ReportMetric(float64(b.N)/took[0].Seconds(), "grouped/s")
			b.ReportMetric(float64(b.N)/took[1].Seconds(), "single/s")
			b.ReportMetric(median(ratios), "ratio")
			b.ReportMetric(median(cpuRatios), "cpu-ratio")
		})
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

package sqlite_test

import (
	"path/filepath"
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
func BenchmarkGroupCommit(b *testing.B) {
	for name, o := range map[string]sqlite.Options{"NORMAL": {}, "FULL": {FullSync: true}} {
		b.Run(name, func(b *testing.B) {
			grouped, single := o, o
			stores := []*sqlite.Store{benchStore(b, &grouped), benchStore(b, single.OneByOne())}
			var took, cpu [2]time.Duration // cpu is what a busy machine does not change
			b.ResetTimer()
			for done := 0; done < b.N; {
				n := min(200, b.N-done)
				for i, s := range stores {
					before := proc.CPUTime()
					d, err := hobbytest.CommitSessions(b.Context(), s, 8, n)
					if err != nil {
						b.Fatal(err)
					}
					took[i] += d
					cpu[i] += proc.CPUTime() - before
				}
				done += n
			}
			b.ReportMetric(float64(b.N)/took[0].Seconds(), "grouped/s")
			b.ReportMetric(float64(b.N)/took[1].Seconds(), "single/s")
			b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "ratio")
			b.ReportMetric(cpu[1].Seconds()/cpu[0].Seconds(), "cpu-ratio")
		})
	}
}

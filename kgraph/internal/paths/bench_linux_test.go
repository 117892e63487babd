package paths_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pastime-go/pastime/kgraph/internal/paths"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// preferential is a Barabási-Albert graph: each node chooses m earlier ones, with a
// probability in proportion to their degree.
func preferential(nodes, m int, seed uint64) []rows.Edge {
	r := rand.New(rand.NewPCG(seed, 1))
	edges := make([]rows.Edge, 0, nodes*m)
	ends := make([]int32, 0, 2*nodes*m)
	for n := int32(m); n < int32(nodes); n++ {
		chosen := map[int32]bool{}
		for len(chosen) < m {
			to := int32(len(chosen)) // of the first node
			if len(ends) > 0 {
				to = ends[r.IntN(len(ends))]
			}
			chosen[to] = true
		}
		for _, to := range slices.Sorted(func(yield func(int32) bool) {
			for to := range chosen {
				if !yield(to) {
					return
				}
			}
		}) {
			edges = append(edges, rows.Edge{From: n, To: to, Weight: 1})
			ends = append(ends, n, to)
		}
	}
	return edges
}

// processor is the processor time of this thread in nanoseconds. Another program that
// runs meanwhile does not add to it.
func processor(b *testing.B) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return t.Nano()
}

func BenchmarkShortest(b *testing.B) {
	const nodes = 1_000_000
	g, err := rows.New(nodes, preferential(nodes, 5, 1))
	if err != nil {
		b.Fatal(err)
	}
	f := paths.NewFinder(g)
	r := rand.New(rand.NewPCG(2, 2))
	measure := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var took []float64
			for range b.N {
				begun := processor(b)
				do()
				took = append(took, float64(processor(b)-begun)/1000)
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "us-p50")
			b.ReportMetric(took[len(took)*99/100], "us-p99")
		})
	}
	measure("path", func() {
		if _, ok, err := f.Shortest(b.Context(), r.Int32N(nodes), r.Int32N(nodes), nil); !ok || err != nil {
			b.Fatal(ok, err)
		}
	})
	measure("two hops", func() {
		if _, _, err := f.Around(b.Context(), r.Int32N(nodes), 2, nodes, nil); err != nil {
			b.Fatal(err)
		}
	})
}

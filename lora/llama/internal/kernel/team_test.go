package kernel

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pastime-go/pastime/internal/proc"
)

// BenchmarkFor is two parts of work of some 25 microseconds each, less than a product of
// decoding has: one after the other, on threads that are started, and on threads that
// are ready. It is the best of each, since a machine may have other things to do.
func BenchmarkFor(b *testing.B) {
	x := random(1, 3600)
	var sink atomic.Uint32
	part := func(int) {
		var s float32
		for range 180 {
			s += Dot(x, x)
		}
		sink.Store(uint32(s))
	}
	for _, run := range []struct {
		name    string
		threads int
		ready   bool
	}{{"one thread", 1, false}, {"started", 2, false}, {"ready", 2, true}} {
		b.Run(run.name, func(b *testing.B) {
			p := NewPool(run.threads)
			if run.ready {
				defer p.Work()()
			}
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				p.For(2, part)
				best = min(best, time.Since(start))
			}
			b.ReportMetric(float64(best.Nanoseconds())/1e3, "best-us")
		})
	}
}

// TestIdleTakesNoTime holds that threads without work sleep: while nothing comes, the
// process takes next to no processor time.
func TestIdleTakesNoTime(t *testing.T) {
	p := NewPool(min(4, runtime.GOMAXPROCS(0))) // with more threads than processors none spins
	defer p.Work()()
	p.For(p.Threads(), func(int) {})
	const rest = 50 * time.Millisecond
	before, start := proc.CPUTime(), time.Now()
	<-time.After(rest)
	if spent := proc.CPUTime() - before; spent > time.Since(start)/4 {
		t.Errorf("%v of processor time in %v of rest", spent, time.Since(start))
	}
}

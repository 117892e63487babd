package kernel

import (
	"runtime"
	"sync/atomic"

	"github.com/pastime-go/pastime/internal/mmap"
)

// patience is how many times a thread looks for work before it sleeps. On amd64 that is 40
// to 100 microseconds, and what a step does on one thread between two products takes less.
// Elsewhere a pause may take no time, and threads sleep sooner.
const patience = 2000

// team is a caller and the threads that help it. A helper that is late is not waited
// for, unless it has begun a part of the work: on a crowded machine the caller does all.
type team struct {
	spins   bool
	current atomic.Pointer[job] // the last job; ended says that none follows
	helpers []*helper
}

// ended is the job after which helpers end.
var ended = &job{}

// helper is a thread beside the caller's.
type helper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// job is one For.
type job struct {
	n       int
	f       func(worker, i int)
	next    atomic.Int64 // the next i
	done    atomic.Int64 // how many are done
	waiting atomic.Bool  // the caller sleeps until finished
	failed  atomic.Pointer[any]

	finished chan struct{}
}

// newTeam starts a team of that many threads, the caller's among them. Where
// processors are fewer, spinning would keep them from those that have work.
func newTeam(threads int, spins bool) *team {
	t := &team{spins: spins && threads <= min(runtime.GOMAXPROCS(0), runtime.NumCPU())}
	for i := 1; i < threads; i++ {
		h := &helper{wake: make(chan struct{}, 1)}
		t.helpers = append(t.helpers, h)
		go func() {
			mmap.Watch() // weights are mapped
			var last *job
			for {
				if last = t.after(h, last); last == ended {
					return
				}
				last.work(i)
			}
		}()
	}
	return t
}

// end lets the helpers end.
func (t *team) end() { t.publish(ended) }

func (t *team) publish(j *job) {
	t.current.Store(j)
	for _, h := range t.helpers {
		if h.asleep.CompareAndSwap(true, false) {
			h.wake <- struct{}{}
		}
	}
}

// after waits for the job that follows the last one.
func (t *team) after(h *helper, last *job) *job {
	if t.spin(func() bool { return t.current.Load() != last }) {
		return t.current.Load()
	}
	for {
		h.asleep.Store(true)
		if j := t.current.Load(); j != last {
			if !h.asleep.CompareAndSwap(true, false) {
				<-h.wake // a publish has seen it asleep
			}
			return j
		}
		<-h.wake
	}
}

// run does a job, and returns when all of it is done.
func (t *team) run(n int, f func(worker, i int)) {
	j := &job{n: n, f: f, finished: make(chan struct{}, 1)}
	t.publish(j)
	j.work(0)
	all := func() bool { return j.done.Load() == int64(n) }
	if !t.spin(all) {
		j.waiting.Store(true)
		if !all() || !j.waiting.CompareAndSwap(true, false) {
			<-j.finished
		}
	}
	if r := j.failed.Load(); r != nil {
		panic(*r)
	}
}

// spin waits for a condition, and reports whether it came while patience lasted.
func (t *team) spin(met func() bool) bool {
	for i := 0; t.spins && i < patience && !met(); i++ {
		pause()
	}
	return met()
}

// work does parts of a job until none is left.
func (j *job) work(worker int) {
	for !j.some(worker) {
	}
}

// some is work up to the first panic. After one, what is left is not done.
func (j *job) some(worker int) (all bool) {
	defer func() {
		if r := recover(); r != nil {
			j.failed.CompareAndSwap(nil, &r)
			j.tick()
		}
	}()
	for i := int(j.next.Add(1)) - 1; i < j.n; i = int(j.next.Add(1)) - 1 {
		if j.failed.Load() == nil {
			j.f(worker, i)
		}
		j.tick()
	}
	return true
}

// tick counts a part that is done, and wakes the caller after the last.
func (j *job) tick() {
	if j.done.Add(1) == int64(j.n) && j.waiting.CompareAndSwap(true, false) {
		j.finished <- struct{}{}
	}
}

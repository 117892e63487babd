package kernel

import (
	"runtime"
	"unsafe"
)

// Pool caps the threads of products, and has their scratch memory. One goroutine
// at a time may use a Pool.
type Pool struct {
	// Idle, when set, is called by Mul many times, while none of the pool's
	// threads computes. It may block.
	Idle func()
	// Alloc, when set, allocates the results of Pack and Compact: size bytes of
	// zeros, aligned to 8.
	Alloc func(size int) []byte
	// Packed, when set, is told of the bytes of a weight that Compact has packed and does
	// not read any more.
	Packed func(data []byte)

	threads int
	team    *team       // while Work
	a, b    []float32   // packed panels
	made    [][]float32 // by thread, a panel that is made when it is used

	eights   []eight     // of A, in products with Dots
	unpacked []*unpacked // by thread, what they unpack
}

// NewPool returns a pool of that many threads; 0 means GOMAXPROCS.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Pool{threads: threads}
}

// Scratch is the number of values that a pool keeps for products of at most this
// many rows and columns.
func Scratch(rows, cols int) int { return (rows + min(cols+nr, nc)) * maxKC * 9 / 8 }

// Threads is the cap.
func (p *Pool) Threads() int { return p.threads }

// For calls f for every i in [0, n), on at most the pool's number of threads, and
// returns when all are done. Any thread may run any i, so f(i) must write only
// what belongs to i. A panic in f is repeated by For when no thread runs f any more.
// So is the fault of a mapped file, under mmap.Guard.
func (p *Pool) For(n int, f func(i int)) { p.each(p.threads, n, f) }

// ForWorker is For with the number of the thread, in [0, Threads): two calls
// with the same number never overlap, so it may index scratch memory.
func (p *Pool) ForWorker(n int, f func(worker, i int)) { p.eachWorker(p.threads, n, f) }

// Chunks is For over [0, n) in pieces of at most size.
func (p *Pool) Chunks(n, size int, f func(from, to int)) { p.chunks(p.threads, n, size, f) }

// each is For on at most that many of the pool's threads.
func (p *Pool) each(threads, n int, f func(i int)) {
	if threads == 1 { // and nothing is allocated
		for i := range n {
			f(i)
		}
		return
	}
	p.eachWorker(threads, n, func(_, i int) { f(i) })
}

func (p *Pool) chunks(threads, n, size int, f func(from, to int)) {
	if threads == 1 {
		for from := 0; from < n; from += size {
			f(from, min(n, from+size))
		}
		return
	}
	p.each(threads, (n+size-1)/size, func(i int) { f(i*size, min(n, (i+1)*size)) })
}

func (p *Pool) eachWorker(threads, n int, f func(worker, i int)) {
	threads = min(threads, n)
	if threads <= 1 {
		for i := range n {
			f(0, i)
		}
		return
	}
	t := p.team
	if t == nil { // nobody said that more is to come
		t = newTeam(threads, false)
		defer t.end()
	}
	t.run(n, f)
}

// Work keeps the pool's threads ready until end is called. Without it, each For
// starts them. A thread without work waits for the next For by spinning, which takes
// less than a microsecond to begin, and sleeps when none comes for a while: a caller
// that is blocked, in Idle for example, takes no processor time. A second Work within
// the first changes nothing.
func (p *Pool) Work() (end func()) {
	if p.team != nil || p.threads == 1 {
		return func() {}
	}
	p.team = newTeam(p.threads, true)
	return func() {
		p.team.end()
		p.team = nil
	}
}

// alloc makes n values that are kept.
func alloc[T byte | uint16 | float32](p *Pool, n int) []T {
	if p.Alloc == nil || n == 0 {
		return make([]T, n)
	}
	var v T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(p.Alloc(n*int(unsafe.Sizeof(v)))))), n)
}

// grow returns s with at least n values, of no particular content.
func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n+n/8)
	}
	return s[:cap(s)]
}

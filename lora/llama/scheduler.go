package llama

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/sample"
)

// ErrClosed is the error of a model that has been closed.
var ErrClosed = errors.New("llama: the model is closed")

// errAbandoned ends a step whose callers no longer wait.
var errAbandoned = errors.New("llama: nobody waits")

// scheduler answers requests together. Every step takes the next token of all
// active answers, and pieces of the prompts of those that come next. An answer
// does not depend on the others.
type scheduler struct {
	decoder *nn.Decoder
	cache   *nn.Cache
	pool    *kernel.Pool
	vocab   int
	pages   int // that may be in use
	batch   int // answers at once

	mu      sync.Mutex
	arrived []*answer
	closed  bool
	wake    chan struct{}
	ended   chan struct{}

	// Used by the loop only.
	waiting  []*answer
	active   []*answer
	prompts  map[string]*prompt
	idle     []*prompt        // read and unused, the longest unused first
	reserved int              // pages
	fault    error            // the weights cannot be read any more
	scratch  []sample.Scratch // by thread
}

// piece is the number of tokens of prompts that a step reads.
const piece = 128

// maxIdle is the number of prompts that are kept after their answers, and keepIdle
// how long they are kept while no request comes.
const (
	maxIdle  = 16
	keepIdle = time.Minute
)

func newScheduler(d *nn.Decoder, c *nn.Config, pool *kernel.Pool, pages, batch int) *scheduler {
	s := &scheduler{
		decoder: d, cache: nn.NewCache(c), pool: pool, vocab: c.Vocab, pages: pages, batch: batch,
		prompts: map[string]*prompt{}, scratch: make([]sample.Scratch, pool.Threads()),
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	d.Yield = s.yield
	go s.run()
	return s
}

// submit hands over a group's answers.
func (s *scheduler) submit(g *group) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.arrived = append(s.arrived, g.answers...)
	s.rouse()
	return nil
}

func (s *scheduler) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// close ends all answers with ErrClosed and waits until the loop has ended.
func (s *scheduler) close() {
	s.mu.Lock()
	s.closed = true
	s.rouse()
	s.mu.Unlock()
	<-s.ended
}

func (s *scheduler) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// yield ends a step when the model is closed, or when no caller waits for any of
// the answers. It is called while the loop is in the step.
func (s *scheduler) yield() error {
	if s.isClosed() {
		return ErrClosed
	}
	for _, a := range s.active {
		if a.ctx.Err() == nil {
			return nil
		}
	}
	return errAbandoned
}

func (s *scheduler) run() {
	defer close(s.ended)
	defer s.pool.Work()() // its threads sleep while there is nothing to answer
	for {
		s.mu.Lock()
		s.waiting = append(s.waiting, s.arrived...)
		s.arrived = nil
		closed := s.closed
		s.mu.Unlock()
		if closed {
			for _, a := range slices.Concat(s.active, s.waiting) {
				a.end("", ErrClosed)
				a.close()
			}
			return
		}
		s.admit()
		switch {
		case len(s.active) > 0:
			s.step()
		case len(s.waiting) > 0: // earlier answers ended with their first token
		default:
			s.rest()
		}
	}
}

// rest waits for the next request. After a while without one it frees the
// prompts that were kept and the unused memory.
func (s *scheduler) rest() {
	late := time.NewTimer(keepIdle)
	defer late.Stop()
	select {
	case <-s.wake:
		return
	case <-late.C:
	}
	for len(s.idle) > 0 {
		s.forget(s.idle[0])
	}
	s.cache.Trim()
	<-s.wake
}

// admit takes on waiting answers, in their order, while there are pages.
func (s *scheduler) admit() {
	for len(s.waiting) > 0 && len(s.active) < s.batch {
		a := s.waiting[0]
		if err := a.ctx.Err(); err != nil {
			a.end("", err)
			a.close()
			s.waiting = s.waiting[1:]
			continue
		}
		p := s.promptOf(a)
		if !s.reserve(p, a) {
			break
		}
		a.shared = p
		s.waiting = s.waiting[1:]
		s.active = append(s.active, a)
	}
	s.begin()
}

// reserve takes the pages that an answer may need, if necessary from idle
// prompts. One answer alone always has room.
func (s *scheduler) reserve(p *prompt, a *answer) bool {
	s.use(p)
	need := nn.Pages(0, a.most)
	if p.seq == nil {
		need += p.pages
	}
	for s.reserved+need > s.pages && len(s.idle) > 0 {
		s.forget(s.idle[0])
	}
	if s.reserved+need > s.pages {
		s.release(p)
		return false
	}
	if p.seq == nil {
		p.seq = s.cache.Sequence()
	}
	s.reserved += need
	return true
}

// begin begins the active answers whose prompts have been read.
func (s *scheduler) begin() {
	var begun []*answer
	for _, a := range s.active {
		if a.seq == nil && a.shared.ready() {
			a.seq = a.shared.seq.Fork()
			begun = append(begun, a)
		}
	}
	s.pool.ForWorker(len(begun), func(w, i int) { begun[i].take(begun[i].shared.logits, &s.scratch[w]) })
	s.sweep()
}

// sweep drops the answers that have ended.
func (s *scheduler) sweep() {
	kept := s.active[:0]
	for _, a := range s.active {
		if err := a.ctx.Err(); err != nil {
			a.end("", err)
		}
		if !a.ended() {
			kept = append(kept, a)
			continue
		}
		if a.seq != nil {
			a.seq.Free()
		}
		s.reserved -= nn.Pages(0, a.most)
		s.release(a.shared)
		a.close()
	}
	clear(s.active[len(kept):])
	s.active = kept
}

// share is what a step does for one sequence: n tokens of a prompt, or the last
// token of an answer.
type share struct {
	prompt *prompt
	answer *answer
	n      int
}

func (h share) adapter() *adapter {
	if h.prompt != nil {
		return h.prompt.adapter
	}
	return h.answer.adapter
}

// step takes all active answers one token further.
func (s *scheduler) step() {
	shares := s.plan()
	var rows []nn.Row
	for _, h := range shares {
		row := nn.Row{Adapter: h.adapter().weights()}
		if h.answer != nil {
			row.Seq, row.Token, row.Logits = h.answer.seq, h.answer.last, true
			rows = append(rows, row)
			continue
		}
		p := h.prompt
		for i := range h.n {
			row.Seq, row.Token = p.seq, p.tokens[p.read+i]
			row.Logits = p.read+i == len(p.tokens)-1
			rows = append(rows, row)
		}
	}
	var logits []float32
	err := s.fault
	if err == nil {
		err = mmap.Guard(func() (err error) {
			logits, err = s.decoder.Step(rows)
			return err
		})
	}
	if errors.Is(err, mmap.ErrFault) {
		s.fault = err // what the decoder keeps may be half done
	}
	if err != nil {
		s.fail(shares, err)
		return
	}
	var drawing []*answer
	var from [][]float32
	for _, h := range shares {
		switch {
		case h.answer != nil:
			drawing, from = append(drawing, h.answer), append(from, logits[:s.vocab])
			logits = logits[s.vocab:]
		default:
			p := h.prompt
			if p.read += h.n; p.ready() {
				p.logits = slices.Clone(logits[:s.vocab])
				logits = logits[s.vocab:]
			}
		}
	}
	s.pool.ForWorker(len(drawing), func(w, i int) { drawing[i].take(from[i], &s.scratch[w]) })
	s.begin()
}

// plan returns the shares of a step, with those of one adapter together.
func (s *scheduler) plan() []share {
	var shares []share
	left := piece
	planned := map[*prompt]bool{}
	for _, a := range s.active {
		switch p := a.shared; {
		case a.seq != nil:
			shares = append(shares, share{answer: a})
		case !planned[p] && left > 0 && s.share(p, planned):
			n := min(left, len(p.tokens)-p.read)
			planned[p] = true
			left -= n
			shares = append(shares, share{prompt: p, n: n})
		}
	}
	slices.SortStableFunc(shares, func(x, y share) int { return cmp.Compare(x.adapter().number(), y.adapter().number()) })
	return shares
}

// fail ends all active answers after a failed step. The prompts that the step was
// reading cannot be used any more.
func (s *scheduler) fail(shares []share, err error) {
	for _, h := range shares {
		if h.prompt != nil {
			h.prompt.broken = true
		}
	}
	for _, a := range s.active {
		if cause := a.ctx.Err(); cause != nil {
			a.end("", cause)
		}
		a.end("", err)
	}
	s.sweep()
}

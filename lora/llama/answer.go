package llama

import (
	"context"
	"fmt"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/constrain"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/sample"
)

// answer is the answer to one request while the scheduler writes it.
type answer struct {
	ctx      context.Context
	prompt   []int
	adapter  *adapter
	most     int // tokens
	sampler  *sample.Sampler
	matcher  *constrain.Matcher // nil when the answer may be any text
	vocab    vocabulary
	writer   writer
	logProbs bool
	group    *group

	// Used by the scheduler only.
	shared *prompt
	seq    *nn.Sequence
	last   int // the token to read next

	tokens int
	probs  []hobby.TokenLogProb
	finish hobby.Finish
	err    error

	mu    sync.Mutex
	delta string // written, but not yet passed on by the group
	done  bool
}

// group has the answers that one caller waits for.
type group struct {
	answers []*answer
	news    chan struct{} // of deltas and ends; holds one
}

func (g *group) tell() {
	select {
	case g.news <- struct{}{}:
	default:
	}
}

// wait passes the deltas on until all answers have ended, or ctx has.
func (g *group) wait(ctx context.Context, onDelta func(i int, delta string)) error {
	for {
		left := 0
		for i, a := range g.answers {
			a.mu.Lock()
			delta, done := a.delta, a.done
			a.delta = ""
			a.mu.Unlock()
			if delta != "" && ctx.Err() == nil {
				onDelta(i, delta)
			}
			if !done {
				left++
			} else if a.err != nil {
				return a.err
			}
		}
		if left == 0 {
			return ctx.Err() // some of the text may not have been passed on
		}
		select {
		case <-g.news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take draws the next token from the logits after the last one.
func (a *answer) take(logits []float32, w *sample.Scratch) {
	var mask []uint64
	if a.matcher != nil {
		var err error
		if mask, err = a.matcher.Mask(a.most - a.tokens); err != nil {
			a.end("", err)
			return
		}
	}
	id, err := a.sampler.Next(logits, mask, w)
	if err != nil {
		a.end("", err)
		return
	}
	if a.vocab.ends[id] {
		a.end(hobby.FinishStop, nil)
		return
	}
	a.last = id
	a.tokens++
	a.sampler.See(id)
	piece := a.vocab.pieces[id]
	if a.logProbs {
		a.probs = append(a.probs, hobby.TokenLogProb{Token: piece, LogProb: sample.LogProb(logits, id)})
	}
	delta, stopped := a.writer.add(piece)
	a.tell(delta)
	if a.matcher != nil && !a.matcher.Accept(id) {
		a.end("", fmt.Errorf("token %d was drawn and may not come", id))
		return
	}
	switch {
	case stopped, a.matcher != nil && a.matcher.Done():
		a.end(hobby.FinishStop, nil)
	case a.tokens >= a.most:
		a.end(hobby.FinishLength, nil)
	}
}

func (a *answer) ended() bool { return a.finish != "" || a.err != nil }

// end ends the answer. The scheduler drops it afterwards.
func (a *answer) end(f hobby.Finish, err error) {
	if !a.ended() {
		a.tell(a.writer.end())
		a.finish, a.err = f, err
	}
}

func (a *answer) tell(delta string) {
	if delta == "" {
		return
	}
	a.mu.Lock()
	a.delta += delta
	a.mu.Unlock()
	a.group.tell()
}

// close tells the caller that the answer has ended.
func (a *answer) close() {
	a.mu.Lock()
	a.done = true
	a.mu.Unlock()
	a.group.tell()
}

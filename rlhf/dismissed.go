package rlhf

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"github.com/pastime-go/pastime/hobby"
)

// dismissals are the last words on insights that say whether they are helpful, and how far the
// feedback was read.
type dismissals struct {
	mu        sync.Mutex
	after     int64
	forgotten int64
	words     map[opinion]bool // whether it is helpful
	shapes    map[Ref]string
}

// opinion names what a rater says of a target.
type opinion struct {
	rater string
	of    Ref
}

// Dismissed are the shapes of insights (see [hobby.Insight.Shape]) that more people called
// unhelpful than helpful. Each has one voice on a shape, however many insights of it they
// judge. It reads only the feedback that is new since the last call.
func (p *Pipeline) Dismissed(ctx context.Context) (map[string]bool, error) {
	d := &p.dismissals
	d.mu.Lock()
	defer d.mu.Unlock()
	forgotten, err := p.store.Forgotten(ctx)
	if err != nil {
		return nil, fmt.Errorf("rlhf: reading what was forgotten: %w", err)
	}
	if d.words == nil || forgotten != d.forgotten {
		d.after, d.forgotten, d.words, d.shapes = 0, forgotten, map[opinion]bool{}, map[Ref]string{}
	}
	for {
		batch, err := p.store.Ratings(ctx, d.after, 10_000)
		if err != nil {
			return nil, fmt.Errorf("rlhf: reading feedback: %w", err)
		}
		for i := range batch {
			d.take(&batch[i])
		}
		if len(batch) == 0 {
			break
		}
		d.after = batch[len(batch)-1].Pos
	}
	type voice struct{ rater, shape string }
	voices := map[voice]int{} // what is said of the insights of a shape, together
	for w, helpful := range d.words {
		v := voice{w.rater, d.shapes[w.of]}
		if helpful {
			voices[v]++
		} else {
			voices[v]--
		}
	}
	votes := map[string]int{}
	for v, n := range voices {
		votes[v.shape] += cmp.Compare(n, 0)
	}
	out := map[string]bool{}
	for shape, n := range votes {
		if n < 0 {
			out[shape] = true
		}
	}
	return out, nil
}

// take notes feedback, which goes over what the rater said of the target before.
func (d *dismissals) take(r *Rated) {
	if r.Type != Insight {
		return
	}
	w := opinion{r.Rater, r.About.Ref()}
	if r.Helpful == nil {
		if r.User != "" { // an edit without the flag takes it back
			delete(d.words, w)
		}
		return
	}
	d.words[w] = *r.Helpful
	d.shapes[w.of] = hobby.ShapeOf(r.About.Kind, r.About.Text)
}

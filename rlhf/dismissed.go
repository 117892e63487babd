package rlhf

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// dismissals are the last words on insights that say whether they are helpful, and how far the
// feedback was read.
type dismissals struct {
	mu        sync.Mutex
	after     int64
	forgotten int64
	words     map[opinion]verdict
	shapes    map[Ref]string
}

// verdict is whether a target is helpful, and when that was said by a stranger: somebody without a
// name, or with one that nobody vouches for.
type verdict struct {
	helpful  bool
	stranger bool
	at       time.Time
}

// lapses is how long strangers silence a shape after they last spoke.
const lapses = 30 * 24 * time.Hour

// opinion names what a rater says of a target.
type opinion struct {
	rater string
	of    Ref
}

// Dismissed are the shapes of insights (see [hobby.Insight.Shape]) that more people called
// unhelpful than helpful. Each has one voice on a shape, however many insights of it they
// judge. Strangers, without a name or with one that nobody vouches for (see
// [Feedback.Claimed]), decide together, and only where others do not: none
// of these spoke, or as many for a shape as against it. What counts is most of the UTC days of
// the last 30 on which strangers spoke: what they silence is told again after that time, unless
// they repeat it. It reads only the feedback that is new since the last call.
func (p *Pipeline) Dismissed(ctx context.Context) (map[string]bool, error) {
	d := &p.dismissals
	d.mu.Lock()
	defer d.mu.Unlock()
	forgotten, err := p.store.Forgotten(ctx)
	if err != nil {
		return nil, fmt.Errorf("rlhf: reading what was forgotten: %w", err)
	}
	if d.words == nil || forgotten != d.forgotten {
		d.after, d.forgotten, d.words, d.shapes = 0, forgotten, map[opinion]verdict{}, map[Ref]string{}
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
	return d.silenced(time.Now()), nil
}

// silenced are the shapes that [Pipeline.Dismissed] tells of.
func (d *dismissals) silenced(now time.Time) map[string]bool {
	type voice struct{ shape, of string }
	voices, days := map[voice]int{}, map[voice]int{} // what is said of the insights of a shape, together
	for o, w := range d.words {
		v, sums := voice{d.shapes[o.of], o.rater}, voices
		if w.stranger {
			if now.Sub(w.at) > lapses {
				continue
			}
			v.of, sums = w.at.UTC().Format(time.DateOnly), days
		}
		if w.helpful {
			sums[v]++
		} else {
			sums[v]--
		}
	}
	strangers := map[string]int{}
	for v, n := range days {
		strangers[v.shape] += cmp.Compare(n, 0)
	}
	votes := map[string]int{}
	for v, n := range voices {
		votes[v.shape] += cmp.Compare(n, 0)
	}
	out := map[string]bool{}
	for _, shape := range d.shapes {
		if cmp.Or(votes[shape], strangers[shape]) < 0 {
			out[shape] = true
		}
	}
	return out
}

// take notes feedback, which goes over what the rater said of the target before.
func (d *dismissals) take(r *Rated) {
	if r.Type != Insight {
		return
	}
	w := opinion{cmp.Or(r.Voice, r.Rater), r.About.Ref()}
	if r.Helpful == nil {
		if r.User != "" { // an edit without the flag takes it back
			delete(d.words, w)
		}
		return
	}
	d.words[w] = verdict{*r.Helpful, r.User == "" || r.Voice != "", r.At}
	d.shapes[w.of] = hobby.ShapeOf(r.About.Kind, r.About.Text)
}

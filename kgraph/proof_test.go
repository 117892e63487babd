package kgraph

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// netOfSteps is the net of as many facts under a transitive relation, each from where the last
// one ends.
func netOfSteps(t *testing.T, facts int) *net {
	t.Helper()
	r, err := newRules([]Relation{{Name: "before", Transitive: true}})
	if err != nil {
		t.Fatal(err)
	}
	x := newIndex(r)
	c := Change{Rev: 1, Op: Stated, Origin: Origin{ID: "1", Recorded: time.Unix(1, 0)}}
	for i := range facts {
		c.Statements = append(c.Statements, Statement{Claim: hobby.Claim{
			Subject: fmt.Sprint("n", i), Relation: "before", Object: fmt.Sprint("n", i+1), Confidence: 1,
		}})
	}
	x.apply(&c)
	held := func(f func()) { f() }
	n := newNet(newView(x, At{}.lens(time.Now()), held, nil), held)
	return n
}

// TestLongProof has each step of a proof that is cut off have all it follows from, or
// nothing.
func TestLongProof(t *testing.T) {
	n := netOfSteps(t, 6)
	k, err := n.known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int]int{1: 0, 7: 6, 1000: 10} {
		told, left := 0, most
		var walk func(*Proof)
		walk = func(p *Proof) {
			told += len(p.From)
			if len(p.From) != 0 && len(p.From) != 2 {
				t.Errorf("%s before %s follows from %d", p.Source, p.Target, len(p.From))
			}
			for i := range p.From {
				walk(&p.From[i])
			}
		}
		last := len(k.proofs) - 1
		p := n.prove(k.edge(int32(len(n.facts)+last)), k, &k.closure.Facts[k.proofs[last]], &left)
		if walk(&p); told != want {
			t.Errorf("of at most %d premises %d are told, want %d: %+v", most, told, want, p)
		}
	}
}

// TestWhoWaitsMayStop has what is made for all end with the one who makes it, be made by
// the next, and let go of those who wait.
func TestWhoWaitsMayStop(t *testing.T) {
	o := once[int]{mu: newMutex()}
	left, leave := context.WithCancelCause(t.Context())
	gone := errors.New("the caller left")
	making, waited := make(chan struct{}), make(chan error)
	go func() {
		_, err := o.of(left, func() (int, error) { close(making); <-left.Done(); return 0, context.Cause(left) })
		waited <- err
	}()
	<-making
	short, end := context.WithCancel(t.Context())
	end()
	if _, err := o.of(short, func() (int, error) { t.Error("two make it"); return 0, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits and leaves gets %v", err)
	}
	leave(gone)
	if err := <-waited; !errors.Is(err, gone) {
		t.Errorf("who makes it and leaves gets %v", err)
	}
	for want := range 2 {
		if got, err := o.of(t.Context(), func() (int, error) { return 7 + want, nil }); got != 7 || err != nil {
			t.Errorf("the next gets %d, %v", got, err)
		}
	}
}

// TestInferenceEnds has the search for what follows end with the caller, and be done for the
// next.
func TestInferenceEnds(t *testing.T) {
	n := netOfSteps(t, 100)
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := n.known(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("what follows, for nobody: %v", err)
	}
	if k, err := n.known(t.Context()); err != nil || len(k.proofs) != 100*99/2 {
		t.Errorf("what follows has %d proofs, %v", len(k.proofs), err)
	}
}

package kgraph

import (
	"fmt"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// TestLongProof has each step of a proof that is cut off have all it follows from, or
// nothing.
func TestLongProof(t *testing.T) {
	r, err := newRules([]Relation{{Name: "before", Transitive: true}})
	if err != nil {
		t.Fatal(err)
	}
	x := newIndex(r)
	c := Change{Rev: 1, Op: Stated, Origin: Origin{ID: "1", Recorded: time.Unix(1, 0)}}
	for i := range 6 {
		c.Statements = append(c.Statements, Statement{Claim: hobby.Claim{
			Subject: fmt.Sprint("n", i), Relation: "before", Object: fmt.Sprint("n", i+1), Confidence: 1,
		}})
	}
	x.apply(&c)
	held := func(f func()) { f() }
	n := newNet(newView(x, At{}.lens(time.Now()), held, nil), held)
	k := n.all()
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
		p := n.prove(n.edge(int32(len(n.facts)+last)), k, &k.closure.Facts[k.proofs[last]], &left)
		if walk(&p); told != want {
			t.Errorf("of at most %d premises %d are told, want %d: %+v", most, told, want, p)
		}
	}
}

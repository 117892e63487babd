package kgraph

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var restored = flag.Int("restored", 20_000, "the concepts of the graph that BenchmarkRestore opens, with five times as many relations")

// BenchmarkRestore opens a graph after Barabási and Albert from a snapshot in memory.
func BenchmarkRestore(b *testing.B) {
	r, err := newRules(Relations())
	if err != nil {
		b.Fatal(err)
	}
	x, random := newIndex(r), rand.New(rand.NewPCG(1, 2))
	ends := []int{0}
	c := Change{Op: Stated}
	for n := 1; n < *restored; n++ {
		for range 5 {
			to := ends[random.IntN(len(ends))]
			ends = append(ends, to)
			c.Statements = append(c.Statements, Statement{Claim: hobby.Claim{
				Subject: fmt.Sprint("concept ", n), Relation: "near", Object: fmt.Sprint("concept ", to), Confidence: 1,
			}})
		}
		ends = append(ends, n, n, n, n, n)
		if n%20 == 0 {
			c.Rev++
			c.Origin = Origin{ID: fmt.Sprint(n), Recorded: time.Unix(1, 0)}
			x.apply(&c)
			c.Statements = nil
		}
	}
	snapshot := snapshotOf(b, x)
	x, ends = nil, nil
	b.ReportAllocs()
	b.SetBytes(int64(len(snapshot)))
	for b.Loop() {
		if _, err := restore(bytes.NewReader(snapshot), r.fresh()); err != nil {
			b.Fatal(err)
		}
	}
}

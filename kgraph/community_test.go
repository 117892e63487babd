package kgraph_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

var grown = flag.Uint64("grown", 3, "how many graphs TestCommunitiesKeepTheirIDs grows")

// TestCommunitiesKeepTheirIDs has groups grow while which of their concepts is mentioned most
// changes, and new groups come: each keeps its id, and its label once there are twice as many
// facts as when it came. A graph that is opened anew at any time, and one that looks at an
// earlier revision, say the same.
func TestCommunitiesKeepTheirIDs(t *testing.T) {
	for seed := range *grown {
		synctest.Test(t, func(t *testing.T) { // where nothing takes so long that what is older serves
			time.Sleep(time.Until(day))
			grow(t, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func grow(t *testing.T, r *rand.Rand) {
	g, s := open(t, ":memory:", nil)
	defer s.Close()
	members, facts := make([]int, 3), 0
	name := func(group, i int) string { return fmt.Sprint(string(rune('a'+group)), i) }
	communities := func(g *kgraph.Graph, at kgraph.At) (of []kgraph.Community) {
		for group, n := range members {
			for _, i := range []int{0, r.IntN(n), n - 1} {
				c, err := g.Concept(t.Context(), name(group, i), at, 1)
				if err != nil {
					t.Fatal(err)
				}
				if of = append(of, c.Community); i > 0 && of[group] != c.Community {
					t.Fatalf("of group %d, one is in %v and one in %v", group, of[group], c.Community)
				}
				of = of[:group+1]
			}
		}
		return of
	}
	var known []kgraph.Community
	var born []int // after so many facts
	for step := range 30 {
		if step%12 == 11 {
			members = append(members, 0)
		}
		var all []kgraph.Statement
		for group := range members {
			from, to := members[group], members[group]+4
			for i := from; i < to; i++ {
				for range 4 { // some recent ones, and some of all
					all = append(all, says(name(group, i), "near", name(group, max(0, to-12)+r.IntN(min(12, to)))),
						says(name(group, i), "near", name(group, r.IntN(to))))
				}
			}
			members[group] = to
		}
		add(t, g, fmt.Sprint(step), day, all...)
		now := communities(g, kgraph.At{})
		for group, before := range known {
			before.Size = now[group].Size
			if facts < 2*born[group] {
				before.Name = now[group].Name
			}
			if d := cmp.Diff(before, now[group]); d != "" {
				t.Fatalf("step %d, group %d (-before +now):\n%s", step, group, d)
			}
		}
		facts += len(all)
		for len(born) < len(now) {
			born = append(born, facts)
		}
		if known = now; step%10 > 0 {
			continue
		}
		log, err := graphs.New(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := kgraph.New(log, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(now, communities(again, kgraph.At{})); d != "" {
			t.Fatalf("step %d: opened again (-before +after):\n%s", step, d)
		}
		if d := cmp.Diff(now, communities(again, kgraph.At{Rev: int64(step + 1)})); d != "" {
			t.Fatalf("step %d: by its revision (-newest +revision):\n%s", step, d)
		}
	}
}

package infer_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/kgraph/internal/infer"
)

// naive applies every rule to all facts until nothing changes.
func naive(facts []infer.Stated, laws []infer.Law) map[infer.Fact]int64 {
	costs := map[infer.Fact]int64{}
	put := func(f infer.Fact, cost int64) bool {
		if old, ok := costs[f]; ok && old <= cost {
			return false
		}
		costs[f] = cost
		return true
	}
	ruled := map[int32]bool{}
	for _, l := range laws {
		ruled[l.Relation] = true
		ruled[l.Inverse] = true
	}
	for _, f := range facts {
		if ruled[f.Relation] {
			put(f.Fact, f.Cost)
		}
	}
	for changed := true; changed; {
		changed = false
		derive := func(f infer.Fact, cost int64) {
			if f.From != f.To && put(f, cost) {
				changed = true
			}
		}
		for _, l := range laws {
			for f, cost := range costs {
				switch {
				case l.Inverse >= 0 && f.Relation == l.Inverse:
					derive(infer.Fact{From: f.To, Relation: l.Relation, To: f.From}, cost)
				}
				if f.Relation != l.Relation {
					continue
				}
				if l.Symmetric {
					derive(infer.Fact{From: f.To, Relation: l.Relation, To: f.From}, cost)
				}
				if l.Inverse >= 0 {
					derive(infer.Fact{From: f.To, Relation: l.Inverse, To: f.From}, cost)
				}
				for g, other := range costs {
					if l.Transitive && g.Relation == l.Relation && g.From == f.To {
						derive(infer.Fact{From: f.From, Relation: l.Relation, To: g.To}, cost+other)
					}
				}
			}
		}
	}
	return costs
}

func check(t *rapid.T, facts []infer.Stated, laws []infer.Law) {
	c, err := infer.Close(t.Context(), facts, laws, 10_000)
	if err != nil || c.Cut {
		t.Fatal(err, c.Cut)
	}
	got := map[infer.Fact]int64{}
	for _, f := range c.Facts {
		got[f.Fact] = f.Cost
	}
	if diff := cmp.Diff(naive(facts, laws), got); diff != "" {
		t.Fatalf("laws %v (-want +got):\n%s", laws, diff)
	}
	for i, f := range c.Facts {
		if c.At(f.Fact) != int32(i) {
			t.Fatalf("fact %d is at %d", i, c.At(f.Fact))
		}
		stated := slices.ContainsFunc(facts, func(s infer.Stated) bool { return s.Fact == f.Fact })
		if stated != f.Stated || !stated && f.Rule == infer.Known {
			t.Fatalf("%v, stated %v", f, stated)
		}
		proves(t, c, int32(i), facts, laws)
	}
}

// proves checks a proof's last step, and that its premises came before.
func proves(t *rapid.T, c *infer.Closure, at int32, facts []infer.Stated, laws []infer.Law) {
	f := c.Facts[at]
	cost, steps := int64(0), int32(1)
	var p []infer.Derived
	for _, n := range f.Premises {
		if n >= at {
			t.Fatalf("%v has a premise that is not before it", f)
		}
		p = append(p, c.Facts[n])
		cost, steps = cost+c.Facts[n].Cost, steps+c.Facts[n].Steps
	}
	if f.Rule == infer.Known {
		if len(p) > 0 || f.Steps != 0 || !slices.Contains(facts, infer.Stated{Fact: f.Fact, Cost: f.Cost}) {
			t.Fatalf("%v is not known", f)
		}
		return
	}
	holds := cost == f.Cost && steps == f.Steps && slices.ContainsFunc(laws, func(l infer.Law) bool {
		switch f.Rule {
		case infer.BySymmetry:
			return l.Symmetric && l.Relation == f.Relation && len(p) == 1 && p[0].Fact == infer.Fact{From: f.To, Relation: f.Relation, To: f.From}
		case infer.ByInverse:
			return len(p) == 1 && p[0].From == f.To && p[0].To == f.From &&
				(l.Relation == f.Relation && l.Inverse == p[0].Relation || l.Inverse == f.Relation && l.Relation == p[0].Relation)
		case infer.ByTransitivity:
			return l.Transitive && l.Relation == f.Relation && len(p) == 2 && p[0].Relation == f.Relation && p[1].Relation == f.Relation &&
				p[0].From == f.From && p[0].To == p[1].From && p[1].To == f.To
		}
		return false
	})
	if !holds {
		t.Fatalf("%v does not follow from %v by %v", f, p, laws)
	}
}

// TestClose compares with the naive evaluation, before and after a fact is taken back.
func TestClose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		node := rapid.Int32Range(0, 4)
		facts := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) infer.Stated {
			fact := infer.Fact{From: node.Draw(t, "from"), Relation: rapid.Int32Range(0, 3).Draw(t, "relation"), To: node.Draw(t, "to")}
			return infer.Stated{Fact: fact, Cost: rapid.Int64Range(0, 3).Draw(t, "cost")}
		}), 0, 10, func(s infer.Stated) infer.Fact { return s.Fact }).Draw(t, "facts")
		laws := []infer.Law{
			{Relation: 0, Symmetric: rapid.Bool().Draw(t, "symmetric"), Transitive: rapid.Bool().Draw(t, "transitive"), Inverse: -1},
			{Relation: 1, Transitive: rapid.Bool().Draw(t, "transitive"), Inverse: rapid.SampledFrom([]int32{-1, 2}).Draw(t, "inverse")},
		}
		check(t, facts, laws)
		for i := range facts {
			check(t, slices.Delete(slices.Clone(facts), i, i+1), laws)
		}
	})
}

// TestCut keeps the surest.
func TestCut(t *testing.T) {
	var facts []infer.Stated
	for i := range int32(5) {
		facts = append(facts, infer.Stated{Fact: infer.Fact{From: i, To: i + 1}, Cost: int64(i)})
	}
	c, err := infer.Close(t.Context(), facts, []infer.Law{{Transitive: true, Inverse: -1}}, 2)
	if err != nil || !c.Cut {
		t.Fatal(err, c.Cut)
	}
	var got []infer.Fact
	for _, f := range c.Facts {
		if !f.Stated {
			got = append(got, f.Fact)
		}
	}
	if diff := cmp.Diff([]infer.Fact{{From: 0, To: 2}, {From: 1, To: 3}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHub joins many with many at one node. All that is stated is there, and no more
// waits than is bounded.
func TestHub(t *testing.T) {
	const many = 1000
	var facts []infer.Stated
	for i := range int32(many) {
		facts = append(facts, infer.Stated{Fact: infer.Fact{From: 1 + i, To: 0}, Cost: 1},
			infer.Stated{Fact: infer.Fact{To: 1 + many + i}, Cost: 1})
	}
	c, err := infer.Close(t.Context(), facts, []infer.Law{{Transitive: true, Inverse: -1}}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Cut || len(c.Facts) > len(facts)+100 {
		t.Errorf("%d facts, cut %v", len(c.Facts), c.Cut)
	}
	for _, f := range facts {
		if c.At(f.Fact) < 0 {
			t.Fatalf("%v is missing", f.Fact)
		}
	}
}

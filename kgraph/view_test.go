package kgraph

import (
	"fmt"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// TestSlowViews has a view that took long serve for a while for the newest revision, and
// no other one serve for it.
func TestSlowViews(t *testing.T) {
	now := time.Now()
	var x *index
	var s views
	state := func() {
		n := len(x.origins) + 1
		x.apply(&Change{Rev: int64(n), Op: Stated, Origin: Origin{ID: fmt.Sprint(n), Recorded: now}, Statements: []Statement{
			{Claim: hobby.Claim{Subject: "a", Relation: "near", Object: fmt.Sprint(n), Confidence: 1}},
		}})
	}
	look := func(what string, at At, later time.Duration, want int64) *view {
		t.Helper()
		v := s.at(x, at, now.Add(later))
		if v.lens.rev != want || int64(len(v.edges)) != want {
			t.Errorf("%s: revision %d with %d edges, want %d", what, v.lens.rev, len(v.edges), want)
		}
		v.took = time.Minute
		return v
	}
	for _, c := range []struct {
		name  string
		first At // is looked at while there are two revisions
		want  int64
	}{
		{"the newest", At{}, 2},
		{"an old one", At{Rev: 1}, 3},
		{"the newest by its number", At{Rev: 2}, 3},
		{"what was recorded until later", At{AsOf: now.Add(time.Hour)}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := newRules(nil)
			if err != nil {
				t.Fatal(err)
			}
			x, s = newIndex(r), views{}
			state()
			state()
			look("at first", c.first, 0, map[bool]int64{true: 1, false: 2}[c.first.Rev == 1])
			state()
			if n := x.stated(look("the newest", At{}, time.Second, c.want).lens.rev); int64(n) != c.want {
				t.Errorf("%d facts at revision %d", n, c.want)
			}
			look("the third by its number", At{Rev: 3}, time.Second, 3)
			look("the second by its number", At{Rev: 2}, time.Second, 2)
			look("the newest, long after", At{}, time.Hour, 3)
		})
	}
}

// TestWaitingIsNotSlow has a view that others were made before be as slow as it is itself.
func TestWaitingIsNotSlow(t *testing.T) {
	r, err := newRules(nil)
	if err != nil {
		t.Fatal(err)
	}
	var s views
	if v := s.at(newIndex(r), At{}, time.Now().Add(-time.Hour)); v.took > time.Minute {
		t.Errorf("making a view of nothing took %v", v.took)
	}
}

package practice

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
)

// TestQuoted checks that a wrong answer and the right one can be told apart where they are quoted, and
// that the shape of what is said has nothing of them.
func TestQuoted(t *testing.T) {
	call := `<tool_call> {"name": "read_file", "arguments": {"path": "`
	for _, c := range []struct{ answer, reference, said, right string }{
		{"42", "43", "42", "43"},
		{"", "43", "", "43"},
		{"a “b”\n\x1b", strings.Repeat("c", 41), `a "b"`, strings.Repeat("c", 39) + "…"},
		{call + `a.txt"}}`, call + `b.txt"}}`, `…{"path": "a.txt"}}`, `…{"path": "b.txt"}}`},
		{call, call + `b.txt"}}`, `…{"path": "`, `…{"path": "b.txt"}}`},
	} {
		said, right := quoted(c.answer, c.reference)
		if said != c.said || right != c.right {
			t.Errorf("%q and %q are quoted as %q and %q, want %q and %q", c.answer, c.reference, said, right, c.said, c.right)
		}
		got := hobby.ShapeOf(hobby.ToolMastery, "calls, level 1: 3 of 12 answers were wrong, such as “"+said+"” for “"+right+"”")
		if want := hobby.ShapeOf(hobby.ToolMastery, "calls, level 1: 3 of 12 answers were wrong, such as “1” for “2”"); got != want {
			t.Errorf("the shape is %q, want %q", got, want)
		}
	}
}

// TestAboveHalf compares the probability with its definition: a rate is drawn, all
// being equally likely, and counts when as many answers pass as were seen.
func TestAboveHalf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ passes, n int }{{0, 4}, {4, 4}, {2, 4}, {3, 12}, {9, 12}} {
		seen, above := 0, 0
		for seen < 20_000 {
			rate, passes := r.Float64(), 0
			for range c.n {
				if r.Float64() < rate {
					passes++
				}
			}
			if passes == c.passes {
				seen++
				if rate > 0.5 {
					above++
				}
			}
		}
		want, got := float64(above)/float64(seen), aboveHalf(c.passes, c.n)
		if math.Abs(got-want) > 5*math.Sqrt(0.25/float64(seen)) {
			t.Errorf("%d of %d: %v, drawn %v", c.passes, c.n, got, want)
		}
		if mirrored := aboveHalf(c.n-c.passes, c.n); math.Abs(got+mirrored-1) > 1e-9 {
			t.Errorf("%d of %d: %v, and %v of the opposite", c.passes, c.n, got, mirrored)
		}
	}
	for _, n := range []int{1000, 10_000} { // one half to this power is 0 as a float64
		if all, none, half := aboveHalf(n, n), aboveHalf(0, n), aboveHalf(n/2, n); math.Abs(all-1) > 1e-9 || none > 1e-9 ||
			math.Abs(half-0.5) > 1e-9 {
			t.Errorf("of %d answers, all, none and half pass: %v, %v, %v", n, all, none, half)
		}
	}
}

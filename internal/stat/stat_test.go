package stat

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var full = flag.Bool("full", false, "simulate as many times as the documents say")

// times is how often something is simulated.
func times(few, many int) int {
	if *full {
		return many
	}
	return few
}

// The references are SciPy 1.16's, of betainc, binomtest and, for the e-values, quad.
func TestAgainstSciPy(t *testing.T) {
	type row struct{ got, want float64 }
	var rows []row
	for _, c := range [][4]float64{
		{0.5, 0.5, 0.5, 0.5}, {0.5, 10.5, 3.5, 0.02391955669492273}, {0.1, 2, 30, 0.8304353668991351},
		{0.9, 200.5, 20.5, 0.3354140515896768}, {0.5, 1000.5, 900.5, 0.010878410962532278}, {0.3, 1, 1, 0.3},
		{0.999, 5, 0.5, 0.9222819921009667}, {1e-6, 0.5, 3, 0.0018749987500003749}, {0, 2, 3, 0}, {1, 2, 3, 1},
	} {
		rows = append(rows, row{betaBelow(c[0], c[1], c[2]), c[3]})
	}
	for s, want := range map[Sign]float64{
		{0, 0}: 0, {1, 0}: 0.49263300040670277, {0, 1}: -1.012305533877254, {10, 2}: 2.0958471598133306,
		{2, 10}: -2.6759057955513557, {65, 35}: 2.7308982317093764, {500, 400}: 2.6324975789669285,
	} {
		rows = append(rows, row{s.LogE(), want})
	}
	for s, want := range map[Sign]float64{
		{}: 1, {1, 0}: 1, {10, 2}: 0.03857421875, {2, 10}: 0.03857421875, {5, 5}: 1, {65, 35}: 0.0035176417229701587,
		{300, 200}: 8.940066542253288e-06,
	} {
		rows = append(rows, row{McNemar(s), want})
	}
	for _, c := range [][4]float64{
		{0, 10, 0, 0.30849710781876294}, {10, 10, 0.6915028921812371, 1}, {3, 20, 0.03207093718554477, 0.37892682654529564},
		{150, 2000, 0.06383622222456223, 0.08742784744016034},
	} {
		lo, hi := Proportion(int(c[0]), int(c[1]), 0.95)
		rows = append(rows, row{lo, c[2]}, row{hi, c[3]})
	}
	for i, r := range rows {
		if !(math.Abs(r.got-r.want) <= 1e-9*math.Max(1, math.Abs(r.want))) {
			t.Errorf("row %d: %v, want %v", i, r.got, r.want)
		}
	}
}

// TestExactAgreesWithTheSignTest: the interval is below zero exactly when the binomial
// distribution, summed term by term, says so; it is the opposite's with the other sign, and
// holds the difference that was seen.
func TestExactAgreesWithTheSignTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Sign{rapid.IntRange(0, 60).Draw(t, "wins"), rapid.IntRange(0, 60).Draw(t, "losses")}
		ties := rapid.IntRange(1, 500).Draw(t, "ties")
		chance := 1 - 1/rapid.Float64Range(5, 5000).Draw(t, "once in")
		n := s.Wins + s.Losses
		term, below := math.Pow(0.5, float64(n)), 0.0
		for k := 0; k <= s.Wins; k++ {
			below += term
			term *= float64(n-k) / float64(k+1)
		}
		low, high := s.Exact(ties, chance)
		worse := n > 0 && below <= (1-chance)/2
		if math.Abs(below/((1-chance)/2)-1) > 1e-6 && worse != (high < 0) {
			t.Fatalf("%+v of %d: from %v to %v; at most so many wins have a chance of %v, of %v", s, n+ties, low, high, below, (1-chance)/2)
		}
		if l, h := s.Opposite().Exact(ties, chance); math.Abs(l+high) > 1e-9 || math.Abs(h+low) > 1e-9 {
			t.Fatalf("%+v from %v to %v, and its opposite from %v to %v", s, low, high, l, h)
		}
		if seen := float64(s.Wins-s.Losses) / float64(n+ties); low > seen || high < seen {
			t.Fatalf("%+v of %d: from %v to %v, which does not hold %v", s, n+ties, low, high, seen)
		}
	})
}

// TestSignIsAMartingale: where a pair is as likely a win as a loss, the next e-value
// is on average this one; where a win is less likely, it is not more.
func TestSignIsAMartingale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Sign{rapid.IntRange(0, 5000).Draw(t, "wins"), rapid.IntRange(0, 5000).Draw(t, "losses")}
		p := rapid.Float64Range(0, 0.5).Draw(t, "p")
		now, win, loss := s, s, s
		win.Add(true)
		loss.Add(false)
		up, down := math.Exp(win.LogE()-now.LogE()), math.Exp(loss.LogE()-now.LogE())
		if even := (up + down) / 2; math.Abs(even-1) > 1e-6 {
			t.Fatalf("%+v at even chances: %v times as large on average", s, even)
		}
		if less := p*up + (1-p)*down; less > 1+1e-6 {
			t.Fatalf("%+v with a chance of %v: %v times as large on average", s, p, less)
		}
		if up < down {
			t.Fatalf("%+v: a win moves it by %v, a loss by %v", s, up, down)
		}
	})
}

// TestPeeking looks after every pair for a difference that is not there. McNemar's
// test is looked at as often, for comparison: it is not made for that.
func TestPeeking(t *testing.T) {
	runs, pairs := times(1000, 10_000), 1000
	rng := rand.New(rand.NewPCG(1, 2))
	alarms, naive := 0, 0
	for range runs {
		var s Sign
		alarm, wrong := false, false
		for range pairs {
			s.Add(rng.IntN(2) == 0)
			alarm = alarm || s.Better(0.05)
			wrong = wrong || s.Wins > s.Losses && McNemar(s) < 0.05
		}
		if alarm {
			alarms++
		}
		if wrong {
			naive++
		}
	}
	share := float64(alarms) / float64(runs)
	t.Logf("%d runs of %d pairs: false alarms %.2f %%; McNemar's test after every pair %.1f %%",
		runs, pairs, 100*share, 100*float64(naive)/float64(runs))
	if low, _ := Proportion(alarms, runs, 0.999); low > 0.05 {
		t.Errorf("false alarms in %.3f of the runs, want at most 0.05", share)
	}
	if naive < runs/10 {
		t.Errorf("McNemar's test was wrong in only %d of %d runs: is the simulation right?", naive, runs)
	}
}

// TestHowSoon measures the pairs until a difference that is there is seen.
func TestHowSoon(t *testing.T) {
	runs := times(1000, 10_000)
	rng := rand.New(rand.NewPCG(3, 4))
	var total int
	for range runs {
		var s Sign
		for !s.Better(0.05) {
			s.Add(rng.Float64() < 0.65)
		}
		total += s.Wins + s.Losses
	}
	mean := float64(total) / float64(runs)
	t.Logf("at 65 to 35: %.1f pairs that differ on average", mean)
	if mean > 110 {
		t.Errorf("%.1f pairs on average, want at most 110", mean)
	}
}

// TestDifferenceHolds draws pairs of several kinds and looks after every one whether the
// interval has lost the mean.
func TestDifferenceHolds(t *testing.T) {
	for name, k := range map[string]struct{ win, loss float64 }{
		"nothing differs":          {0, 0},
		"one pair in five differs": {0.15, 0.05},
		"each pair differs":        {0.5, 0.5},
		"nearly all are won":       {0.98, 0.01},
		"nearly all are lost":      {0.01, 0.9},
	} {
		rng := rand.New(rand.NewPCG(5, uint64(len(name))))
		runs, pairs := times(8, 1000), times(100, 1000)
		lost, width, mean := 0, 0.0, k.win-k.loss
		for range runs {
			var s Sign
			ties, out := 0, false
			for range pairs {
				switch u := rng.Float64(); {
				case u < k.win:
					s.Wins++
				case u < k.win+k.loss:
					s.Losses++
				default:
					ties++
				}
				most := math.Log(2 / 0.05)
				out = out || s.capital(ties, mean) >= most || s.Opposite().capital(ties, -mean) >= most
			}
			low, high := s.Difference(ties, 0.05)
			width += (high - low) / float64(runs)
			if out {
				lost++
			}
		}
		t.Logf("%s: lost in %d of %d runs, %.3f wide after %d pairs", name, lost, runs, width, pairs)
		if low, _ := Proportion(lost, runs, 0.999); low > 0.05 {
			t.Errorf("%s: the mean was lost in %d of %d runs", name, lost, runs)
		}
		if width > 0.7 {
			t.Errorf("%s: the interval is %.3f wide after %d pairs", name, width, pairs)
		}
	}
}

// TestWhatIsClaimedIsShown: an interval is beyond zero exactly where the e-value says that
// one of the two is better. It holds the mean of the pairs, and its ends are where the
// capital is what it says.
func TestWhatIsClaimedIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{3, 30, 2000}).Draw(t, "size")
		n := func(name string) int { return rapid.IntRange(0, size).Draw(t, name) }
		s, ties := Sign{n("wins"), n("losses")}, n("ties")
		alpha := rapid.Float64Range(1e-6, 0.5).Draw(t, "alpha")
		low, high := s.Difference(ties, alpha)
		if better, worse := s.Better(alpha/2), s.Opposite().Better(alpha/2); low > 0 != better || high < 0 != worse {
			t.Fatalf("%+v and %d ties: [%v, %v], better %v, worse %v", s, ties, low, high, better, worse)
		}
		mean := 0.0
		if all := s.Wins + s.Losses + ties; all > 0 {
			mean = float64(s.Wins-s.Losses) / float64(all)
		}
		if !(low >= -1 && low <= mean && mean <= high && high <= 1) {
			t.Fatalf("%+v and %d ties: [%v, %v] does not hold %v", s, ties, low, high, mean)
		}
		if at := s.capital(ties, 0); math.Abs(at-s.LogE()) > 1e-3*max(1, at) && max(at, s.LogE()) > -3 {
			t.Fatalf("%+v: the mixture gives %v, the e-value is %v", s, at, s.LogE())
		}
		if a, b := s.capital(ties, -0.5), s.capital(ties, 0.5); b > a+1e-9 {
			t.Fatalf("%+v and %d ties: the capital rises from %v to %v", s, ties, a, b)
		}
	})
}

func TestProportionHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		lo, hi := Proportion(k, n, 0.95)
		if share := float64(k) / float64(n); !(0 <= lo && lo <= share && share <= hi && hi <= 1) || lo == hi {
			t.Fatalf("%d of %d: [%v, %v]", k, n, lo, hi)
		}
		l, h := Proportion(n-k, n, 0.95)
		if math.Abs(l-(1-hi)) > 1e-9 || math.Abs(h-(1-lo)) > 1e-9 {
			t.Fatalf("%d of %d: [%v, %v], of the others [%v, %v]", k, n, lo, hi, l, h)
		}
	})
}

// TestBootstrapHolds has samples of a known mean.
func TestBootstrapHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	runs, held := times(200, 2000), 0
	for i := range runs {
		values := make([]float64, 200)
		for j := range values {
			values[j] = b2f(rng.Float64() < 0.3) - b2f(rng.Float64() < 0.2)
		}
		if lo, hi := Bootstrap(values, 0.95, 500, uint64(i)); lo <= 0.1 && 0.1 <= hi {
			held++
		}
	}
	t.Logf("held in %d of %d runs", held, runs)
	if low, high := Proportion(held, runs, 0.999); high < 0.93 || low > 0.97 {
		t.Errorf("the interval held the mean in %d of %d runs, want 0.95", held, runs)
	}
	a, b := Bootstrap([]float64{1, 2, 4}, 0.9, 100, 1)
	c, d := Bootstrap([]float64{1, 2, 4}, 0.9, 100, 1)
	if a != c || b != d || a < 1 || b > 4 {
		t.Errorf("the same seed gave [%v, %v] and [%v, %v]", a, b, c, d)
	}
	if lo, _ := Bootstrap(nil, 0.95, 100, 1); !math.IsNaN(lo) {
		t.Errorf("of nothing: %v", lo)
	}
}

// TestEBH compares with the rule as it is written: the largest k for which the k
// largest e-values are at least n/(alpha k).
func TestEBH(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := rapid.SliceOfN(rapid.Float64Range(-5, 8), 0, 12).Draw(t, "logs")
		alpha := rapid.Float64Range(0.01, 0.3).Draw(t, "alpha")
		sorted := slices.Clone(logs)
		slices.Sort(sorted)
		slices.Reverse(sorted)
		k := 0
		for i, e := range sorted {
			if math.Exp(e)*alpha*float64(i+1) >= float64(len(logs)) {
				k = i + 1
			}
		}
		want := make([]bool, len(logs))
		for i, e := range logs {
			want[i] = k > 0 && e >= sorted[k-1]
		}
		if d := cmp.Diff(want, EBH(logs, alpha), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("of %v (-want +got):\n%s", logs, d)
		}
	})
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

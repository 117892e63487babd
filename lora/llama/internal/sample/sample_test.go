package sample

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// distribution is an independent, slow reading of the rules: what each token's
// probability must be.
func distribution(p Params, logits []float32, allowed []uint64, seen []int) []float64 {
	n := len(logits)
	score := make([]float64, n)
	for i, l := range logits {
		score[i] = float64(l)
		if p.RepetitionPenalty != 0 && slices.Contains(seen, i) {
			if l > 0 {
				score[i] /= p.RepetitionPenalty
			} else {
				score[i] *= p.RepetitionPenalty
			}
		}
		if !has(allowed, i) {
			score[i] = math.Inf(-1)
		}
		score[i] /= p.Temperature
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case score[a] > score[b]:
			return -1
		case score[a] < score[b]:
			return 1
		}
		return 0
	})
	keep := func(ids []int) []float64 {
		prob := make([]float64, n)
		sum := 0.0
		for _, i := range ids {
			prob[i] = math.Exp(score[i] - score[order[0]])
			sum += prob[i]
		}
		for i := range prob {
			prob[i] /= sum
		}
		return prob
	}
	ids := order
	if p.TopK > 0 && p.TopK < n {
		ids = ids[:p.TopK]
	}
	prob := keep(ids)
	if p.TopP > 0 {
		cum := 0.0
		for j, i := range ids {
			if cum += prob[i]; cum >= p.TopP {
				ids = ids[:j+1]
				break
			}
		}
		prob = keep(ids)
	}
	var kept []int
	for _, i := range ids {
		if prob[i] >= p.MinP*prob[order[0]] {
			kept = append(kept, i)
		}
	}
	return keep(kept)
}

func randomLogits(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64() * 2)
	}
	return v
}

// TestDistribution draws 40,000 tokens per setting and compares the counts with
// the exact probabilities by Pearson's chi-square.
func TestDistribution(t *testing.T) {
	logits := randomLogits(rand.New(rand.NewPCG(1, 2)), 80)
	half := []uint64{0x5555555555555555, 0x5555}
	for name, c := range map[string]struct {
		p       Params
		allowed []uint64
	}{
		"temperature 1":     {p: Params{Temperature: 1}},
		"cold":              {p: Params{Temperature: 0.5}},
		"hot":               {p: Params{Temperature: 1.7}},
		"top-k":             {p: Params{Temperature: 1, TopK: 7}},
		"top-p":             {p: Params{Temperature: 1, TopP: 0.8}},
		"min-p":             {p: Params{Temperature: 1, MinP: 0.1}},
		"repetition":        {p: Params{Temperature: 1, RepetitionPenalty: 1.4}},
		"all":               {p: Params{Temperature: 0.9, TopK: 20, TopP: 0.9, MinP: 0.05, RepetitionPenalty: 1.2}},
		"constrained":       {p: Params{Temperature: 1}, allowed: half},
		"constrained, all":  {p: Params{Temperature: 1.2, TopK: 12, TopP: 0.9, MinP: 0.02, RepetitionPenalty: 1.3}, allowed: half},
		"top-k of one":      {p: Params{Temperature: 1, TopK: 1}},
		"top-p of the best": {p: Params{Temperature: 1, TopP: 1e-9}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := []int{3, 17, 40, 41}
			s := New(c.p, 7)
			s.See(seen...)
			const n = 40000
			count := make([]float64, len(logits))
			for range n {
				id, err := s.Next(logits, c.allowed, new(Scratch))
				if err != nil {
					t.Fatal(err)
				}
				count[id]++
			}
			chi, free := 0.0, -1.0
			for i, p := range distribution(c.p, logits, c.allowed, seen) {
				if p == 0 {
					if count[i] > 0 {
						t.Errorf("token %d was drawn %v times; it must never be", i, count[i])
					}
					continue
				}
				d := count[i] - n*p
				chi += d * d / (n * p)
				free++
			}
			// The chi-square's mean is free and its deviation sqrt(2 free).
			if limit := free + 4*math.Sqrt(2*free) + 1e-9; chi > limit {
				t.Errorf("chi-square %.1f with %v degrees of freedom, want below %.1f", chi, free, limit)
			}
		})
	}
}

func TestGreedy(t *testing.T) {
	s := New(Params{}, 1)
	for _, c := range []struct {
		logits  []float32
		allowed []uint64
		want    int
	}{
		{[]float32{1, 3, 3, 2}, nil, 1},
		{[]float32{1, 3, 3, 2}, []uint64{0b1001}, 3},
		{[]float32{float32(math.Inf(-1)), -7}, nil, 1},
		{[]float32{float32(math.NaN()), -7}, nil, 1},
	} {
		if got, err := s.Next(c.logits, c.allowed, new(Scratch)); err != nil || got != c.want {
			t.Errorf("greedy of %v allowing %b: %d, %v; want %d", c.logits, c.allowed, got, err, c.want)
		}
	}
	penal := New(Params{RepetitionPenalty: 2}, 1)
	penal.See(1)
	if got, _ := penal.Next([]float32{1.9, 3, 0}, nil, new(Scratch)); got != 0 {
		t.Errorf("greedy with a penalty on token 1: %d, want 0", got)
	}
}

func TestNothingMayFollow(t *testing.T) {
	nan := float32(math.NaN())
	for _, p := range []Params{{}, {Temperature: 1}, {Temperature: 1, TopK: 3, TopP: 0.5}} {
		for _, logits := range [][]float32{nil, {nan, nan}, {float32(math.Inf(-1))}} {
			if _, err := New(p, 1).Next(logits, nil, new(Scratch)); !errors.Is(err, ErrNoToken) {
				t.Errorf("%+v on %v: %v, want ErrNoToken", p, logits, err)
			}
		}
		if _, err := New(p, 1).Next([]float32{1, 2}, []uint64{0}, new(Scratch)); !errors.Is(err, ErrNoToken) {
			t.Errorf("%+v with nothing allowed: %v, want ErrNoToken", p, err)
		}
	}
}

// TestDraws holds for any setting: what is drawn has a positive probability by
// the slow reading, equal seeds draw equally, and the logits stay as they are.
func TestDraws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "vocabulary")
		logits := randomLogits(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "logits"), 0)), n)
		p := Params{
			Temperature:       rapid.Float64Range(0.05, 3).Draw(t, "temperature"),
			TopK:              rapid.IntRange(0, n+1).Draw(t, "top-k"),
			TopP:              rapid.SampledFrom([]float64{0, 0.1, 0.5, 0.9, 0.999}).Draw(t, "top-p"),
			MinP:              rapid.SampledFrom([]float64{0, 0.01, 0.3, 1}).Draw(t, "min-p"),
			RepetitionPenalty: rapid.SampledFrom([]float64{0, 1, 1.3}).Draw(t, "penalty"),
		}
		seed := rapid.Uint64().Draw(t, "seed")
		a, b := New(p, seed), New(p, seed)
		before := slices.Clone(logits)
		var seen []int
		for range 5 {
			prob := distribution(p, logits, nil, seen)
			x, err := a.Next(logits, nil, new(Scratch))
			y, _ := b.Next(logits, nil, new(Scratch))
			if err != nil || x != y {
				t.Fatalf("equal seeds drew %d and %d (%v)", x, y, err)
			}
			// At the edge of top-p and min-p, rounding decides.
			if prob[x] == 0 && p.TopP == 0 && p.MinP == 0 {
				t.Fatalf("drew %d, whose probability is 0", x)
			}
			a.See(x)
			b.See(y)
			seen = append(seen, x)
		}
		if !slices.Equal(before, logits) {
			t.Fatal("the logits were changed")
		}
	})
}

func TestLogProb(t *testing.T) {
	logits := []float32{1000, 1000, 998, float32(math.Inf(-1))}
	sum := 0.0
	for i := range logits {
		sum += math.Exp(LogProb(logits, i))
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the probabilities sum to %v", sum)
	}
	if got, want := LogProb(logits, 2)-LogProb(logits, 0), -2.0; math.Abs(got-want) > 1e-12 {
		t.Errorf("log-probabilities differ by %v, want %v", got, want)
	}
}

func BenchmarkNext(b *testing.B) {
	logits := randomLogits(rand.New(rand.NewPCG(1, 2)), 49152)
	for name, p := range map[string]Params{
		"greedy": {}, "plain": {Temperature: 1}, "top-k": {Temperature: 1, TopK: 40},
		"top-p": {Temperature: 1, TopP: 0.9}, "min-p": {Temperature: 1, MinP: 0.05},
	} {
		b.Run(name, func(b *testing.B) {
			s := New(p, 1)
			var w Scratch
			for b.Loop() {
				if _, err := s.Next(logits, nil, &w); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package irt_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/pastime-go/pastime/internal/irt"
)

// TestAgainstQuadrature compares with exact posteriors that SciPy integrated;
// .ci/peers scipy-irt writes them anew.
func TestAgainstQuadrature(t *testing.T) {
	var golden struct {
		Version string
		Cases   []struct {
			Guess                  float64
			Days                   [][3]int // day, tries, passes
			Mean, Low, High, Above float64
		}
	}
	b, err := os.ReadFile("testdata/scipy.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) == 0 || golden.Version == "" {
		t.Fatal("no golden vectors")
	}
	var worst, sum [4]float64
	for i, c := range golden.Cases {
		f := irt.Family{Levels: 1, Guess: c.Guess}
		last := 0
		for _, d := range c.Days {
			f.Cells = append(f.Cells, irt.Cell{Day: d[0], Tries: int64(d[1]), Passes: int64(d[2])})
			last = d[0]
		}
		p := irt.Fit([]irt.Family{f}, last, nil)
		got := p.Level(0, 0)
		diff := [4]float64{got.Mean - c.Mean, got.Low - c.Low, got.High - c.High, p.Above(0, 0, 0.8) - c.Above}
		for j, d := range diff {
			worst[j] = max(worst[j], math.Abs(d))
			sum[j] += math.Abs(d)
		}
		t.Logf("%2d guess %.2f, %2d days: mean %.3f %+.3f, low %.3f %+.3f, high %.3f %+.3f, above 0.8 %.3f %+.3f",
			i, c.Guess, len(c.Days), c.Mean, diff[0], c.Low, diff[1], c.High, diff[2], c.Above, diff[3])
	}
	t.Logf("%s; largest differences: mean %.3f, low %.3f, high %.3f, above %.3f", golden.Version, worst[0], worst[1], worst[2], worst[3])
	for j, most := range [4]float64{0.015, 0.04, 0.04, 0.04} {
		name := [4]string{"mean", "low", "high", "above 0.8"}[j]
		if worst[j] > most {
			t.Errorf("%s: off by %.3f, want at most %.3f", name, worst[j], most)
		}
		if mean := sum[j] / float64(len(golden.Cases)); mean > 0.015 {
			t.Errorf("%s: off by %.3f on average, want at most 0.015", name, mean)
		}
	}
}

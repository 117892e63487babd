package reward

import (
	"flag"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
)

var (
	full      = flag.Bool("full", false, "simulate as many people as the documents say")
	firstSeed = flag.Uint64("seed", 50_000, "with -full, the first seed of the simulated people")
)

// seeds are numbers of simulated people. The constants were chosen with those below
// 50,000, which are the few. The many that documents quote were looked at by nobody before.
func seeds(few, many uint64) (s []uint64) {
	n, first := few, uint64(10_000)
	if *full {
		n, first = many, *firstSeed
	}
	for i := range n {
		s = append(s, first+i)
	}
	return s
}

// epoch is when the first rating of a test is given.
var epoch = time.Unix(1_800_000_000, 0).UTC()

// ask asks random people for n ratings of random cells, 20 a day, after the first so
// many.
func ask(p *peopletest.People, after, n int) (obs []Observation) {
	cells := p.Cells()
	for len(obs) < n {
		c, who := cells[p.Rand().IntN(len(cells))], p.Person()
		if y, ok := p.Rate(who, c); ok {
			k := after + len(obs)
			obs = append(obs, Observation{
				Rater: fmt.Sprint("p", who), Stars: y, At: epoch.Add(time.Duration(k) * 72 * time.Minute),
				Item: Item{ID: fmt.Sprint("i", k), Kind: c.Name(), Level: c.Level + 1},
			})
		}
	}
	return obs
}

func fit(t *testing.T, obs []Observation, o *Options) *Model {
	t.Helper()
	m, err := Fit(obs, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestModelIsRightOfPeople compares what was learned of ratings with what people think,
// which the model cannot see, and what it predicts of new ratings with these.
func TestModelIsRightOfPeople(t *testing.T) {
	for _, n := range []int{150, 500, 2000} {
		var held, cells, mistake, known, nothing float64
		var sum Metrics
		all := seeds(6, 200)
		for _, seed := range all {
			p := peopletest.New(peopletest.Standard(), seed)
			obs := ask(p, 0, n)
			m := fit(t, obs, nil)
			for _, c := range p.Cells() {
				pr, ok := m.Cell(c.Name(), "", c.Level+1, 0)
				if !ok {
					continue
				}
				truth := p.Expected(-1, c)
				if low, high := m.Interval(pr, 0.9); low <= truth && truth <= high {
					held++
				}
				cells++
				mistake += square(pr.Mean - truth)
				known += square(pr.SD)
				nothing += square(truth - 3)
			}
			r := m.Measure(obs, ask(p, n, 10_000)) // with fewer, chance alone makes a calibration error
			k := float64(len(all))
			sum.RMSE += r.RMSE / k
			sum.ECE += r.ECE / k
			sum.LogLoss += r.LogLoss / k
			sum.AUC += r.AUC / k
			sum.PairwiseAccuracy += r.PairwiseAccuracy / k
			sum.BaselineRMSE += r.BaselineRMSE / k
			sum.AverageRMSE += r.AverageRMSE / k
		}
		t.Logf("%d ratings: %.1f %% of the 90 %% intervals hold; off by %.3f stars, and says %.3f, of %.3f; %+v",
			n, 100*held/cells, math.Sqrt(mistake/cells), math.Sqrt(known/cells), math.Sqrt(nothing/cells), sum)
		if n < 500 { // with three ratings of a level, the spread of tastes is hardly known
			if share := held / cells; !(share >= 0.85) {
				t.Errorf("%d ratings: %.1f %% of the 90 %% intervals hold, want at least 85", n, 100*share)
			}
			continue
		}
		if share, most := held/cells, 0.03+3*math.Sqrt(0.09/cells); math.Abs(share-0.9) > most {
			t.Errorf("%d ratings: %.1f %% of the 90 %% intervals hold, want 90 within %.1f", n, 100*share, 100*most)
		}
		if !(sum.ECE <= 0.03) {
			t.Errorf("%d ratings: a calibration error of %.3f, want at most 0.03", n, sum.ECE)
		}
		if !(sum.RMSE < sum.BaselineRMSE && sum.RMSE < sum.AverageRMSE) {
			t.Errorf("%d ratings: an error of %.3f, means have %.3f and a moving average %.3f", n, sum.RMSE, sum.BaselineRMSE, sum.AverageRMSE)
		}
	}
}

package irt_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pastime-go/pastime/internal/irt"
)

// forecast scores forecasts of answers: their log loss, and by how much the
// forecasts of each tenth of [0, 1] differ from what came.
type forecast struct {
	n, loss float64
	bins    [10]struct{ n, told, came, vari float64 }
}

func (f *forecast) score(p float64, tries, passes int64) {
	n, k := float64(tries), float64(passes)
	p = min(max(p, 1e-4), 1-1e-4)
	f.n += n
	f.loss -= k*math.Log(p) + (n-k)*math.Log(1-p)
	b := &f.bins[min(int(10*p), 9)]
	b.n, b.told, b.came, b.vari = b.n+n, b.told+n*p, b.came+k, b.vari+n*p*(1-p)
}

// calibration is the expected calibration error.
func (f *forecast) calibration() (e float64) {
	for _, b := range f.bins {
		e += math.Abs(b.told-b.came) / f.n
	}
	return e
}

// least is the calibration error that is expected of forecasts that are all right, because
// answers are few.
func (f *forecast) least() (e float64) {
	for _, b := range f.bins {
		e += math.Sqrt(2/math.Pi*b.vari) / f.n
	}
	return e
}

// rise is by how much more was passed than was foretold.
func (f *forecast) rise() (d float64) {
	for _, b := range f.bins {
		d += (b.came - b.told) / f.n
	}
	return d
}

// add adds the scores of other forecasts.
func (f *forecast) add(g *forecast) {
	f.n, f.loss = f.n+g.n, f.loss+g.loss
	for i, b := range g.bins {
		a := &f.bins[i]
		a.n, a.told, a.came, a.vari = a.n+b.n, a.told+b.told, a.came+b.came, a.vari+b.vari
	}
}

// elo is a rating for each level, in logits, that every answer moves.
type elo map[[2]int]float64

// play moves a rating by a day's answers, passes and failures spread evenly.
func (e elo) play(at [2]int, k float64, tries, passes int64) {
	for i := range tries {
		y := float64((i+1)*passes/tries - i*passes/tries)
		e[at] += k * (y - chance(0, e[at]))
	}
}

// speeds are those of the Elo ratings, of which the best counts, with hindsight.
var speeds = []float64{0.05, 0.1, 0.2, 0.4}

// contest is an estimate and Elo ratings that foretell the same answers.
type contest struct {
	own     forecast
	ratings [4]forecast // by speed
}

// foretell foretells each day's answers of a learner from its own earlier ones, at levels
// that it has answered before.
func (s *contest) foretell(evidence []irt.Family, last int, o *irt.Options) {
	known := map[[2]int]bool{}
	var elos [4]elo
	for i := range elos {
		elos[i] = elo{}
	}
	for day := 0; day <= last; day++ {
		var p *irt.Posterior
		for f, e := range evidence {
			for _, c := range e.Cells {
				if c.Day != day || !known[[2]int{f, c.Level}] {
					continue
				}
				if p == nil {
					p = irt.Fit(evidence, day-1, o)
				}
				s.own.score(p.Level(f, c.Level).Mean, c.Tries, c.Passes)
				for i := range elos {
					s.ratings[i].score(chance(0, elos[i][[2]int{f, c.Level}]), c.Tries, c.Passes)
				}
			}
		}
		for f, e := range evidence {
			for _, c := range e.Cells {
				if c.Day == day {
					known[[2]int{f, c.Level}] = true
					for i, k := range speeds {
						elos[i].play([2]int{f, c.Level}, k, c.Tries, c.Passes)
					}
				}
			}
		}
	}
}

func (s *contest) add(o *contest) {
	s.own.add(&o.own)
	for i := range s.ratings {
		s.ratings[i].add(&o.ratings[i])
	}
}

// judge compares the estimate with the best of the ratings.
func (s *contest) judge(t *testing.T) {
	t.Helper()
	best := 0
	for i := range s.ratings {
		if s.ratings[i].loss < s.ratings[best].loss {
			best = i
		}
	}
	loss, bar := s.own.loss/s.own.n, s.ratings[best].loss/s.ratings[best].n
	t.Logf("%.0f answers: log loss %.4f, calibration error %.4f; Elo at %.2f a step %.4f, %.4f",
		s.own.n, loss, s.own.calibration(), speeds[best], bar, s.ratings[best].calibration())
	if !(loss <= bar) {
		t.Errorf("log loss %.4f, Elo's %.4f", loss, bar)
	}
	if e := s.own.calibration(); !(e <= 0.04) {
		t.Errorf("calibration error %.4f, want at most 0.04", e)
	}
}

// TestForecastsAgainstElo has simulated learners.
func TestForecastsAgainstElo(t *testing.T) {
	learners := 15
	if *full {
		learners = 1000
	}
	for name, w := range map[string]world{
		"as the prior has them":   {guess: floors, drift: priorDrift, luck: priorLuck, common: priorCommon, shared: priorShared, gain: priorGain},
		"nothing changes":         {guess: floors, drift: always(0), luck: always(0)},
		"correlated answers":      {guess: floors, drift: always(0), luck: always(0), together: 0.1},
		"steps that they share":   {guess: floors, drift: priorDrift, luck: priorLuck, common: priorCommon, shared: priorShared, alike: true},
		"a floor it is not told":  {guess: always(0.1), told: always(0), drift: priorDrift, luck: always(0)},
		"a gain of 0.01 each day": {guess: floors, drift: always(0), luck: always(0), trend: 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			var both contest
			for run := range learners {
				s := w.learner(rand.New(rand.NewPCG(uint64(run), 21)))
				both.foretell(s.evidence, s.day, nil)
			}
			both.judge(t)
		})
	}
}

package stat

import "math"

// Sign counts the pairs that two models answered differently: a win where the
// candidate alone was right, a loss where the other alone was. The zero value has
// none.
type Sign struct{ Wins, Losses int }

// Add counts a pair.
func (s *Sign) Add(win bool) {
	if win {
		s.Wins++
	} else {
		s.Losses++
	}
}

// LogE is the logarithm of an e-value against "a pair that differs is a win with a
// chance of at most a half": a likelihood ratio with the chance drawn from the upper
// half of a Beta(1/2, 1/2). At no time is the e-value above 1/alpha with a chance of
// more than alpha when that is so (Ville's inequality), however often one looks. The
// mixture is that of the Krichevsky-Trofimov estimator; Grünwald, de Heide and
// Koolen (2024) have such tests, and why e-values of several nights may be combined.
func (s Sign) LogE() float64 { return s.LogEAbove(0.5) }

// LogEAbove is LogE against a chance of at most most, in (0, 1), in the place of a half.
func (s Sign) LogEAbove(most float64) float64 {
	w, l := float64(s.Wins), float64(s.Losses)
	// Each logarithm is that of what the mixture has above most.
	after := logBeta(w+0.5, l+0.5) + logBetaBelow(1-most, l+0.5, w+0.5)
	before := math.Log(math.Pi) + logBetaBelow(1-most, 0.5, 0.5)
	return after - before - w*math.Log(most) - l*math.Log1p(-most)
}

// Opposite counts the losses as wins.
func (s Sign) Opposite() Sign { return Sign{s.Losses, s.Wins} }

// Better tells whether the candidate wins more than it loses, with a chance of at
// most alpha that this is said at any time although it does not.
func (s Sign) Better(alpha float64) bool { return s.LogE() >= -math.Log(alpha) }

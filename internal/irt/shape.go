package irt

import "math"

const (
	shapeNodes = 49
	shapeEnd   = 6.0 // standard deviations
	shapeStep  = 2 * shapeEnd / (shapeNodes - 1)
)

// shape is the distribution of a level around its mean, in units of its standard
// deviation: its exact likelihood times the Gaussian that stands for all other
// evidence. It is far from normal where all or none passed.
type shape struct {
	density [shapeNodes]float64 // at even nodes, for a step of 1
	sums    [shapeNodes]float64 // its integral up to a node; 1 at the last
}

func (fam *family) shape(l int) (s shape) {
	n, k, mean, sd := fam.tries[l], fam.passes[l], fam.mean[l], math.Sqrt(fam.vari[l])
	rest := 1/fam.vari[l] - fam.info[l]
	exact := n > 0 && n <= plenty && rest > 0
	top := math.Inf(-1)
	for i := range s.density {
		z := float64(i)*shapeStep - shapeEnd
		s.density[i] = -z * z / 2
		if exact {
			x := z * sd
			s.density[i] = logLikelihood(n, k, fam.guess[l], mean+x) - x*(fam.score[l]+rest*x/2)
		}
		top = max(top, s.density[i])
	}
	for i := range s.density {
		s.density[i] = math.Exp(s.density[i] - top)
		if i > 0 {
			s.sums[i] = s.sums[i-1] + (s.density[i-1]+s.density[i])/2
		}
	}
	total := s.sums[shapeNodes-1]
	for i := range s.sums {
		s.density[i] /= total
		s.sums[i] /= total
	}
	return s
}

// below is the probability of less than z. The density is linear between nodes.
func (s *shape) below(z float64) float64 {
	at := (z + shapeEnd) / shapeStep
	switch {
	case !(at > 0):
		return 0
	case at >= shapeNodes-1:
		return 1
	}
	i := int(at)
	u := at - float64(i)
	return s.sums[i] + u*(s.density[i]+u/2*(s.density[i+1]-s.density[i]))
}

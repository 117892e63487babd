package irt

// The prior for a learner of whom nothing is known, in logits.
const (
	kindSD   = 1.5 // of the kind's ability around an even chance
	familySD = 1.5 // of a family's first level around the kind's ability
	stepSD   = 0.8 // of a step in difficulty from one level to the next
	stepMean = 0.8
)

// gaussian is a normal distribution.
type gaussian struct{ mean, vari float64 }

// chain is the prior of a family's levels: [0] of the first level less the
// kind's ability, [l] of level l less the level before it.
type chain []gaussian

// Population is what learners are like: the prior of one of them.
type Population struct {
	kind     gaussian
	families []chain
}

var anybody = Population{kind: gaussian{0, kindSD * kindSD}}

// of is the prior of family f, with that of anybody for what the population
// does not tell.
func (p *Population) of(f, levels int) chain {
	c := make(chain, levels)
	for l := range c {
		switch {
		case p != nil && f < len(p.families) && l < len(p.families[f]):
			c[l] = p.families[f][l]
		case l == 0:
			c[l] = gaussian{0, familySD * familySD}
		default:
			c[l] = gaussian{-stepMean, stepSD * stepSD}
		}
	}
	return c
}

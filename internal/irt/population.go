package irt

import "math"

// The prior of an unknown learner, in logits.
const (
	kindSD   = 1.5 // of the kind's ability around an even chance
	familySD = 1.5 // of a family's first level around the kind's ability
	stepSD   = 0.8 // of a step in difficulty from one level to the next
	stepMean = 0.8
)

// common is the part of each prior variance that all learners share. It stands
// for how hard the tasks are, and not for how good the learner is.
const common = 0.6

// doubt is the number of learners whose spread counts as much as the prior's.
const doubt = 3

// gaussian is a normal distribution.
type gaussian struct{ mean, vari float64 }

// chain is the prior of a family's levels: [0] of the first level less the
// kind's ability, [l] of level l less the level before it.
type chain []gaussian

// Population is the prior of a learner.
type Population struct {
	kind     gaussian
	families []chain
	changes  []float64 // by hypothesis
}

// change returns the prior of the hypotheses.
func (p *Population) change() []float64 {
	if p == nil {
		return hypothesisPrior
	}
	return p.changes
}

var anybody = Population{kind: gaussian{0, kindSD * kindSD}}

// of returns the prior of family f, with the default for what the population does
// not have.
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

// trait is one quantity in which learners differ: an ability, or how much harder
// one level is than another.
type trait struct {
	prior gaussian
	// mean is the learners' mean, and spread the variance around it.
	mean, spread float64
	n            float64 // learners of whom something is known
}

func newTrait(prior gaussian) trait {
	return trait{prior: prior, mean: prior.mean, spread: (1 - common) * prior.vari}
}

// learner is the prior of one of the learners that it was learned from.
func (t *trait) learner() gaussian { return gaussian{t.mean, t.spread} }

// next is the prior of a new learner. It is wider than learner, because the mean
// is not certain, nor is a spread that was learned from few.
func (t *trait) next() gaussian {
	return gaussian{t.mean, t.spread*(1+2*t.n/sq(doubt+t.n)) + 1/(1/(common*t.prior.vari)+t.n/t.spread)}
}

// learn learns mean and spread from what is known of each learner.
func (t *trait) learn(of []gaussian) {
	t.n = float64(len(of))
	own := 1 / (common * t.prior.vari)
	sum := own * t.prior.mean
	for _, g := range of {
		sum += g.mean / t.spread
	}
	t.mean = sum / (own + t.n/t.spread)
	squares := doubt * (1 - common) * t.prior.vari
	for _, g := range of {
		squares += sq(g.mean-t.mean) + g.vari
	}
	t.spread = squares / (doubt + t.n)
}

// rounds is the number of rounds of expectation maximisation.
const rounds = 10

// Learner is an earlier learner.
type Learner struct {
	Families []Family
	// Frozen says that it could not change from day to day.
	Frozen bool
}

// Learn learns the prior of the next learner from earlier ones. It is empirical
// Bayes: expectation maximisation (Dempster, Laird and Rubin 1977) estimates the
// mean and the spread of the kind's ability, of each family and of each step from
// a level to the next, as if nobody changed, and then how those that are not frozen
// change. All learners must have the same families in the same order. Learn returns
// nil, the default prior, for fewer than two learners with answers.
func Learn(learners []Learner) *Population {
	var fits, changing []*fit
	var most []Family
	for _, learner := range learners {
		any := false
		for _, f := range learner.Families {
			any = any || newHistory(&f, math.MaxInt).last() > math.MinInt
		}
		if !any {
			continue
		}
		most = learner.Families
		fits = append(fits, constant(most))
		if !learner.Frozen {
			changing = append(changing, fits[len(fits)-1])
		}
	}
	if len(fits) < 2 {
		return nil
	}
	var nobody *Population
	kind, traits := newTrait(anybody.kind), make([][]trait, len(most))
	for f := range traits {
		for _, g := range nobody.of(f, min(max(1, most[f].Levels), MaxLevels)) {
			traits[f] = append(traits[f], newTrait(g))
		}
	}
	for range rounds {
		learnFrom(fits, &kind, traits)
	}
	p := &Population{kind: kind.next(), changes: learnChange(changing)}
	for _, levels := range traits {
		c := make(chain, len(levels))
		for l := range levels {
			c[l] = levels[l].next()
		}
		p.families = append(p.families, c)
	}
	return p
}

// constant returns a fit, not solved yet, of a learner who does not change. Each
// family has one view, the likelier one.
func constant(families []Family) *fit {
	var views []view
	var priors []chain
	var nobody *Population
	histories := make([]*history, len(families))
	for i := range families {
		histories[i] = newHistory(&families[i], math.MaxInt)
		priors = append(priors, nobody.of(i, histories[i].levels))
	}
	for _, seen := range floors(families, histories, anybody.kind, priors) {
		v := seen[0]
		if len(seen) > 1 && seen[1].share > v.share {
			v = seen[1]
		}
		v.share, v.voice = 1, 1
		views = append(views, v)
	}
	f := newFit(anybody.kind, priors, views)
	f.count(nil)
	f.start()
	return f
}

// learnFrom is one round: it fits each learner under the traits, and then learns
// the traits from the fits.
func learnFrom(fits []*fit, kind *trait, traits [][]trait) {
	var abilities []gaussian
	known := make([][][]gaussian, len(traits))
	for f := range traits {
		known[f] = make([][]gaussian, len(traits[f]))
	}
	for _, f := range fits {
		f.kind = kind.learner()
		for v := range f.views {
			fam := &f.views[v]
			for l := range fam.prior {
				fam.prior[l] = traits[v][l].learner()
				fam.precision[l] = 1 / fam.prior[l].vari
			}
		}
		f.solve()
		abilities = append(abilities, f.mu)
		for v := range f.views {
			fam := &f.views[v]
			top := len(fam.tries) - 1
			for top >= 0 && fam.tries[top] == 0 {
				top--
			}
			for l := 0; l <= top; l++ {
				known[v][l] = append(known[v][l], f.step(fam, l))
			}
		}
	}
	kind.learn(abilities)
	for f := range traits {
		for l := range traits[f] {
			traits[f][l].learn(known[f][l])
		}
	}
}

// step is the posterior of level l less the level before it, or of the first
// level less the kind's ability.
func (f *fit) step(fam *family, l int) gaussian {
	if l == 0 {
		return gaussian{fam.mean[0] - f.mu.mean, fam.within(0) + f.mu.vari*sq(1+fam.reach[0])}
	}
	within := fam.within(l)
	vari := within + fam.within(l-1) - 2*within*fam.precision[l]/fam.up[l-1]
	return gaussian{fam.mean[l] - fam.mean[l-1], max(0, vari) + f.mu.vari*sq(fam.reach[l]-fam.reach[l-1])}
}

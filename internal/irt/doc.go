// Package irt estimates from counts of tries and passes how likely a learner
// is to pass tasks of several families and levels, and how certain that is:
// item response theory (Rasch 1960; Birnbaum 1968) with a learner whose
// ability may change.
//
// # The model
//
// A task of family f at level l is passed with the chance
//
//	P = c + (1-c) logistic(x[f,l])
//
// where c is the family's guessing floor and x[f,l] is the learner's ability
// in the family less the difficulty of the level. Abilities and difficulties
// are estimated together:
//
//	x[f,1]   ~ N(mu, 1.5²)             families differ around the kind's ability
//	x[f,l+1] ~ N(x[f,l] - s, 0.6²)     a level is harder than the one before,
//	mu ~ N(0, 1.5²), s ~ N(0.8, 0.5²)  by a step that the families share
//
// so that a level or a family that was never tried follows from the others,
// with the uncertainty that this leaves. A floor that the answers contradict,
// by being more than a standard error below it, is not used.
//
// # Change
//
// From day to day an ability may move (a random walk of variance q a day), and
// the answers of one day may share their luck (an effect of variance t on the
// day). Nobody knows q and t beforehand: both have a prior on a small grid,
// and the days' deviations from a constant ability decide. The
// evidence of a day is then weighted as a Kalman filter would: where nothing
// ever changed a year of answers counts in full, and where much did only the
// newest do. Change that the families share is estimated apart, because it does
// not average out over them.
//
// After the last day of evidence nothing more is learned, and certainty fades
// by the power curve of FSRS, R(d) = (1 + 19d/(81 S))^-0.5 with S = 90 days:
// 1-R of the variance that the prior gives a family is added. This
// widens the intervals; time alone never moves a mean.
//
// # The posterior
//
// It is approximated by a Gaussian: Laplace's method, by Newton steps with a
// line search, followed by rounds in which score and information are averaged
// over the Gaussian itself (Opper and Archambeau 2009), which matters where all
// or none passed. Its cost is linear in the number of cells. The same counts,
// in any order, give the same result to the last bit on one machine.
package irt

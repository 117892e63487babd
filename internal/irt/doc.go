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
// day). Nobody knows q and t beforehand: both have a prior on a small grid, and
// the days' deviations from a constant ability weigh its points by their
// marginal likelihood, which a Kalman filter computes. Each pair that is not
// unlikely is followed: a day's evidence counts as much as the filter would
// let it, in full where nothing ever changed and little where much did. The
// result is the mixture over the pairs, not what follows from the best of
// them. How much of the change the families share is found out alike, because
// common change does not average out over them.
//
// After the last day of evidence nothing more is learned, and certainty fades
// by the power curve of FSRS, R(d) = (1 + 19d/(81 S))^-0.5 with S = 90 days:
// 1-R of the variance that the prior gives a family is added. This
// widens the intervals; time alone never moves a mean.
//
// # The posterior
//
// Under each pair it is approximated by a Gaussian: Laplace's method, by Newton
// steps with a line search, and from there expectation propagation (Minka
// 2001), which gives every level the mean and the variance of its exact
// likelihood. A level's own interval has the likelihood's shape as well. The
// cost is linear in the number of cells. The same counts, in any order, give the
// same result to the last bit on one machine.
//
// # What 95 % means
//
// Over learners drawn from the prior, changing ones among them, 95 % of the
// intervals hold the truth. Among those who never change more do, since the
// prior gives that only 30 %, and among those who change most fewer: that is so
// of exact posteriors as well, which hold the truth of a single level for 97.1 %
// of those who never change and for 82 % of those with q = 0.125. This package
// comes to 96.8 % and 79 %, at the same width.
package irt

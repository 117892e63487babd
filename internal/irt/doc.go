// Package irt estimates from counts of tries and passes how likely a learner is
// to pass tasks of several families and levels, and how certain that is. It is
// item response theory (Rasch 1960; Birnbaum 1968) with a learner whose ability
// may change.
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
//	mu       ~ N(0, 1.5²)              the learner's ability in the kind
//	x[f,1]   ~ N(mu, 1.5²)             families differ around it
//	x[f,l+1] ~ N(x[f,l] - 0.8, 0.8²)   a level is harder than the one before
//
// A level or a family that was never tried follows from the others, with the
// uncertainty that remains. Without floors one more pass raises what is expected of
// every level.
//
// [Learn] replaces these numbers by the means and spreads of earlier learners of
// the same families, and what follows about change by how those changed who could, as
// far as that is known.
//
// A family's stated floor may be wrong: a model that never keeps to the form of an
// answer passes less often than a guesser. Each family is seen with its floor and
// without. The two views are mixed by their prior, nine to one, and by the marginal
// likelihood of the family's answers. Floors that are wrong are so in many families of a
// learner: what one family shows of its floor tells of the others. One more pass can then be a sign of the floor,
// and so of less skill: where the answers are odd, it lowers other levels by some
// points. Exact posteriors fall as far, to within a point.
//
// # Change
//
// From day to day an ability may move (a random walk of variance q a day), and
// the answers of one day may share their luck (an effect of variance t on the
// day). Practice may raise or lower it: n days of practice in a family by g log(1+n),
// the power law of practice (Newell and Rosenbloom 1981). q, t and g are not known
// beforehand. They have a prior on a small grid, by which practice hardly ever moves
// anybody, and down as likely as up. A Kalman filter computes the marginal likelihood
// of each hypothesis from the days' deviations from a constant ability. Each that is
// not unlikely is followed: a day's evidence counts as much as it would in the filter,
// in full where nothing ever changed and little where much did, and its passes as they
// would be after all practice. The result is the mixture over the hypotheses, not the
// best one alone. The part of the change that the families
// share is estimated in the same way, because common change does not average out
// over the families.
//
// After the last day of evidence the walk goes on unseen. Each hypothesis adds its q
// for each day, to every family and, as far as they share it, to all of them
// together. This widens the intervals. Time alone never moves a mean. A learner
// that cannot change, such as a model whose weights are fixed, has only q = 0 and
// g = 0, and its intervals stay as they are.
//
// # The posterior
//
// Under each hypothesis the posterior is approximated by a Gaussian. Laplace's method
// finds it by Newton steps with a line search. Expectation propagation (Minka
// 2001) then gives every level the mean and the variance that follow from its
// exact likelihood. A level's own interval has the likelihood's shape as well.
// The cost is linear in the number of cells. The same counts, in any order, give
// the same result to the last bit on one machine.
//
// For learners from the prior, after a day's answers to some families and levels, the
// mean of a level differs from the exact one by 0.002 in the median, by at most 0.013
// in 19 of 20 cases, and by 0.08 at most of 1,000. It may differ by 0.25 where the
// answers are next to impossible: a level with all right between levels with all
// wrong, each on a different day. Skill and luck explain that equally badly.
//
// # What 95 % means
//
// Over learners drawn from the prior, changing ones among them, about 94 % of the
// intervals hold the truth, on the day of the last answer and after any rest
// (docs/measured.md has the table). The share is higher for learners who never walk,
// to whom the prior gives only 30 %, and lower for those who change most. Exact
// posteriors have the same property. Where an ability walks by 0.4 logits a day or more
// (q = 0.16 and 1, 7 % of the prior) this package holds less than they do, since a day far from the constant
// ability is taken to be nearer than it is.
package irt

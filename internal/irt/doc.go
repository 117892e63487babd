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
//	mu       ~ N(0, 1.5²)              the learner's ability in the kind
//	x[f,1]   ~ N(mu, 1.5²)             families differ around it
//	x[f,l+1] ~ N(x[f,l] - 0.8, 0.8²)   a level is harder than the one before
//
// so that a level or a family that was never tried follows from the others,
// with the uncertainty that this leaves. Without floors one more pass raises what is
// expected of every level.
//
// [Learn] puts in place of these numbers what earlier learners of the same families
// were like: the mean and the spread of each, as far as they are known.
//
// The floor that a family was told to have may be wrong: a model that never
// keeps to the form of an answer passes less often than a guesser. Each family
// is seen with its floor and without, and the two are mixed by their prior, nine
// to one, and by the marginal likelihood of the family's answers. One more pass can
// then be a sign of the floor, and so of less skill: it lowers other levels by some
// points where the answers are odd. Exact posteriors fall as far, to within a point.
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
// After the last day of evidence the walk goes on unseen: each pair adds its q
// for each day, to every family and, as far as they share it, to all of them.
// This widens the intervals; time alone never moves a mean. A learner of whom it
// is known that it cannot change, such as a model with known weights, has q = 0
// alone, and its intervals stay as they are.
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
// For learners from the prior, after a day's answers to some families and levels, the
// mean of a level is off the exact one by 0.001 in the median, 0.007 in 19 of 20 and
// 0.05 at most of 1,000. It may be off by 0.25 where the answers are next to
// impossible: a level of which all is right between levels of which all is wrong, each
// on a day of its own. Skill and luck explain that equally badly.
//
// # What 95 % means
//
// Over learners drawn from the prior, changing ones among them, 95 % of the
// intervals hold the truth, on the day of the last answer and after any rest.
// Where the estimator must allow for change, more of those do who never change,
// since the prior gives that only 30 %, and fewer of those who change most: that
// is so of exact posteriors as well, which hold the truth of a single level for
// 97.1 % of those who never change and for 82 % of those with q = 0.125. This
// package comes to 96.8 % and 79 %, at the same width.
package irt

// Package reward learns what people like from what they rated.
//
// The model is an ordered logit (McCullagh 1980). A thing has a worth, which is linear
// in its features plus an effect of its own. A rater has a bias and a scale. Stars, a
// flag "helpful" and a choice between two things are three views of the same worth and
// make one posterior, which is approximated by a normal distribution around its mode
// (Laplace). The spread of each group of weights is learned from the data (empirical
// Bayes, MacKay 1992), so that what people are indifferent to weighs nothing.
//
// Each rating may be noise, with a chance that is learned for each rater. That bounds
// what a liar can do. The ratings of newcomers count for no more than a share of those
// of known raters, which bounds what a crowd of new names can do.
//
// Functions are deterministic: the same observations in the same order give the same
// model.
package reward

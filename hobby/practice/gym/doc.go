// Package gym makes practice of the tasks of reasoning-gym, a Python package with some
// hundred generators of tasks that can be verified (Stojanovski et al. 2025): families of a
// suite, whose answers that package judges.
//
// The host allows a command that runs a Python with the package, such as one of a virtual
// environment made by "pip install reasoning-gym". It is started once and asked over its
// standard input and output. Its environment has no variables of the host's. Some of the
// package's scorers evaluate an answer as Python: the process refuses what would reach
// files, other programs and the network, but that is no sandbox. Where a model is not
// trusted, let the command be one, such as a container without a network.
//
// Data sets are looked at before they are offered. One is refused that makes other tasks of
// the same seed, does not pass its own key, or passes an answer that is none.
package gym

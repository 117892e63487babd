// Package peers has a test that compares searches and rankings with what networkx and
// leidenalg say of the same graphs.
package peers

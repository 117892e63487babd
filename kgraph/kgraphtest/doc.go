// Package kgraphtest has the contract of a knowledge graph's store as a test suite.
package kgraphtest

// Package rlhftest tests implementations of rlhf.Store.
package rlhftest

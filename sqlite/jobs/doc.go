// Package jobs keeps long work in named stages in an agent's store, such as trainings
// and archiving, so that it goes on after a crash.
package jobs

// Package rlhf collects what people think of an agent's insights, activities and
// adapters, and learns from it what is worth practising.
//
//	ratings, err := feedback.New(ctx, store) // package sqlite/feedback
//	...
//	p, err := rlhf.New(ratings, targets, nil)
//	...
//	f, reward, err := p.Submit(ctx, rlhf.Feedback{Type: rlhf.Insight, Target: id, User: "ana", Rating: 4})
//
// A rating is never changed: who rates a thing again adds a version, and the last one
// counts. [Pipeline.Pending] says what to ask next. It logs an [Exposure] of each thing
// that it shows, with the probability with which it was shown: without these nobody can
// tell later what another policy would have been worth.
//
// # Whom a rating is of
//
// A person is named by the host or names themselves. Who has no name counts as one
// rater for each UTC day and network address. The address is not kept: a hash is, with
// a key that the store made.
//
// # Forgetting
//
// The source "user:ID" is a person. [hobby.Store]'s Forget deletes what they gave and
// what they were shown, and the next fit has nothing of it.
package rlhf

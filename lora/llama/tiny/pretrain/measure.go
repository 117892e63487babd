package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

const (
	// measured is how many held-out tasks of each part are asked.
	measured = 100
	// longest bounds an answer, in tokens.
	longest = 96
)

// measure prints, for each part of the mixture, how many of its held-out tasks
// are answered right by greedy decoding.
func (m *model) measure(ctx context.Context, suite *practice.Suite) error {
	for _, p := range mixture {
		r := rand.New(rand.NewPCG(7, uint64(p.level)))
		right := 0
		for range measured {
			if err := ctx.Err(); err != nil {
				return err
			}
			t, err := suite.Draw(r, p.family, p.level, hobby.HeldOut)
			if err != nil {
				return err
			}
			answer, err := m.greedy(&example{part: p, task: t})
			if err != nil {
				return err
			}
			if t.Verify(answer).Score == 1 {
				right++
			}
		}
		fmt.Printf("  %-10s level %d  weight %.2f  %3d of %d\n", p.family, p.level, p.weight, right, measured)
	}
	return nil
}

// greedy answers a task by taking the likeliest token each time. It computes the
// whole sequence anew for every token, which at this size is quick enough.
func (m *model) greedy(e *example) (string, error) {
	tokens, start, err := m.encode(e)
	if err != nil {
		return "", err
	}
	tokens = tokens[:start]
	var b strings.Builder
	for range longest {
		logits, err := m.pass.Logits(tokens)
		if err != nil {
			return "", err
		}
		last, best := logits[len(logits)-m.config.Vocab:], 0
		for i, v := range last {
			if v > last[best] {
				best = i
			}
		}
		if best == 0 { // the end
			break
		}
		b.Write(m.tok.Piece(best))
		tokens = append(tokens, best)
	}
	return b.String(), nil
}

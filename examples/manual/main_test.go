package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestDoubling has right answers in the forms in which models give them, and wrong ones
// that come near. The number that is asked about is read from the prompt.
func TestDoubling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.IntRange(1, doubling{}.Info().Levels).Draw(t, "level")
		task := doubling{}.Generate(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), level)
		asked, _, _ := strings.Cut(strings.TrimPrefix(task.Messages[0].Content, "What is twice "), "?")
		n, err := strconv.Atoi(asked)
		if err != nil || len(asked) != level+2+1 && len(asked) != level+2 {
			t.Fatalf("level %d asks %q: %v", level, task.Messages[0].Content, err)
		}
		key, other := fmt.Sprint(2*n), fmt.Sprint(2*n+rapid.SampledFrom([]int{-100, -10, -2, -1, 1, 2, 10, 100}).Draw(t, "off by"))
		for _, right := range []string{
			"KEY", " KEY.\n", "**KEY**", "\\boxed{KEY}", "Answer: KEY", "The answer is KEY.", "N * 2 = KEY", "N + N = KEY", "2 * N = KEY",
			"Twice N is KEY.", "Double N is KEY", "<think>OTHER?</think>KEY", "KEY.0", "N doubled is KEY.",
		} {
			if v := task.Verify(fill(right, asked, key, other)); v.Score != 1 {
				t.Errorf("%q fails: %s", fill(right, asked, key, other), v.Note)
			}
		}
		for _, wrong := range []string{
			"", "N", "OTHER", "-KEY", "KEY0", "0.KEY", "KEY.5", "KEYe1", "KEY%", "0xKEY", "KEY KEY",
			"KEY, OTHER", "OTHER, KEY", "KEY or OTHER", "not KEY",
			"OTHER\nKEY", "It is not KEY.", "N * 2 = OTHER", "KEY * 2 = N", "Half of N is KEY",
			"OTHER * 2 = KEY", "N + KEY = KEY", "Twice OTHER is KEY.",
			"<think>KEY</think>OTHER", "<think>KEY", "The answer is OTHER. The answer is KEY.", "twice N", "N + N", "2 * N", "KEY?",
		} {
			if v := task.Verify(fill(wrong, asked, key, other)); v.Score == 1 {
				t.Errorf("%q passes for twice %s", fill(wrong, asked, key, other), asked)
			}
		}
	})
}

func fill(text, asked, key, other string) string {
	return strings.NewReplacer("KEY", key, "OTHER", other, "N", asked).Replace(text)
}

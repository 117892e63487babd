package practice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Ways returns the families of problems that have many solutions, in a fixed order: sums
// of given numbers, choices of given words, and programs of a small stack language. From
// level 2 on, several different solutions are asked for, and the answer is the set of
// them. What is right, and what is different, is computed; nothing is a matter of taste.
func Ways() []Family { return []Family{numberWays, wordWays, programWays} }

// Creative is the hobby of creative problem solving. It puts problems of a suite, such as
// that of [Ways], none of them held out, to a model. An answer's score is the share of
// solutions that are right and different from each other; all must be for it to pass. With
// m nil the host's model answers. o may be nil.
func Creative(m hobby.Model, s *Suite, o *Options) hobby.Hobby {
	h := Drill(hobby.CreativeProblemSolving, m, s, o)
	h.Goal = "Find more solutions of problems that have many"
	h.Approach = "Each solution is verified by computing it, and has to differ from the others"
	return h
}

// ways makes a task for k solutions, one on each line of the answer. one judges one of
// them; those that are the same have the same key.
func ways(params, like, prompt string, k int, solutions []string, one func(solution string) (key string, v Verdict)) Task {
	prompt += fmt.Sprintf(" Give exactly %d, one on each line, and nothing else.", k)
	t := ask(params, prompt, strings.Join(solutions[:k], "\n"), "ways", func(a string) Verdict { return several(a, k, one) })
	t.Like = like
	return t
}

// several judges the solutions on the lines of an answer.
func several(answer string, k int, one func(string) (string, Verdict)) Verdict {
	_, said, ok := hobby.CutReasoning(answer)
	switch {
	case !ok:
		return Fail("thinking that did not end")
	case len(said) > maxAnswer:
		return Fail("more than the answer")
	}
	lines := linesOf(said)
	v := together(lines, k, one)
	if plain := unnumbered(lines); v.Score < 1 && !slices.Equal(plain, lines) { // a dash may be a mark or an operator
		if w := together(plain, k, one); w.Score >= v.Score {
			return w
		}
	}
	return v
}

// together judges solutions as a set of k.
func together(solutions []string, k int, one func(string) (string, Verdict)) Verdict {
	seen := map[string]bool{}
	note := ""
	for _, s := range solutions {
		key, v := one(strings.TrimSpace(s))
		switch {
		case v.Score < 1 && note == "":
			note = v.Note
		case v.Score >= 1 && seen[key] && note == "":
			note = "the same solution twice"
		case v.Score >= 1:
			seen[key] = true
		}
	}
	switch {
	case len(solutions) == 0:
		return Fail("empty")
	case note == "" && len(solutions) < k:
		note = "too few solutions"
	case note == "" && len(solutions) > k:
		note = "too many solutions"
	case note == "":
		return Pass()
	}
	share := float64(len(seen)) / float64(max(k, len(solutions)))
	return Verdict{Score: min(share, 0.99), Note: note}
}

// introducing matches a line that says that the solutions follow, and nothing else.
var introducing = regexp.MustCompile(`(?i)^\W*(?:(?:sure|certainly|of course|okay|ok)\b[,!.]?\s+)?` +
	`(?:here (?:is|are|it is|they are)\b(?: (?:the|my|your|one|two|three|four|exactly|[1-4]|different|possible|ways?|solutions?|` +
	`expressions?|programs?|choices?|answers?|they|forth|words?))*|` +
	`(?:the )?(?:answers?|solutions?|ways?|expressions?|programs?|choices?)(?: (?:is|are))?)\W*:\W*$`)

// linesOf are the solutions in an answer: its lines, or what stands between semicolons
// on its only line. A line that introduces them may come first.
func linesOf(said string) []string {
	s := strings.TrimSpace(said)
	if first, rest, found := strings.Cut(s, "\n"); found && introducing.MatchString(first) {
		s = strings.TrimSpace(rest)
	}
	if m := fenced.FindStringSubmatch(s); m != nil {
		s = strings.TrimSpace(m[1])
	}
	lines := strings.Split(s, "\n")
	if len(lines) == 1 {
		lines = strings.Split(strings.TrimSuffix(s, ";"), ";")
	}
	var all []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}

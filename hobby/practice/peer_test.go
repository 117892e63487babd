package practice_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/nearmiss"
)

var (
	verdicts = flag.String("verdicts", "", "a file for tasks, answers and verdicts, which .ci/peers verdicts judges again")
	judgedOf = flag.String("families", "", "the families whose answers are judged, with spaces between them; default all")
)

// wanted reports whether -families has a family.
func wanted(family string) bool {
	only := strings.Fields(*judgedOf)
	return len(only) == 0 || slices.Contains(only, family)
}

// TestPeerVerdicts writes -mutants tasks of each family, with the verdicts on their
// keys and on near misses of them.
func TestPeerVerdicts(t *testing.T) {
	if *verdicts == "" {
		t.Skip("without -verdicts")
	}
	f, err := os.Create(*verdicts)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	s, err := practice.NewSuite(append(practice.Families(), practice.Ways()...)...)
	if err != nil {
		t.Fatal(err)
	}
	for n, info := range s.Families() {
		if !wanted(info.Name) {
			continue
		}
		r := rand.New(rand.NewPCG(uint64(n), 8))
		last := ""
		for i := range *mutants {
			task, err := s.Task(info.Name, 1+i%info.Levels, r.Uint64())
			if err != nil {
				t.Fatal(err)
			}
			j := nearmiss.Judged{
				Family: info.Name, Level: task.Level, Prompt: task.Messages[0].Content, Key: task.Reference, Verdicts: map[string]bool{},
			}
			var near []string
			if task.Verifier == "ways" {
				near = nearWays(r, task.Reference, last)
			} else {
				near = nearMisses(r, &task, last)
			}
			for _, answer := range []string{task.Reference, last, near[r.IntN(len(near))], near[r.IntN(len(near))], near[r.IntN(len(near))]} {
				j.Verdicts[answer] = task.Verify(answer).Score == 1
			}
			if err := json.NewEncoder(out).Encode(j); err != nil {
				t.Fatal(err)
			}
			last = task.Reference
		}
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

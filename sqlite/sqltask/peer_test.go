package sqltask_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/pastime-go/pastime/sqlite/sqltask"
)

var verdicts = flag.String("verdicts", "", "a file for tasks, answers and verdicts, which .ci/peers verdicts judges again")

// TestPeerVerdicts writes -mutants tasks, with the verdicts on their keys and on near
// misses of them.
func TestPeerVerdicts(t *testing.T) {
	if *verdicts == "" {
		t.Skip("without -verdicts")
	}
	f, err := os.Create(*verdicts)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	r := rand.New(rand.NewPCG(3, 8))
	last := ""
	for i := range *mutants {
		task, done := sqltask.GenerateKept(r, 1+i%4)
		said := map[string]bool{}
		near := misses(r, task.Reference, cmp.Or(last, "SELECT 1"), "SELECT 4")
		for _, answer := range []string{task.Reference, near[r.IntN(len(near))], near[r.IntN(len(near))], near[r.IntN(len(near))]} {
			said[answer] = task.Verify(answer).Score == 1
		}
		done()
		if err := json.NewEncoder(out).Encode(map[string]any{
			"family": "sql", "level": 1 + i%4, "prompt": task.Messages[0].Content, "key": task.Reference, "verdicts": said,
		}); err != nil {
			t.Fatal(err)
		}
		last = task.Reference
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

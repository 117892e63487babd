package llama

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

var (
	peerTasks   = flag.Int("peer-tasks", 20, "tasks per family in TestPeerPractice")
	peerAnswers = flag.String("peer-answers", "", "answers of the same model by another program, which TestPeerPractice of hobby/openai wrote")
)

// TestPeerPractice asks the model of -peer-model tasks of every family at level 1
// and prints how many answers are right. Beside them are another program's
// answers to the same tasks, if there are any: which are right may differ
// by chance only, and most are the same.
func TestPeerPractice(t *testing.T) {
	if *peerModel == "" {
		t.Skip("without -peer-model")
	}
	m, err := Open(t.Context(), *peerModel, &Options{Context: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	info, err := m.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]hobby.Item{} // by family and seed
	if *peerAnswers != "" {
		raw, err := os.ReadFile(*peerAnswers)
		if err != nil {
			t.Fatal(err)
		}
		var items []hobby.Item
		if err := json.Unmarshal(raw, &items); err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			theirs[fmt.Sprint(i.Family, i.Seed)] = i
		}
	}

	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "family\ttries\tpasses\tboth answered\tours right\ttheirs\tthe same answer\t")
	var all tally
	start := time.Now()
	for n, family := range suite.Families() {
		r := rand.New(rand.NewPCG(uint64(n+1), 0)) // as a session with this seed draws them
		tasks := make([]practice.Task, *peerTasks)
		for i := range tasks {
			if tasks[i], err = suite.Draw(r, family.Name, 1, hobby.Practice); err != nil {
				t.Fatal(err)
			}
		}
		items, err := practice.AskAll(t.Context(), hobby.Serving{Model: m, Info: info}, tasks, nil)
		if err != nil {
			t.Fatal(err)
		}
		var sum tally
		for _, i := range items {
			t.Logf("%s: %q: %q, right is %q (%v %s)", i.Family, i.Messages[0].Content, i.Answer, i.Reference, i.Score, i.Note)
			other, ok := theirs[fmt.Sprint(i.Family, i.Seed)]
			sum.add(&i, &other, ok)
			all.add(&i, &other, ok)
		}
		sum.row(w, family.Name)
	}
	all.row(w, "all")
	_ = w.Flush()
	t.Logf("%s, level 1, %v:\n%s", info.Name, time.Since(start).Round(time.Second), table.String())
	if all.passes == 0 {
		t.Error("no answer is right")
	}
	if *peerAnswers == "" {
		return
	}
	// Of n answers that only one of two equally good models has right, each has
	// half, and seldom 2 square roots of n more than the other.
	if diff := all.ours - all.theirs; diff*diff > 4*(all.onlyOurs+all.onlyTheirs) {
		t.Errorf("%d right, by the other program %d", all.ours, all.theirs)
	}
	if 2*all.same < all.both {
		t.Errorf("%d of %d answers are the same", all.same, all.both)
	}
}

// tally counts answers, and how they compare with another program's.
type tally struct {
	tries, passes                                  int
	both, ours, theirs, onlyOurs, onlyTheirs, same int
}

func (c *tally) add(our, their *hobby.Item, both bool) {
	c.tries++
	passes := our.Score >= 1
	if passes {
		c.passes++
	}
	if !both {
		return
	}
	c.both++
	theirs := their.Score >= 1
	if passes {
		c.ours++
	}
	if theirs {
		c.theirs++
	}
	if passes && !theirs {
		c.onlyOurs++
	}
	if theirs && !passes {
		c.onlyTheirs++
	}
	if strings.TrimSpace(our.Answer) == strings.TrimSpace(their.Answer) {
		c.same++
	}
}

func (c *tally) row(w *tabwriter.Writer, name string) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, c.tries, c.passes, c.both, c.ours, c.theirs, c.same)
}

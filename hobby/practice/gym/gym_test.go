package gym

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

var python = flag.String("python", "", "a Python with reasoning-gym, whose data sets are all looked at")

// TestMain is a worker of this test's own where it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "-worker" {
		work(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// work answers as worker.py does, of sums and of data sets that are bad in some way. how is
// what goes wrong later.
func work(how string) {
	made := 0
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var r request
		if json.Unmarshal(in.Bytes(), &r) != nil {
			os.Exit(1)
		}
		a := reply{ID: r.ID}
		key := fmt.Sprint(r.Seed%1000 + uint32(r.Level))
		switch r.Op {
		case "list":
			a.Version = "0.1.25"
			a.Levels = map[string]int{"sums": 5, "lenient": 1, "keyless": 1, "moody": 1, "broken": 1, "coins": 1, "loose": 1}
		case "make":
			made++
			if how == "dies" && made > 80 {
				os.Exit(1)
			}
			if how == "hangs" && made > 80 {
				_, _ = io.Copy(io.Discard, os.Stdin)
			}
			a.Question, a.Answer = fmt.Sprintf("%d + %d?", r.Seed%1000, r.Level), key
			switch r.Name {
			case "moody":
				a.Answer = fmt.Sprint(made)
			case "broken":
				a.Error = "it is broken"
			case "coins":
				a.Answer = []string{"heads", "tails"}[r.Seed%2]
			}
		case "score":
			for _, said := range r.Answers {
				if said == "quit()" {
					os.Exit(1)
				}
				score := 0.0
				switch {
				case r.Name == "keyless":
				case r.Name == "coins" && said == []string{"heads", "tails"}[r.Seed%2], said == key, r.Name == "lenient",
					r.Name == "loose" && len(said) < 4 && strings.Trim(said, "0123456789") == "":
					score = 1
				case strings.Contains(said, key):
					score = 0.5
				}
				a.Scores = append(a.Scores, score)
			}
		}
		line, _ := json.Marshal(a)
		fmt.Printf("%s\n", line)
	}
}

func opened(t *testing.T, how string, o *Options) *Gym {
	t.Helper()
	g, err := Open(t.Context(), []string{os.Args[0], "-worker", how}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// TestDatasets has those that can be offered, and why the others are not.
func TestDatasets(t *testing.T) {
	g := opened(t, "", nil)
	var infos []hobby.Family
	for _, f := range g.Families() {
		infos = append(infos, f.Info())
	}
	want := []hobby.Family{
		{Name: "gym_coins", Version: 1025, Levels: 1, LevelGuess: []float64{0.5}},
		{Name: "gym_sums", Version: 1025, Levels: 3, LevelGuess: []float64{0, 0, 0}},
	}
	if diff := cmp.Diff(want, infos); diff != "" {
		t.Errorf("the families (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{
		"lenient": `level 1 passes "wrong", where the key is "1"`, "keyless": "level 1 does not pass its own key",
		"loose": "level 1 passes the keys of other tasks",
		"moody": "level 1 makes another task of the same seed", "broken": "gym: making a task of broken: reasoning-gym says: it is broken",
	}, g.Refused()); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		command []string
		o       *Options
	}{{nil, nil}, {[]string{""}, nil}, {[]string{os.Args[0], "-worker", ""}, &Options{Datasets: []string{"none"}}}} {
		if _, err := Open(t.Context(), c.command, c.o); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%q, %+v: %v", c.command, c.o, err)
		}
	}
	if _, err := Open(t.Context(), []string{t.TempDir() + "/python"}, nil); err == nil || !strings.Contains(err.Error(), "starting") {
		t.Errorf("a command that is not there: %v", err)
	}
}

// TestTasks has tasks of a suite: the same again, judged by the other program.
func TestTasks(t *testing.T) {
	g := opened(t, "", &Options{Datasets: []string{"sums"}})
	s, err := practice.NewSuite(g.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	for level := 1; level <= 3; level++ {
		task, err := s.Task("gym_sums", level, 7)
		again, err2 := s.Task("gym_sums", level, 7)
		if err := errors.Join(err, err2); err != nil || task.Params != again.Params || task.Taint != hobby.Untrusted || task.Source != source {
			t.Fatalf("%+v, %+v, %v", task, again, err)
		}
		key := task.Reference
		for _, right := range []string{key, "**" + key + "**", "<answer>" + key + "</answer>", "So it is this.\n<answer> " + key + " </answer>",
			"<think><answer>0</answer></think>" + key, "Answer: " + key} {
			if v := task.Verify(right); v.Score != 1 || v.Err != nil {
				t.Errorf("%q, where the key is %q: %+v", right, key, v)
			}
		}
		for _, wrong := range []string{"", key + "1", "not " + key, "<answer>" + key + "</answer><answer>1</answer>", "<answer>" + key,
			"</answer>" + key, "<answer></answer>" + key, "<answer>quit()</answer>", "It is " + key + " or 3", "<think>" + key + "</think>",
			strings.Repeat(key, 1<<14)} {
			if v := task.Verify(wrong); v.Score != 0 || v.Err != nil || v.Note == "" {
				t.Errorf("%.60q, where the key is %q: %+v", wrong, key, v)
			}
		}
	}
}

// TestAFailureIsNoVerdict has a program that dies or hangs: what it did not make is no task,
// and what it did not judge is no wrong answer. It is started again.
func TestAFailureIsNoVerdict(t *testing.T) {
	for _, how := range []string{"dies", "hangs"} {
		g := opened(t, how, &Options{Datasets: []string{"sums"}, Timeout: time.Second})
		s, err := practice.NewSuite(g.Families()...)
		if err != nil {
			t.Fatal(err)
		}
		task, err := s.Task("gym_sums", 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		failed := 0
		for seed := range uint64(12) {
			if _, err := s.Task("gym_sums", 1, seed); err != nil {
				failed++
			}
		}
		if v := task.Verify(task.Reference); failed != 1 || v.Score != 1 || v.Err != nil {
			t.Errorf("%s: %d tasks failed, and then %+v; want one, after which it is started again", how, failed, v)
		}
		g.Close()
		if v := task.Verify(task.Reference); v.Err == nil || v.Score != 0 {
			t.Errorf("after the end: %+v", v)
		}
		i := hobby.Item{Family: "gym_sums", Version: 1025, Level: 1, Seed: 1, Split: task.Split, Answer: task.Reference}
		if _, err := practice.Verify(&task, i); err == nil || errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("an item that cannot be judged: %v", err)
		}
	}
}

// TestOpenEnds ends with its context, though what the command has started still runs.
func TestOpenEnds(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a shell")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, []string{sh, "-c", "sleep 300; true"}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a command that says nothing: %v", err)
	}
}

// TestPeer looks at all data sets of the real package. The keys of other tasks and of half
// of a key do not pass.
func TestPeer(t *testing.T) {
	if *python == "" {
		t.Skip("needs -python")
	}
	g, err := Open(t.Context(), []string{*python}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	refused := g.Refused()
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		t.Logf("%s is refused: %s", name, refused[name])
	}
	s, err := practice.NewSuite(g.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	tasks, passed := 0, 0
	for _, f := range s.Families() {
		last := ""
		for seed := range uint64(6) {
			task, err := s.Task(f.Name, 1+int(seed)%f.Levels, seed)
			if err != nil {
				t.Errorf("%s: %v", f.Name, err)
				continue
			}
			tasks++
			if v := task.Verify(task.Reference); v.Score < 1 {
				t.Logf("%s: the key %q alone: %+v", f.Name, task.Reference, v)
			}
			if v := task.Verify("<answer>" + task.Reference + "</answer>"); v.Score < 1 {
				t.Errorf("%s: the key %q: %+v", f.Name, task.Reference, v)
			}
			if last != "" && last != task.Reference && task.Verify(last).Score == 1 {
				passed++
				t.Logf("%s: %q passes, the key is %q", f.Name, last, task.Reference)
			}
			last = task.Reference
		}
	}
	t.Logf("%d families, %d data sets are refused; %d tasks, of which the key of another passed %d",
		len(s.Families()), len(refused), tasks, passed)
	if len(s.Families()) < 60 {
		t.Errorf("%d families", len(s.Families()))
	}
	r, err := g.process.ask(request{Op: "score", Name: "countdown", Level: 1, Answers: []string{
		`__import__("os").system("touch /tmp/pastime-gym-escaped")`,
	}})
	_, escaped := os.Stat("/tmp/pastime-gym-escaped")
	if err != nil || r.Scores[0] >= 1 || escaped == nil {
		t.Errorf("an answer that is a program: %+v, %v, %v", r, err, escaped)
	}
}

package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// state is what the jobs here keep.
type state struct {
	Done  []string `json:"done"`
	Round int      `json:"round"`
}

type stage = job.Stage[state]
type step = job.Step[state]

func journal(t testing.TB, path string) *jobs.Journal {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	j, err := jobs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func runner(t testing.TB, j hobby.Journal, o *job.Options, stages ...stage) *job.Runner[state] {
	t.Helper()
	r, err := job.New(j, "lora", stages, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// done is a stage that notes its name, and names the next.
func done(name, next string) stage {
	return stage{Name: name, Run: func(_ context.Context, s *step) (string, error) {
		s.State.Done = append(s.State.Done, name)
		return next, nil
	}}
}

func stateOf(t testing.TB, j hobby.Job) (s state) {
	t.Helper()
	if err := json.Unmarshal(j.State, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRounds goes through stages, one of which goes back twice.
func TestRounds(t *testing.T) {
	var told []string
	r := runner(t, journal(t, ":memory:"), &job.Options{Progress: func(j hobby.Job) { told = append(told, string(j.Status)+" "+j.Stage) }},
		done("sample", "train"),
		stage{Name: "train", Run: func(_ context.Context, s *step) (string, error) {
			var in struct{ Rounds int }
			if err := s.Input(&in); err != nil {
				return "", err
			}
			s.State.Round++
			if s.State.Round < in.Rounds {
				return "sample", nil
			}
			return "prove", nil
		}},
		done("prove", ""))
	j, err := r.RunOnce(t.Context(), map[string]int{"Rounds": 3})
	if err != nil || j.Status != hobby.JobCompleted {
		t.Fatalf("%+v, %v", j, err)
	}
	if diff := cmp.Diff(state{[]string{"sample", "sample", "sample", "prove"}, 3}, stateOf(t, j)); diff != "" {
		t.Error(diff)
	}
	want := "open train, open sample, open train, open sample, open train, open prove, completed prove"
	if got := strings.Join(told, ", "); got != want {
		t.Errorf("told %s", got)
	}
}

func TestHowAJobFails(t *testing.T) {
	for want, run := range map[string]func(context.Context, *step) (string, error){
		"too few rows":            func(context.Context, *step) (string, error) { return "", errors.New("too few rows") },
		"panic in the stage one":  func(context.Context, *step) (string, error) { panic("a bug") },
		`names "two" as the next`: func(context.Context, *step) (string, error) { return "two", nil },
	} {
		var logged strings.Builder
		r := runner(t, journal(t, ":memory:"), &job.Options{Logger: slog.New(slog.NewJSONHandler(&logged, nil))}, stage{"one", run})
		j, err := r.RunOnce(t.Context(), nil)
		if err != nil || j.Status != hobby.JobFailed || !strings.Contains(j.Err, want) {
			t.Errorf("%s: %+v, %v", want, j, err)
		}
		type warning struct{ Level, Line, Job, Stage, Error string }
		var got warning
		if err := json.Unmarshal([]byte(logged.String()), &got); err != nil {
			t.Errorf("the log is %q: %v", logged.String(), err)
		}
		if diff := cmp.Diff(warning{"WARN", "lora", j.ID, "one", j.Err}, got); diff != "" {
			t.Errorf("%s: what the log says (-want +got):\n%s", want, diff)
		}
		if next, err := r.RunOnce(t.Context(), nil); err != nil || next.ID == j.ID {
			t.Errorf("the next job of the line: %+v, %v", next, err)
		}
	}
	for what, stages := range map[string][]stage{"none": nil, "no name": {{}}, "twice": {done("a", ""), done("a", "")}} {
		if _, err := job.New(journal(t, ":memory:"), "lora", stages, nil); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("stages: %s: %v", what, err)
		}
	}
}

// waiting is a stage that waits for the end of its context.
func waiting(name string, begun chan<- struct{}) stage {
	return stage{Name: name, Run: func(ctx context.Context, s *step) (string, error) {
		s.State.Done = append(s.State.Done, name)
		if err := s.Keep(ctx); err != nil {
			return "", err
		}
		close(begun)
		<-ctx.Done()
		return "", context.Cause(ctx)
	}}
}

// TestCancel cancels what runs here, what runs in another process, and what waits.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := journal(t, ":memory:")
		for _, where := range []string{"here", "elsewhere"} {
			begun := make(chan struct{})
			r := runner(t, l, nil, waiting("train", begun))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- r.Run(ctx) }()
			j, err := r.Start(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			<-begun
			if where == "here" {
				_, err = r.Cancel(t.Context(), j.ID)
			} else {
				_, err = l.CancelJob(t.Context(), j.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
			if j, err = l.Job(t.Context(), j.ID); err != nil || j.Status != hobby.JobCancelled || j.Err != "" {
				t.Errorf("cancelled %s: %+v, %v", where, j, err)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// TestShutdown ends the process in order while a stage works: the job stays open, and
// goes on with what the stage had kept. No such end counts as a try.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := journal(t, ":memory:")
		var id string
		for i := range 5 {
			begun := make(chan struct{})
			r := runner(t, l, nil, waiting("train", begun))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- r.Run(ctx) }()
			if i == 0 {
				j, err := r.Start(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				id = j.ID
			}
			<-begun
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		j, err := l.Job(t.Context(), id)
		if err != nil || j.Status != hobby.JobOpen || len(stateOf(t, j).Done) != 5 {
			t.Fatalf("%+v, %v; want it open, begun five times", j, err)
		}
	})
}

// The crash tests start this program again with these in its environment. It then
// runs the job in the store until somebody kills it in the stage named.
const (
	crashStore = "JOB_TEST_STORE"
	crashStage = "JOB_TEST_STAGE"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashStore); path != "" {
		if err := crash(path, os.Getenv(crashStage)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

var names = []string{"sample", "train", "prove", "deploy"}

// crashing are stages that write a line into a file each. In the named one it says so
// on standard output, and waits to be killed.
func crashing(file, last string) []stage {
	var all []stage
	for i, name := range names {
		next := ""
		if i+1 < len(names) {
			next = names[i+1]
		}
		all = append(all, stage{Name: name, Run: func(_ context.Context, s *step) (string, error) {
			f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err == nil {
				_, err = fmt.Fprintln(f, name)
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				return "", err
			}
			if name == last {
				fmt.Println("in", name)
				select {}
			}
			s.State.Done = append(s.State.Done, name)
			return next, nil
		}})
	}
	return all
}

func crash(path, last string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	l, err := jobs.New(ctx, s)
	if err != nil {
		return err
	}
	r, err := job.New(l, "lora", crashing(path+".effects", last), &job.Options{Poll: 10 * time.Millisecond})
	if err != nil {
		return err
	}
	return r.Run(ctx)
}

// kill lets another process carry the job out until it is in a stage, and kills it.
func kill(t *testing.T, path, last string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashStore+"="+path, crashStage+"="+last)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := make([]byte, len("in "+last))
	n, err := out.Read(told)
	if err != nil || string(told[:n]) != "in "+last {
		t.Errorf("the process said %q, %v", told[:n], err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

// TestKilledInEveryStage kills a process in each stage in turn. The last process
// finishes the job: the state has every stage once, and each effect happened once, or
// twice where the process died.
func TestKilledInEveryStage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	l := journal(t, path)
	here := runner(t, l, nil, crashing(path+".effects", "")...)
	j, err := here.Start(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, last := range names {
		kill(t, path, last)
		at, err := l.Job(t.Context(), j.ID)
		if err != nil || at.Stage != last || at.Status != hobby.JobOpen {
			t.Fatalf("killed in %s: %+v, %v", last, at, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := runner(t, l, &job.Options{Progress: func(j hobby.Job) {
		if j.Status.Ended() {
			cancel()
		}
	}}, crashing(path+".effects", "")...)
	if err := last.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if j, err = l.Job(t.Context(), j.ID); err != nil || j.Status != hobby.JobCompleted {
		t.Fatalf("in the end: %+v, %v", j, err)
	}
	if diff := cmp.Diff(names, stateOf(t, j).Done); diff != "" {
		t.Errorf("the state (-want +got):\n%s", diff)
	}
	effects, err := os.ReadFile(path + ".effects")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields("sample sample train train prove prove deploy deploy")
	if got := strings.Fields(string(effects)); !cmp.Equal(got, want) {
		t.Errorf("the effects are %v, want %v", got, want)
	}
}

// TestAStageThatKillsItsProcess is given up after three deaths, and not before.
func TestAStageThatKillsItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	l := journal(t, path)
	here := runner(t, l, &job.Options{Poll: 10 * time.Millisecond}, crashing(path+".effects", "")...)
	j, err := here.Start(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		kill(t, path, "train")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := runner(t, l, &job.Options{Progress: func(hobby.Job) { cancel() }}, crashing(path+".effects", "")...)
	if err := last.Run(ctx); err != nil {
		t.Fatal(err)
	}
	j, err = l.Job(t.Context(), j.ID)
	if err != nil || j.Status != hobby.JobFailed || !strings.Contains(j.Err, "ended in the stage train 3 times") {
		t.Errorf("%+v, %v", j, err)
	}
}

// TestRunOnceBesideRun has Run take the jobs that RunOnce starts: both see them through.
func TestRunOnceBesideRun(t *testing.T) {
	r := runner(t, journal(t, ":memory:"), &job.Options{Poll: time.Millisecond}, done("only", ""))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()
	for i := range 50 {
		j, err := r.RunOnce(t.Context(), nil)
		if err != nil || j.Status != hobby.JobCompleted {
			t.Fatalf("run %d: %+v, %v", i, j, err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

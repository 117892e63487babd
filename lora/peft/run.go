package peft

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pastime-go/pastime/internal/child"
	"github.com/pastime-go/pastime/lora"
)

const (
	// mark begins the lines of the protocol.
	mark = "pastime: "
	// maxLine bounds a line, and maxTail what is kept of the rest for an error.
	maxLine, maxTail = 1 << 20, 4 << 10
)

// event is a line of the protocol.
type event struct {
	Event        string   `json:"event"`
	Kind         string   `json:"kind"`
	Message      string   `json:"message"`
	Step         int      `json:"step"`
	Total        int      `json:"total"`
	Epoch        float64  `json:"epoch"`
	Loss         float64  `json:"loss"`
	Validation   *float64 `json:"validation"`
	Before       *float64 `json:"before"`
	LearningRate float64  `json:"learning_rate"`
	GradientNorm float64  `json:"gradient_norm"`
	Tokens       int64    `json:"tokens"`
	Steps        int      `json:"steps"`
	Stopped      bool     `json:"stopped"`
}

// parse reads a line; ok is false for one that is not of the protocol.
func parse(line string) (e event, ok bool, err error) {
	text, ok := strings.CutPrefix(line, mark)
	if !ok {
		return e, false, nil
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, true, fmt.Errorf("peft: the trainer says %.200q: %w", text, err)
	}
	return e, true, nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[max(0, len(p)-maxTail):]...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(t.text), "\uFFFD"))
}

// run starts the script and speaks with it until it has ended.
func (t *trainer) run(ctx context.Context, j lora.Job, what *job, report func(lora.Step)) (a lora.Artifact, err error) {
	if what.Parent != "" {
		if what.Parent, err = filepath.Abs(what.Parent); err != nil {
			return a, err
		}
	}
	text, err := json.Marshal(what)
	if err != nil {
		return a, fmt.Errorf("peft: %w", err)
	}
	// The job has private texts: they stay in its own folder, whatever ends the process.
	jobFile, code := filepath.Join(what.Work, "job.json"), filepath.Join(what.Work, "train.py")
	ours := []string{jobFile, code, what.Work}
	if _, err := os.Stat(j.Dir); errors.Is(err, fs.ErrNotExist) {
		ours = append(ours, j.Dir)
	}
	defer func() {
		for _, path := range ours { // a folder that has a checkpoint or an adapter stays
			_ = os.Remove(path)
		}
	}()
	err = errors.Join(os.MkdirAll(what.Work, 0o700), os.WriteFile(jobFile, text, 0o600), os.WriteFile(code, script, 0o600))
	if err != nil {
		return a, fmt.Errorf("peft: %w", err)
	}
	if t.o.Script != "" {
		code = t.o.Script
	}
	args := append(append([]string{}, t.o.Command[1:]...), code, jobFile)
	c := exec.Command(t.o.Command[0], args...)
	c.Env = append(append(os.Environ(), "PYTHONHASHSEED=0", "TOKENIZERS_PARALLELISM=false"), t.o.Env...)
	return t.speak(ctx, c, &talk{job: j, most: len(what.Data.Train) * what.Config.Epochs, report: report, start: time.Now()})
}

// speak runs the process and carries its talk to an end.
func (t *trainer) speak(ctx context.Context, c *exec.Cmd, k *talk) (a lora.Artifact, err error) {
	var rest tail
	c.Stderr = &rest
	in, err := c.StdinPipe()
	if err != nil {
		return a, fmt.Errorf("peft: %w", err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return a, fmt.Errorf("peft: %w", err)
	}
	group, err := child.Start(c, 0)
	if err != nil {
		return a, fmt.Errorf("peft: starting the trainer: %w", err)
	}
	lines := make(chan string)
	end := make(chan struct{})
	go func() {
		defer close(lines)
		read(out, &rest, func(line string) bool {
			select {
			case lines <- line:
				return true
			case <-end:
				return false
			}
		})
	}()
	k.say = func(word string) error { _, err := io.WriteString(in, word+"\n"); return err }
	err = t.listen(ctx, k, lines)
	_ = in.Close()
	if k.last == "" { // it does not end by itself, or not as it should
		group.Kill()
	}
	hung := time.AfterFunc(t.o.Grace, func() {
		group.Kill()
		_ = out.Close() // a process that has left the group may hold it
	})
	c.WaitDelay = t.o.Grace // the same for its standard error
	close(end)
	for range lines {
	}
	waited := c.Wait()
	hung.Stop()
	group.Kill() // what it started may live on
	switch {
	case err != nil:
		if s := rest.String(); s != "" && !errors.Is(err, context.Cause(ctx)) {
			err = fmt.Errorf("%w\nthe trainer's last words: %s", err, s)
		}
		return a, err
	case k.last == "" && waited == nil:
		return a, fmt.Errorf("peft: the trainer ended without a result; its last words: %s", rest.String())
	case waited != nil:
		return a, fmt.Errorf("peft: the trainer failed: %w; its last words: %s", waited, rest.String())
	}
	return k.result, nil
}

// read hands over the lines of the protocol, and keeps the others.
func read(r io.Reader, rest io.Writer, each func(string) bool) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if line := lines.Text(); !strings.HasPrefix(line, mark) {
			_, _ = io.WriteString(rest, line+"\n")
		} else if !each(line) {
			break
		}
	}
	_, _ = io.Copy(rest, r) // so that it does not block, whatever it prints
}

// listen answers what the script says until it has said its last, or nothing for too
// long. When ctx ends, it is told to stop at its next question.
func (t *trainer) listen(ctx context.Context, k *talk, lines <-chan string) error {
	silence := time.NewTimer(t.o.Silence)
	defer silence.Stop()
	ended := ctx.Done()
	for k.last == "" {
		select {
		case line, ok := <-lines:
			if !ok {
				return nil // the exit status says why
			}
			e, _, err := parse(line)
			if err != nil {
				return err
			}
			if err := k.hear(ctx, &e); err != nil {
				return err
			}
			if ended != nil {
				silence.Reset(t.o.Silence)
			}
		case <-ended:
			ended = nil
			silence.Reset(t.o.Grace)
		case <-silence.C:
			if ended == nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("peft: the trainer hangs: it said nothing for %v", t.o.Silence)
		}
	}
	return nil
}

// talk is what was said so far.
type talk struct {
	job    lora.Job
	report func(lora.Step)
	most   int // steps that the job can have: those of one example each
	say    func(word string) error
	start  time.Time
	paused time.Duration
	step   lora.Step
	first  int64 // tokens of earlier runs
	losses []float64
	begun  int    // the first step of this run
	last   string // the last event
	result lora.Artifact
}

// hear takes an event.
func (k *talk) hear(ctx context.Context, e *event) error {
	switch e.Event {
	case "wait":
		return k.wait(ctx)
	case "step":
		return k.hearStep(ctx, e)
	case "stopped":
		k.last = e.Event
		if ctx.Err() == nil {
			return errors.New("peft: the trainer stopped, and nobody asked it to")
		}
		return context.Cause(ctx)
	case "error":
		k.last = e.Event
		kinds := map[string]error{"config": lora.ErrConfig, "memory": lora.ErrMemory, "diverged": lora.ErrDiverged}
		if kind := kinds[e.Kind]; kind != nil {
			return fmt.Errorf("%w: %s", kind, e.Message)
		}
		return fmt.Errorf("peft: %s", e.Message)
	case "done":
		k.last = e.Event
		return k.done(e)
	}
	return fmt.Errorf("peft: the trainer says %.64q, which means nothing", e.Event)
}

// wait answers whether to go on, once the user is away.
func (k *talk) wait(ctx context.Context) error {
	if ctx.Err() == nil && k.job.Wait != nil {
		began := time.Now()
		if err := k.job.Wait(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		k.paused += time.Since(began)
	}
	word := "go"
	if ctx.Err() != nil {
		word = "stop"
	}
	if err := k.say(word); err != nil && ctx.Err() == nil {
		return nil // it has ended: its exit status says why
	}
	return nil
}

// hearStep takes a step, when it can be true.
func (k *talk) hearStep(ctx context.Context, e *event) error {
	s := lora.Step{
		Step: e.Step, Total: e.Total, Epoch: e.Epoch, Loss: e.Loss, Validation: e.Validation,
		LearningRate: e.LearningRate, GradientNorm: e.GradientNorm, Tokens: e.Tokens,
	}
	before := k.step
	switch {
	case e.Step < 1 || e.Step > e.Total || e.Total > k.most || before.Step > 0 && (e.Step != before.Step+1 || e.Total != before.Total):
		return fmt.Errorf("peft: the trainer reports step %d of %d after step %d of %d", e.Step, e.Total, before.Step, before.Total)
	case e.Tokens <= before.Tokens || e.Tokens < int64(e.Step):
		return fmt.Errorf("peft: the trainer reports %d tokens at step %d, after %d", e.Tokens, e.Step, before.Tokens)
	case !(e.Loss >= -1e-6) || math.IsInf(e.Loss, 0) || e.Validation != nil && !(*e.Validation >= -1e-6):
		return fmt.Errorf("%w: the trainer reports the loss %v at step %d", lora.ErrDiverged, e.Loss, e.Step)
	case !(e.Epoch > 0) || e.Epoch > float64(k.job.Config.WithDefaults().Epochs):
		return fmt.Errorf("peft: the trainer reports epoch %v of %d", e.Epoch, k.job.Config.WithDefaults().Epochs)
	}
	if k.begun == 0 {
		k.begun, k.first = e.Step, e.Tokens*int64(e.Step-1)/int64(e.Step)
	}
	took := max(time.Since(k.start)-k.paused, time.Microsecond)
	s.TokensPerSecond = float64(e.Tokens-k.first) / took.Seconds()
	s.Left = took / time.Duration(e.Step-k.begun+1) * time.Duration(e.Total-e.Step)
	k.step = s
	k.losses = append(k.losses, e.Loss)
	if k.report != nil && ctx.Err() == nil {
		k.report(s)
	}
	return nil
}

// done takes the result, when it agrees with what was reported.
func (k *talk) done(e *event) error {
	k.result = lora.Artifact{Steps: e.Steps, Tokens: e.Tokens, Stopped: e.Stopped, Loss: e.Loss, Before: e.Before, Validation: e.Validation}
	switch {
	case k.step.Step > 0 && (e.Steps != k.step.Step || e.Tokens != k.step.Tokens):
		return fmt.Errorf("peft: the trainer says that it made %d steps of %d tokens, and reported %d of %d",
			e.Steps, e.Tokens, k.step.Step, k.step.Tokens)
	case e.Steps < 1 || e.Steps < k.step.Total && !e.Stopped:
		return fmt.Errorf("peft: the trainer says that it is done after %d of %d steps", e.Steps, k.step.Total)
	}
	per := max(1, k.step.Total/k.job.Config.WithDefaults().Epochs)
	if n := len(k.losses); !e.Stopped && n >= per {
		mean := 0.0
		for _, l := range k.losses[n-per:] {
			mean += l / float64(per)
		}
		if !(math.Abs(mean-e.Loss) <= 1e-3*(1+mean)) {
			return fmt.Errorf("peft: the trainer says that its last epoch's loss is %v, and reported %v", e.Loss, mean)
		}
	}
	return nil
}

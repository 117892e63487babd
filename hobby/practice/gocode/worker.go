package gocode

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pastime-go/pastime/internal/child"
)

// workerVariable is set in the environment of a worker, to the version of what it is told
// and tells. The worker's name ends with workerName too: a variable alone, which a program
// may inherit from a stranger, makes no worker.
const workerVariable, workerVersion, workerName = "PASTIME_GOCODE_WORKER", "1", " (code analysis)"

// The bounds of what a worker tells, in bytes: of its reports, and of what is kept of its
// last words, and of the reason that these give.
const mostReported, mostWords, mostReason = 64 << 20, 16 << 10, 200

// How long a worker has for its first report, and how long the end of a session waits for
// a killed worker to be gone. The system takes its time to free gigabytes.
const hello, reap = time.Minute, 50 * time.Millisecond

// hasWorkers reports whether this program's main called Worker. It is a fact about the
// program, as os.Args is, and so the one variable of this package that changes.
var hasWorkers atomic.Bool

// Worker lets the second layer of code analysis run in a process of its own, which is
// this program again. The program's main calls it first, before it reads flags or opens
// anything:
//
//	func main() {
//		gocode.Worker()
//		...
//
// In the process that a user starts, Worker returns at once. In the one that the analysis
// starts, it analyses a folder and never returns. That process has the bounds of
// [Options.Memory] and [Options.Time]. It ends when a session does, and with all that it
// started when the program dies, however it dies.
//
// Without the call, the analysis runs in the program's own process. See the package's
// comment for the difference.
func Worker() {
	if version := os.Getenv(workerVariable); version != "" && len(os.Args) == 1 && strings.HasSuffix(os.Args[0], workerName) {
		work(version)
	}
	hasWorkers.Store(true)
}

// order is what a worker is told.
type order struct {
	Root, Dir string
	Memory    int64 // bytes
	Time      time.Duration
}

// report is what a worker tells: what it is at, or as the last one what it found.
type report struct {
	At       string
	Last     bool
	Findings []finding
	Problem  string
}

// work is the whole life of a worker. It ends when its standard input does.
func work(version string) {
	in, out := os.Stdin, os.Stdout
	os.Stdout = os.Stderr // whatever a library prints is no report
	_ = os.Unsetenv(workerVariable)
	var o order
	if version != workerVersion || gob.NewDecoder(in).Decode(&o) != nil {
		child.EndGroup()
	}
	go child.Orphaned(in)
	var mu sync.Mutex
	encoder := gob.NewEncoder(out)
	tell := func(r report) {
		mu.Lock()
		defer mu.Unlock()
		if encoder.Encode(&r) != nil {
			child.EndGroup() // nobody listens
		}
	}
	go watch(o, func(problem string) {
		tell(report{Last: true, Problem: problem})
		child.EndGroup()
	})
	found, err := inspect(context.Background(), o.Root, o.Dir, func(at string) { tell(report{At: at}) })
	r := report{Last: true, Findings: found}
	if err != nil {
		r.Problem = err.Error()
	}
	tell(r)
	select {} // until the report was read
}

// watch waits until this process and those that it started have used up their memory or
// their time, and says so.
func watch(o order, over func(problem string)) {
	debug.SetMemoryLimit(o.Memory / 10 * 9)
	end := time.Now().Add(o.Time)
	for range time.Tick(50 * time.Millisecond) {
		if child.Memory() > o.Memory {
			over(fmt.Sprintf("its analysis needs more than %s of memory", size(o.Memory)))
		}
		if time.Now().After(end) {
			over(fmt.Sprintf("its analysis takes longer than %v", o.Time))
		}
	}
}

// size says how many bytes there are.
func size(n int64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%.4g MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.4g GiB", float64(n)/(1<<30))
}

// inspectApart is inspect in a worker, which is killed when ctx ends.
func inspectApart(ctx context.Context, o order, progress func(string)) ([]finding, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	cmd, in, out, words, err := worker()
	if err != nil {
		return nil, err
	}
	group, err := child.Start(cmd, o.Memory)
	if err != nil {
		return nil, fmt.Errorf("no process can be started for its analysis: %w", err)
	}
	first := time.AfterFunc(hello, group.Kill)
	reports := make(chan report)
	go func() {
		defer close(reports)
		if gob.NewEncoder(in).Encode(&o) == nil {
			listen(out, reports)
		}
	}()
	defer func() {
		first.Stop()
		group.Kill()
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			for range reports {
			}
			_ = cmd.Wait()
		}()
		select {
		case <-gone:
		case <-time.After(reap):
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case r, ok := <-reports:
			first.Stop()
			switch {
			case !ok:
				return nil, words.problem()
			case !r.Last:
				progress(r.At)
			case r.Problem != "":
				return r.Findings, errors.New(r.Problem)
			default:
				return r.Findings, nil
			}
		}
	}
}

// worker is a command that starts this program as a worker, with its standard input and
// output, and what it writes to its standard error.
func worker() (c *exec.Cmd, in io.Writer, out io.Reader, words *head, err error) {
	self, err := child.Self()
	if err != nil {
		return nil, nil, nil, nil, err
	}
	c = exec.Command(self)
	c.Args[0] = os.Args[0] + workerName
	c.Env = append(os.Environ(), workerVariable+"="+workerVersion)
	words = &head{}
	c.Stderr, c.WaitDelay = words, time.Second
	in, errIn := c.StdinPipe()
	out, errOut := c.StdoutPipe()
	return c, in, out, words, errors.Join(errIn, errOut)
}

// listen hands over what a worker reports, until it ends.
func listen(out io.Reader, reports chan<- report) {
	d := gob.NewDecoder(io.LimitReader(out, mostReported))
	for {
		var r report
		if d.Decode(&r) != nil {
			return
		}
		reports <- r
	}
}

// head keeps the beginning of what is written to it, which says why a program of Go ended.
type head struct {
	mu   sync.Mutex
	text []byte
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text = append(h.text, p[:min(len(p), mostWords-len(h.text))]...)
	return len(p), nil
}

// problem says why a worker ended without a result.
func (h *head) problem() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for line := range strings.Lines(string(h.text)) {
		for _, fatal := range []string{"fatal error: ", "panic: "} {
			if why, ok := strings.CutPrefix(line, fatal); ok {
				why = strings.ToValidUTF8(strings.TrimSpace(why[:min(len(why), mostReason)]), "")
				return fmt.Errorf("its analysis ended early: %s", why)
			}
		}
	}
	return errors.New("its analysis ended early")
}

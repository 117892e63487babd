package gym

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

//go:embed worker.py
var worker string

// maxLine bounds a line that the process writes.
const maxLine = 4 << 20

// process is the worker, which is started when it is first asked, and again after it failed.
type process struct {
	command []string
	timeout time.Duration

	mu     sync.Mutex
	closed bool
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	id     int
}

type request struct {
	ID      int      `json:"id"`
	Op      string   `json:"op"`
	Name    string   `json:"name,omitempty"`
	Names   []string `json:"names,omitempty"`
	Level   int      `json:"level,omitempty"`
	Seed    uint32   `json:"seed"`
	Answers []string `json:"answers,omitempty"`
}

type reply struct {
	ID       int            `json:"id"`
	Error    string         `json:"error"`
	Version  string         `json:"version"`
	Levels   map[string]int `json:"levels"`
	Question string         `json:"question"`
	Answer   string         `json:"answer"`
	Scores   []float64      `json:"scores"`
}

// errRefused is what the worker says of a request.
var errRefused = errors.New("reasoning-gym says")

// ask sends a request and waits for the reply. A process that does not answer in time, or
// not as it should, is ended.
func (p *process) ask(r request) (reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return reply{}, errors.New("it is closed")
	}
	if err := p.start(); err != nil {
		return reply{}, err
	}
	p.id++
	r.ID = p.id
	overdue := time.AfterFunc(p.timeout, func() { _ = p.cmd.Process.Kill() })
	a, err := p.exchange(r)
	if !overdue.Stop() {
		err = fmt.Errorf("no answer within %v", p.timeout)
	}
	if err != nil {
		p.stop()
		return reply{}, err
	}
	if a.Error != "" {
		return a, fmt.Errorf("%w: %s", errRefused, a.Error)
	}
	return a, nil
}

// start starts the worker unless it runs. The caller holds p.mu.
func (p *process) start() error {
	if p.cmd != nil {
		return nil
	}
	args := append(p.command[1:len(p.command):len(p.command)], "-I", "-c", worker)
	cmd := exec.CommandContext(context.Background(), p.command[0], args...) // it outlives what it is asked for
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "PYTHONHASHSEED=0", "LC_ALL=C.UTF-8", "OPENBLAS_NUM_THREADS=1"}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd, p.in, p.out = cmd, in, bufio.NewReader(out)
	return nil
}

func (p *process) exchange(r request) (a reply, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return reply{}, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return reply{}, fmt.Errorf("it does not read: %w", err)
	}
	var got []byte
	for {
		part, err := p.out.ReadSlice('\n')
		got = append(got, part...)
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return reply{}, fmt.Errorf("it ended: %w", err)
		}
		if len(got) > maxLine {
			return reply{}, fmt.Errorf("a line of more than %d bytes", maxLine)
		}
	}
	if err := json.Unmarshal(got, &a); err != nil || a.ID != r.ID {
		return reply{}, errors.New("its answer is not to this request")
	}
	return a, nil
}

// stop ends the worker. The caller holds p.mu.
func (p *process) stop() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.in.Close()
	_ = p.cmd.Wait()
	p.cmd = nil
}

func (p *process) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.stop()
}

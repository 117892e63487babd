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

	"github.com/pastime-go/pastime/internal/child"
)

//go:embed worker.py
var worker string

// maxLine bounds a line that the process writes.
const maxLine = 4 << 20

// process keeps a worker, which is started when it is first asked, and again after it failed.
type process struct {
	command []string
	names   []string // of the data sets that are offered; nil for all
	timeout time.Duration
	life    context.Context // until it is closed
	end     context.CancelFunc

	mu   sync.Mutex
	now  *running // nil for none
	list reply    // what the package has, as the first worker said
	id   int
}

// running is a worker that runs.
type running struct {
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Reader
	// kill ends it with all that it started, and whoever writes to it or reads from it.
	kill func()
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

// ask sends a request and waits for the reply. A worker that does not answer in time, or
// not as it should, is ended.
func (p *process) ask(r request) (reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.start(); err != nil {
		return reply{}, err
	}
	return p.put(r, p.timeout)
}

// lists is what the package has.
func (p *process) lists() (reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.start()
	return p.list, err
}

// put asks the worker that runs. The caller holds p.mu.
func (p *process) put(r request, timeout time.Duration) (reply, error) {
	p.id++
	r.ID = p.id
	limit, done := context.WithTimeout(p.life, timeout)
	defer done()
	stop := context.AfterFunc(limit, p.now.kill)
	a, err := p.now.exchange(r)
	switch {
	case stop():
	case p.life.Err() != nil:
		err = errClosed
	default:
		err = fmt.Errorf("no answer within %v", timeout)
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

var errClosed = errors.New("it is closed")

// start starts a worker unless one runs, and asks what the package has, before which the
// worker loads what it needs of it. The caller holds p.mu.
func (p *process) start() error {
	switch {
	case p.life.Err() != nil:
		return errClosed
	case p.now != nil:
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
	group, err := child.Start(cmd, 0)
	if err != nil {
		return err
	}
	p.now = &running{cmd: cmd, in: in, out: bufio.NewReader(out), kill: sync.OnceFunc(func() {
		group.Kill()
		_ = in.Close()
		_ = out.Close() // a process that has left the group may hold it
	})}
	list, err := p.put(request{Op: "list", Names: p.names}, p.timeout+loading)
	if err != nil {
		p.stop()
		return err
	}
	if p.list.Version != "" && list.Version != p.list.Version {
		p.stop()
		return fmt.Errorf("the package was version %.20q and is %.20q now", p.list.Version, list.Version)
	}
	p.list = list
	return nil
}

func (p *running) exchange(r request) (a reply, err error) {
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
	if p.now == nil {
		return
	}
	p.now.kill()
	_ = p.now.cmd.Wait()
	p.now = nil
}

// close ends the worker, and what it is asked at the moment.
func (p *process) close() {
	p.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
}

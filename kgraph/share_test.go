package kgraph_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

// share follows a store's log whenever it reads a line, and then writes how many events that
// were. Once there are no more lines it writes what it knows.
func share(dir string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := graphs.New(ctx, s)
	if err != nil {
		return err
	}
	g, err := kgraph.New(l, s, nil)
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		n, err := follow(ctx, s, g)
		if err != nil {
			return err
		}
		if _, err := g.Rev(ctx); err != nil { // its index follows what both have made
			return err
		}
		fmt.Println(n)
	}
	known, err := knows(ctx, g)
	fmt.Println(known)
	return err
}

// knows is what a graph knows, in a line.
func knows(ctx context.Context, g *kgraph.Graph) (string, error) {
	hash, err := g.Hash(ctx)
	if err != nil {
		return "", err
	}
	m, err := g.Map(ctx, nil)
	return fmt.Sprint(hash, " ", m.TotalNodes, " concepts, ", m.TotalEdges, " relations, ", m.Communities), err
}

// sharing is a process that shares a store.
type sharing struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startSharing(t *testing.T, dir string) (p sharing) {
	t.Helper()
	p.cmd = exec.CommandContext(t.Context(), os.Args[0])
	p.cmd.Env = append(os.Environ(), processDir+"="+dir, processShares+"=1")
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	return p
}

// TestProcessesShareAStore has two processes follow one store's log at the same time while a third one
// writes it: both know what one process alone would, and nothing is there twice. First each is
// asked alone, and follows all that is new; then both are, and leave nothing out together.
func TestProcessesShareAStore(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	g, s := open(t, filepath.Join(dir, "agent.db"), nil)
	defer s.Close()
	alone, as := open(t, ":memory:", nil)
	defer as.Close()
	both := []sharing{startSharing(t, dir), startSharing(t, dir)}
	commit := func(session hobby.Session, stores ...*sqlite.Store) {
		for _, s := range stores {
			if _, err := s.Commit(ctx, session, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	told, last := 0, hobby.Cursor(0)
	for round := range 20 {
		for n := range 4 {
			session := learned(4*round + n)
			told += len(session.Insights)
			commit(session, s, as)
		}
		switch round {
		case 5:
			secret := learned(1000)
			for i := range secret.Insights {
				in := &secret.Insights[i]
				in.Source, in.Taint, in.Confidence = "secret.md", hobby.Untrusted, .9
				for j := range in.Claims {
					in.Claims[j].Confidence = .9
				}
			}
			commit(secret, s)
		case 12:
			if _, err := s.Forget(ctx, "secret.md"); err != nil {
				t.Fatal(err)
			}
		}
		events, err := s.Events(ctx, last, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		last = events[len(events)-1].Pos
		asked, followed := both, 0
		if round < len(both) {
			asked = both[round : round+1]
		}
		for _, p := range asked {
			if _, err := io.WriteString(p.in, "follow\n"); err != nil {
				t.Fatal(err)
			}
		}
		for i, p := range asked {
			var n int
			if !p.out.Scan() {
				t.Fatalf("round %d: process %d ended", round, i)
			}
			if _, err := fmt.Sscan(p.out.Text(), &n); err != nil {
				t.Fatalf("round %d: process %d says %q: %v", round, i, p.out.Text(), err)
			}
			followed += n
		}
		// Two that read the same events at once both count them.
		if followed < len(events) || len(asked) == 1 && followed > len(events) {
			t.Errorf("round %d: %d processes followed %d events, %d are new", round, len(asked), followed, len(events))
		}
	}
	if _, err := follow(ctx, as, alone); err != nil {
		t.Fatal(err)
	}
	want, err := knows(ctx, alone)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range both {
		if err := p.in.Close(); err != nil {
			t.Fatal(err)
		}
		if !p.out.Scan() || p.out.Text() != want {
			t.Errorf("process %d knows %q, alone one knows %q", i, p.out.Text(), want)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	}
	if n, err := follow(ctx, s, g); n > 0 || err != nil {
		t.Errorf("%d events are left, %v", n, err)
	}
	l, err := graphs.New(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := l.Changes(ctx, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	stated := map[string]int{}
	for _, c := range changes {
		if c.Op == kgraph.Stated && !strings.HasPrefix(c.ID, "session-001000") {
			stated[c.ID]++
		}
	}
	for id, n := range stated {
		if n > 1 {
			t.Errorf("%s is %d times in the graph's log", id, n)
		}
	}
	if len(stated) != told {
		t.Errorf("%d insights are in the graph's log, %d were told", len(stated), told)
	}
}

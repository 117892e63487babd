package hobby_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
)

var crashes = flag.Int("crashes", 8, "how often TestKill kills a process that practises")

// practiseUntilKilled records sessions as fast as it can, and tells on standard
// output what the store has acknowledged.
func practiseUntilKilled(dir string) error {
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return err
	}
	m, err := hobby.New(&acknowledging{Store: s, out: json.NewEncoder(os.Stdout)}, []hobby.Hobby{busy("sums"), busy("words")}, &hobby.Options{
		Interval: time.Microsecond, IdleThreshold: time.Microsecond, FlushEvery: time.Millisecond, PollEvery: time.Hour,
		Consumers: []hobby.Consumer{&journal{dir: dir}},
	})
	if err != nil {
		return err
	}
	return errors.Join(m.Run(context.Background()), s.Close())
}

// busy is a hobby with many items and some insights, committed in many parts.
func busy(k hobby.Kind) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: hobby.ExecutorFunc(func(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
		rng := rand.New(rand.NewPCG(p.Seed, 1))
		for i := range 1 + rng.IntN(100) {
			it := item(float64(rng.IntN(2)))
			it.Level = 1 + rng.IntN(3)
			if err := out.Item(it); err != nil {
				return err
			}
			if i%10 == 0 {
				told := hobby.Insight{Text: "ten more", Confidence: 1}
				if i%20 == 0 {
					told.Taint = hobby.Untrusted
				}
				if err := out.Insight(told); err != nil {
					return err
				}
				select { // the work
				case <-time.After(time.Millisecond):
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	})}
}

// ack says that a commit was acknowledged, with decisions on insights after it.
type ack struct {
	ID      string
	Version int
	Items   []string
	Decided map[string]hobby.Acceptance // by insight
}

// acknowledging is a store that tells what it has acknowledged. After a commit it
// accepts the untrusted insights in it, and takes every second acceptance back.
type acknowledging struct {
	hobby.Store
	mu  sync.Mutex
	out *json.Encoder
}

func (s *acknowledging) Commit(ctx context.Context, sess hobby.Session, f *hobby.Fence) (hobby.Activity, error) {
	a, err := s.Store.Commit(ctx, sess, f)
	if err == nil {
		told := ack{ID: a.ID, Version: a.Version}
		for _, it := range sess.Items {
			told.Items = append(told.Items, it.ID)
		}
		told.Decided = map[string]hobby.Acceptance{}
		for i, in := range sess.Insights {
			for n := 0; n <= i%2 && in.Taint != hobby.Trusted && err == nil; n++ {
				told.Decided[in.ID], err = s.Accept(ctx, in.ID, hobby.Acceptance{Accepted: n == 0, By: "ann", At: time.Now()})
			}
		}
		if err != nil {
			return a, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		err = s.out.Encode(told)
	}
	return a, err
}

// journal is a consumer that writes down each event it was given.
type journal struct{ dir string }

func (j *journal) file() string { return filepath.Join(j.dir, "journal") }

func (j *journal) Name() string { return "journal" }

func (j *journal) Consume(_ context.Context, events []hobby.Event) error {
	f, err := os.OpenFile(j.file(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var lines []byte
	for _, e := range events {
		lines = fmt.Appendln(lines, e.Pos)
	}
	_, err = f.Write(lines)
	return errors.Join(err, f.Close())
}

// read returns what was written to the journal after the first skip bytes.
func (j *journal) read(t *testing.T, skip int) (positions []hobby.Cursor, size int) {
	t.Helper()
	all, err := os.ReadFile(j.file())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range bytes.Lines(all[skip:]) {
		var at hobby.Cursor
		if _, err := fmt.Sscanln(string(line), &at); err != nil {
			t.Fatalf("journal line %q: %v", line, err)
		}
		positions = append(positions, at)
	}
	return positions, len(all)
}

// TestKill kills a process that practises, at random moments, and starts it
// again on the same data. What the store acknowledged must be there, counted
// once; the consumer must go on where its cursor stands; and in the end no
// activity may be left running.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	path, events := filepath.Join(dir, "agent.db"), &journal{dir}
	var cursor hobby.Cursor // of the consumer when its last process died
	var written, acks, early, running, lives int
	// All of eight moments may come before a session or between two: then there are more.
	for ; lives < *crashes || (acks == 0 || running == 0) && lives < 5**crashes; lives++ {
		told, inTime := liveAndDie(t, dir)
		s, err := sqlite.Open(t.Context(), path, nil)
		if err != nil {
			t.Fatalf("life %d: opening the store after the kill: %v", lives, err)
		}
		for _, a := range told {
			checkAck(t, s, a)
		}
		running += len(list(t, s, hobby.Filter{Status: hobby.Running}))
		var seen []hobby.Cursor
		seen, written = events.read(t, written)
		checkSeen(t, seen, cursor)
		if cursor, err = s.Consumed(t.Context(), "journal"); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		acks += len(told)
		if !inTime {
			early++
		}
		if t.Failed() {
			t.Fatalf("after %d kills", lives+1)
		}
	}
	head := catchUp(t, path, events)
	seen, _ := events.read(t, written)
	checkSeen(t, seen, cursor)
	if last := cursor + hobby.Cursor(len(seen)); last != head {
		t.Errorf("the consumer saw %d last, the log ends at %d", last, head)
	}
	t.Logf("%d kills, %d of them before anything was practised; %d commits acknowledged, %d events, %d activities were running",
		lives, early, acks, head, running)
	if acks == 0 || running == 0 {
		t.Error("nothing happened: the kills came too early")
	}
}

// liveAndDie starts the process and kills it: one time in four at any moment of
// its start, else once it has practised for a while. It returns what the store
// acknowledged until then, and whether that was anything.
func liveAndDie(t *testing.T, dir string) (told []ack, any bool) {
	t.Helper()
	cmd, out := startProcess(t, "practise", dir)
	alive := make(chan struct{})
	acks := make(chan []ack, 1)
	go func() { acks <- readAcks(out, sync.OnceFunc(func() { close(alive) })) }()
	if rand.IntN(4) > 0 {
		<-alive
	}
	select {
	case <-time.After(time.Duration(rand.Int64N(int64(120 * time.Millisecond)))): // the moment of death
	case told = <-acks:
		t.Error("the process ended by itself")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if told == nil {
		told = <-acks
	}
	_ = cmd.Wait() // it was killed
	return told, len(told) > 0
}

// readAcks reads until the process is dead; its last line may be torn.
func readAcks(out io.Reader, first func()) (told []ack) {
	defer first()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return told
		}
		var a ack
		if json.Unmarshal(line, &a) == nil {
			told = append(told, a)
			first()
		}
	}
}

func checkAck(t *testing.T, s hobby.Store, a ack) {
	t.Helper()
	sess, err := s.Activity(t.Context(), a.ID)
	if err != nil {
		t.Errorf("version %d of activity %s was acknowledged: %v", a.Version, a.ID, err)
		return
	}
	if sess.Activity.Version < a.Version {
		t.Errorf("activity %s is at version %d, %d was acknowledged", a.ID, sess.Activity.Version, a.Version)
	}
	have := map[string]bool{}
	for i := range sess.Items {
		have[sess.Items[i].ID] = true
	}
	for _, id := range a.Items {
		if !have[id] {
			t.Errorf("item %s of activity %s was acknowledged and is not there", id, a.ID)
		}
	}
	for _, in := range sess.Insights {
		if want, decided := a.Decided[in.ID]; decided {
			if d := cmp.Diff(&want, in.Acceptance); d != "" {
				t.Errorf("a decision on insight %s (-acknowledged +stored):\n%s", in.ID, d)
			}
			delete(a.Decided, in.ID)
		}
	}
	for id := range a.Decided {
		t.Errorf("a decision on insight %s was acknowledged, and the insight is not there", id)
	}
}

// checkSeen checks what a consumer was given in one life: every event after
// its cursor, in order.
func checkSeen(t *testing.T, seen []hobby.Cursor, cursor hobby.Cursor) {
	t.Helper()
	for i, at := range seen {
		if want := cursor + hobby.Cursor(i+1); at != want {
			t.Errorf("the cursor was at %d, and event %d of that life was %d, want %d", cursor, i+1, at, want)
			return
		}
	}
}

// catchUp runs a manager that does not practise until its consumer is done,
// audits the store and returns the log's head.
func catchUp(t *testing.T, path string, c hobby.Consumer) hobby.Cursor {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	moved := make(chan struct{}, 1)
	m := manager(t, &following{Store: s, moved: moved}, &hobby.Options{Disabled: true, Consumers: []hobby.Consumer{c}}, one("sums"))
	stop := start(t, m)
	defer stop()
	for {
		head, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.Consumed(t.Context(), c.Name())
		if err != nil {
			t.Fatal(err)
		}
		if at == head && len(list(t, s, hobby.Filter{Status: hobby.Running})) == 0 {
			break
		}
		<-moved
	}
	stop()
	if _, err := hobbytest.Audit(t.Context(), s); err != nil {
		t.Errorf("the store does not add up: %v", err)
	}
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// following is a store that tells when a consumer moved.
type following struct {
	hobby.Store
	moved chan struct{}
}

func (s *following) SetConsumed(ctx context.Context, name string, c hobby.Cursor) error {
	err := s.Store.SetConsumed(ctx, name, c)
	select {
	case s.moved <- struct{}{}:
	default:
	}
	return err
}

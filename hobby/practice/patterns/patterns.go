package patterns

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// Options configures New. Nil and the zero value are legal.
type Options struct {
	// Entries bounds the entries that are read, the newest. Default 5,000.
	Entries int
	// Insights is the largest number of insights of a session, the most certain first.
	// Default 8.
	Insights int
	// Questions is the number of questions of a session whose plan gives none. Default 8.
	Questions int
	// Redact is applied to the texts of each entry before anything else is done with
	// them. Nil, the default, changes nothing.
	Redact func(string) string
	// Trusted is the host's rule on logs, by their names: it accepts what is told and
	// asked of a log of which it is true; see [hobby.Acceptance]. Default nil: nothing of
	// a log that is not trusted is ever trained on.
	Trusted func(name string) bool
}

// New makes the hobby of pattern recognition over a log. m is asked the questions. It may
// be nil: the hobby then gives insights only.
func New(s Source, m hobby.Model, o *Options) (hobby.Hobby, error) {
	if s.Read == nil || s.Name == "" {
		return hobby.Hobby{}, fmt.Errorf("patterns: %w: a Source needs a Name and a Read", hobby.ErrInvalid)
	}
	x := &executor{source: s, asks: m != nil, notes: study.Notebook{Space: string(hobby.PatternRecognition)}}
	if o != nil {
		x.opts = *o
	}
	for v, def := range map[*int]int{&x.opts.Entries: 5000, &x.opts.Insights: 8, &x.opts.Questions: 8} {
		if *v <= 0 {
			*v = def
		}
	}
	h := hobby.Hobby{
		Kind: hobby.PatternRecognition, Executor: x, Model: m, Ready: x.ready,
		Goal:     "Know what comes again in the log, and be able to read it",
		Approach: "Tests of the log that are corrected for their number, and questions whose key is the log",
	}
	if m != nil {
		h.Families = families
	}
	return h, nil
}

// leastLook is the fewest entries of a look at the log.
const leastLook = 40

type executor struct {
	source Source
	asks   bool // questions, of what serves the session
	opts   Options
	notes  study.Notebook
	asked  atomic.Bool // there was something to ask

	mu     sync.Mutex
	looked time.Time      // of the newest entry of the last look at the log
	recall bool           // looked is known from the record, too
	look   *hobby.Insight // tells of the last look; nil once that was told
	// checked is when the log was last read to say whether there is something to do, since
	// the last session, and why what it lacked.
	checked time.Time
	why     error
}

// read reads the log.
func (x *executor) read(ctx context.Context) (Log, error) {
	l, err := x.source.Read(ctx, x.opts.Entries)
	if err != nil {
		return Log{}, fmt.Errorf("patterns: reading the log %s: %w", x.source.Name, err)
	}
	l.Entries = newest(l.Entries, x.opts.Entries)
	for i := range l.Entries {
		l.Entries[i] = l.Entries[i].clean(x.opts.Redact)
	}
	return l, nil
}

// ready says why there is nothing to practise. A log of which questions could be asked is
// taken to have questions from then on.
func (x *executor) ready(ctx context.Context) error {
	if x.asked.Load() {
		return nil
	}
	if !x.asks { // a log that is only looked at is not read each time: a page asks every few seconds
		x.mu.Lock()
		known, why := time.Since(x.checked) < time.Minute, x.why
		x.mu.Unlock()
		if known {
			return why
		}
	}
	why := x.lacks(ctx)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.checked, x.why = time.Now(), why
	return why
}

// lacks says what is missing.
func (x *executor) lacks(ctx context.Context) error {
	l, err := x.read(ctx)
	if err != nil {
		return err
	}
	x.mu.Lock()
	due := x.due(l.Entries)
	x.mu.Unlock()
	switch n := len(l.Entries); {
	case x.asks && len(x.blocks(l.Entries)) > 0:
		x.asked.Store(true)
		return nil
	case due, x.asks && len(l.Bad) > 0:
		return nil
	case n < leastLook:
		return fmt.Errorf("the log has %d entries; %d of one day are needed for questions, and %d for patterns", n,
			blockSize, leastLook)
	}
	return errors.New("less than half of the log is new since it was looked at")
}

// due reports whether it is time for a look at the log.
func (x *executor) due(es []Entry) bool {
	n, fresh := len(es), 0
	for i := n - 1; i >= 0 && es[i].At.After(x.looked); i-- {
		fresh++
	}
	return n >= leastLook && 2*fresh >= n
}

// Practise implements hobby.Executor.
func (x *executor) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	l, err := x.read(ctx)
	if err != nil {
		return err
	}
	if err := x.lastLook(ctx, l.Entries, out); err != nil {
		return err
	}
	x.lookAt(l)
	x.mu.Lock()
	x.checked = time.Time{}
	x.mu.Unlock()
	if err := x.notes.Tell(ctx, out, hobby.PatternRecognition, x.opts.Insights, p.Topic); err != nil {
		return study.Spent(err)
	}
	if err := x.tellLook(out); err != nil || !x.asks {
		return study.Spent(err)
	}
	all := x.blocks(l.Entries)
	quiz := study.Quiz{Families: families, Questions: x.opts.Questions, Trusted: x.opts.Trusted,
		Ask: func(r *rand.Rand, f hobby.Family, level int) (practice.Task, bool) {
			for range tries {
				if len(all) == 0 {
					break
				}
				t, ok := x.pose(all[r.IntN(len(all))], f, level, r.Uint64())
				if ok && t.Split == hobby.Practice {
					return t, true
				}
			}
			return practice.Task{}, false
		}}
	if err := quiz.Hold(ctx, p, out); err != nil {
		return fmt.Errorf("patterns: %w", err)
	}
	return nil
}

// lastLook finds out once which entries an earlier process looked at. A look is told with
// the id of its newest entry, and only one among the newest half of the log says that it is
// not yet time for another.
func (x *executor) lastLook(ctx context.Context, es []Entry, out hobby.Sink) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.recall || !x.looked.IsZero() {
		return nil
	}
	for i := len(es) - 1; i >= len(es)/2; i-- {
		if i+1 < len(es) && es[i].At.Equal(es[i+1].At) {
			continue
		}
		told, err := out.Told(ctx, x.lookID(es[i].At))
		if err != nil {
			return fmt.Errorf("patterns: %w", err)
		}
		if told {
			x.looked = es[i].At
			break
		}
	}
	x.recall = true
	return nil
}

// looks is the name space of the ids of looks.
var looks = uuid.MustParse("0c9e8a4e-4a5b-4f0e-9d53-6d5e0f4a7a11")

// lookID is that of the insight that tells of a look whose newest entry is of a time.
func (x *executor) lookID(newest time.Time) string {
	return uuid.NewSHA1(looks, fmt.Appendf(nil, "%s %d", x.source.Name, newest.UnixNano())).String()
}

// lookAt puts what is not chance into the notebook: at first, and when the log has doubled
// or half of it is new, because each look may find what is none.
func (x *executor) lookAt(l Log) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.notes.Note("lines", x.bad(l)...)
	n := len(l.Entries)
	if !x.due(l.Entries) {
		return
	}
	x.looked = l.Entries[n-1].At
	told, tested := found(l.Entries)
	var all []study.Finding
	for _, p := range told {
		all = append(all, x.finding(study.Finding{
			Key: p.key, Topic: "log", Weight: 1 / (p.p + 1e-300), Confidence: max(0.5, 1-p.p),
			Text: fmt.Sprintf("In the log of %d entries %s (%s, p = %.2g, corrected for %d tests%s).", n, p.text, p.test, p.p, tested, p.rests()),
		}))
	}
	x.notes.Note("patterns", all...)
	f := x.finding(study.Finding{Confidence: 1, Text: fmt.Sprintf(
		"%d entries of the log, until %s, were tested for %d patterns; told as not chance: %d.",
		n, x.looked.Format(time.DateTime), tested, len(told))})
	x.look = &hobby.Insight{ID: x.lookID(x.looked), Topic: "log", Text: f.Text, Confidence: f.Confidence, Evidence: f.Evidence,
		Source: f.Source, Taint: f.Taint, Acceptance: f.Acceptance}
}

// tellLook tells of a look once all of its findings were told.
func (x *executor) tellLook(out hobby.Sink) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.look == nil || !x.notes.Empty() {
		return nil
	}
	err := out.Insight(*x.look)
	if err == nil {
		x.look = nil
	}
	return err
}

// bad says which lines of the log were left out.
func (x *executor) bad(l Log) (all []study.Finding) {
	for _, b := range l.Bad {
		text := b
		if l.Left > len(l.Bad) {
			text = fmt.Sprintf("%s (%d lines in all)", b, l.Left)
		}
		all = append(all, x.finding(study.Finding{Key: "bad " + b, Topic: "log", Confidence: 1, Text: text}))
	}
	return all
}

// finding fills in where a finding comes from, and whether it is trusted.
func (x *executor) finding(f study.Finding) study.Finding {
	f.Key, f.Source = x.source.Name+" "+f.Key, x.source.Name
	f.Evidence = []hobby.Evidence{{Kind: hobby.EvidenceRows, Ref: x.source.Name}}
	if !x.source.Trusted {
		f.Taint, f.Confidence = hobby.Untrusted, min(f.Confidence, hobby.MaxUntrusted)
		f.Acceptance = study.ByRule(x.opts.Trusted, x.source.Name)
	}
	return f
}

var _ hobby.Examiner = (*executor)(nil)

// turns is how often each part of the log is gone through for an exam: some questions come
// up once in twenty draws, and a part is given up after fifty.
const turns = 6

// Exam implements hobby.Examiner. Each task names its part of the log by a digest.
func (x *executor) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	l, err := x.read(ctx)
	if err != nil {
		return hobby.Exam{}, err
	}
	all := x.blocks(l.Entries)
	return practice.Deal(ctx, r, families, func(r *rand.Rand, at hobby.Level, split hobby.Split, n int) ([]practice.Task, error) {
		family, _ := study.Family(families, at.Family, at.Level)
		open := make([]func() study.Pose, 0, turns*len(all))
		for _, b := range slices.Repeat(all, turns) {
			open = append(open, func() study.Pose {
				return func(seed uint64) (practice.Task, bool) { return x.pose(b, family, at.Level, seed) }
			})
		}
		return study.Deal(ctx, r, split, n, open)
	})
}

// Sit implements hobby.Examiner. A task whose part of the log is gone is
// hobby.ErrChanged.
func (x *executor) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) ([]hobby.Item, error) {
	l, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]block{}
	for _, b := range x.blocks(l.Entries) {
		by[b.digest] = b
	}
	return practice.Sit(ctx, m, s, func(id hobby.TaskID) (practice.Task, error) {
		family, ok := study.Family(families, id.Family, id.Level)
		if !ok || id.Source == "" || id.Digest == "" {
			return practice.Task{}, fmt.Errorf("patterns: %w: there is no task %+v", hobby.ErrInvalid, id)
		}
		b, ok := by[id.Digest]
		if !ok || id.Source != x.source.Name {
			return practice.Task{}, fmt.Errorf("patterns: %w: a part of the log %.128s", hobby.ErrChanged, id.Source)
		}
		t, ok := x.pose(b, family, id.Level, id.Seed)
		if !ok {
			return practice.Task{}, fmt.Errorf("patterns: %w: there is no task %+v", hobby.ErrInvalid, id)
		}
		return t, nil
	})
}

package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
)

// Source is what is archived; a hobby.Store is one.
type Source interface {
	Node() string
	Activity(ctx context.Context, id string) (hobby.Session, error)
	Sessions(ctx context.Context, f hobby.Filter) (hobby.SessionPage, error)
	List(ctx context.Context, f hobby.Filter) (hobby.Page, error)
	Counts(ctx context.Context, f hobby.CountFilter) ([]hobby.Count, error)
	Head(ctx context.Context) (hobby.Cursor, error)
	PruneBefore(ctx context.Context, until time.Time, at hobby.Cursor, f *hobby.Fence) (int, error)
	hobby.TallyReader
	hobby.ItemReader
	hobby.InsightReader
}

// ErrArchiving says that a job of the archive is open, and ErrIdle that none is.
var (
	ErrArchiving = fmt.Errorf("archive: %w: it is at work", hobby.ErrBusy)
	ErrIdle      = errors.New("archive: it is not at work")
)

// Line is the line of the archive's jobs.
const Line = "archive"

// DefaultAfter is the default of [Options.After].
const DefaultAfter = 30 * 24 * time.Hour

// Options configures an Archiver. Nil and the zero value are legal.
type Options struct {
	// After is how old a session is, by its start, when it is archived by schedule.
	// Default DefaultAfter.
	After time.Duration
	// Every is how often the schedule archives. Default 24 h; negative means never.
	Every time.Duration
	// Keep is how long archived months are kept: one is deleted when all of its sessions
	// started longer ago, by this machine's clock: one that is years ahead deletes what is
	// not old. The sums of practice stay. Default 0: for ever.
	Keep time.Duration
	// Dir is the folder of temporary files. Default the system's.
	Dir string
	// Poll is how often [Archiver.Run] looks for jobs that another process left.
	// Default 2 s.
	Poll time.Duration
	// Hobbies says which families a kind has, for [Archiver.Analyse]. A kind that is not
	// there is measured as one family.
	Hobbies []hobby.Hobby
	// Logger takes warnings. Default nil: silent.
	Logger *slog.Logger
}

// Archiver moves old sessions into files and answers from them. All methods are safe for
// concurrent use, by several processes that share a store and a storage.
type Archiver struct {
	catalogue Catalogue
	journal   hobby.Journal
	source    Source
	blobs     Blobs
	opts      Options
	runner    *job.Runner[Report]

	mu      sync.Mutex
	probed  bool
	filters map[string]bloom // by segment
}

// New makes an archiver. Jobs are kept in j.
func New(c Catalogue, j hobby.Journal, s Source, b Blobs, o *Options) (*Archiver, error) {
	a := &Archiver{catalogue: c, journal: j, source: s, blobs: b, filters: map[string]bloom{}}
	if o != nil {
		a.opts = *o
	}
	if a.opts.After == 0 {
		a.opts.After = DefaultAfter
	}
	if a.opts.Every == 0 {
		a.opts.Every = 24 * time.Hour
	}
	if a.opts.Logger == nil {
		a.opts.Logger = slog.New(slog.DiscardHandler)
	}
	if a.opts.After < 0 || a.opts.Keep < 0 || a.opts.Keep > 0 && a.opts.Keep < a.opts.After {
		return nil, fmt.Errorf("%w: archive: Options.After is %v and Keep is %v, neither must be negative, nor Keep the shorter one",
			hobby.ErrInvalid, a.opts.After, a.opts.Keep)
	}
	var err error
	a.runner, err = job.New(j, Line, []job.Stage[Report]{
		{Name: "tidy", Run: a.tidy}, {Name: "archive", Run: a.archive}, {Name: "forget", Run: a.forget},
		{Name: "restore", Run: a.restore}, {Name: "retire", Run: a.retire}, {Name: "compact", Run: a.compact}, {Name: "shrink", Run: a.shrink},
	}, &job.Options{Poll: a.opts.Poll, Logger: a.opts.Logger})
	return a, err
}

// Settings are the options in force.
func (a *Archiver) Settings() Options { return a.opts }

// Request says what to archive.
type Request struct {
	// Before bounds the starts: what is older is archived. Zero is Options.After ago.
	Before time.Time `json:"before"`
	// ForgetOnly forgets what is noted, and archives nothing.
	ForgetOnly bool `json:"forget_only,omitempty"`
	// Restore moves the months that have something of Since <= start < Until back into the
	// store, whole, and archives nothing. Zero is no bound. The next archiving moves what
	// is old again, so Options.After or Every must say otherwise.
	Restore bool      `json:"restore,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Until   time.Time `json:"until,omitzero"`
}

// Report is what was done.
type Report struct {
	// Archived counts activities, Items and Insights what belongs to them.
	Archived int64 `json:"archived"`
	Items    int64 `json:"items"`
	Insights int64 `json:"insights"`
	// Files are the keys of the new files that hold what was archived.
	Files []string `json:"files"`
	// Before is the size of what was archived as lines of JSON, After that of its files.
	Before int64 `json:"bytes_before"`
	After  int64 `json:"bytes_after"`
	// Pruned counts the activities that the store deleted, with all that is theirs.
	Pruned int64 `json:"pruned"`
	// Forgotten counts the items and insights that were taken out of files.
	Forgotten int64 `json:"forgotten"`
	// Compacted counts the segments that were put together with others.
	Compacted int64 `json:"compacted"`
	// Restored counts the activities that the store took back, Retired those that were
	// deleted because they are older than Options.Keep.
	Restored int64 `json:"restored"`
	Retired  int64 `json:"retired"`
	// Damaged says which files could not be read. Their months were left as they are, and
	// the others were seen to: what is to be forgotten of a damaged month stays noted.
	Damaged []string `json:"damaged,omitempty"`
}

// damaged notes a damaged file and returns nil; any other error stays.
func (r *Report) damaged(err error) error {
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	if !slices.Contains(r.Damaged, err.Error()) {
		r.Damaged = append(r.Damaged, err.Error())
	}
	return nil
}

// RunOnce archives in the caller's goroutine. It returns hobby.ErrBusy while a job is open.
// When ctx ends the job stays open, and goes on in [Archiver.Run] or [Archiver.Finish].
func (a *Archiver) RunOnce(ctx context.Context, r Request) (Report, error) {
	j, err := a.runner.RunOnce(ctx, a.completed(r))
	if errors.Is(err, hobby.ErrBusy) {
		err = ErrArchiving
	}
	if err != nil {
		return Report{}, err
	}
	return ReportOf(&j)
}

// Finish carries out a job that is open to its end, in the caller's goroutine, or waits until
// another process has. When ctx ends the job stays open.
func (a *Archiver) Finish(ctx context.Context, id string) (Report, error) {
	if _, err := a.Job(ctx, id); err != nil {
		return Report{}, err
	}
	j, err := a.runner.Finish(ctx, id)
	if err != nil {
		return Report{}, err
	}
	return ReportOf(&j)
}

// Start has [Archiver.Run] archive; hobby.ErrBusy while a job is open.
func (a *Archiver) Start(ctx context.Context, r Request) (hobby.Job, error) {
	j, err := a.runner.Start(ctx, a.completed(r))
	if errors.Is(err, hobby.ErrBusy) {
		err = ErrArchiving
	}
	return j, err
}

func (a *Archiver) completed(r Request) Request {
	if r.Before.IsZero() {
		r.Before = time.Now().Add(-a.opts.After)
	}
	r.Before = r.Before.UTC()
	return r
}

// Job reads a job; hobby.ErrNotFound.
func (a *Archiver) Job(ctx context.Context, id string) (hobby.Job, error) {
	j, err := a.journal.Job(ctx, id)
	if err == nil && j.Line != Line {
		err = fmt.Errorf("archive: job %.64q: %w", id, hobby.ErrNotFound)
	}
	return j, err
}

// Current reads the newest job; hobby.ErrNotFound before the first.
func (a *Archiver) Current(ctx context.Context) (hobby.Job, error) {
	page, err := a.journal.Jobs(ctx, hobby.JobFilter{Line: Line, Limit: 1})
	if err == nil && len(page.Jobs) == 0 {
		err = fmt.Errorf("archive: %w: nothing was archived yet", hobby.ErrNotFound)
	}
	if err != nil {
		return hobby.Job{}, err
	}
	return page.Jobs[0], nil
}

// Cancel ends a job. What it has archived stays so.
func (a *Archiver) Cancel(ctx context.Context, id string) (hobby.Job, error) {
	if _, err := a.Job(ctx, id); err != nil {
		return hobby.Job{}, err
	}
	return a.runner.Cancel(ctx, id)
}

// ReportOf reads what a job of the archive has done so far. The error says why it failed
// or was cancelled.
func ReportOf(j *hobby.Job) (r Report, err error) {
	if len(j.State) > 0 {
		if err := json.Unmarshal(j.State, &r); err != nil {
			return r, fmt.Errorf("archive: decoding what job %s has done: %w", j.ID, err)
		}
	}
	switch j.Status {
	case hobby.JobFailed:
		err = fmt.Errorf("archive: %s", j.Err)
	case hobby.JobCancelled:
		err = fmt.Errorf("archive: %w", job.ErrCancelled)
	}
	return r, err
}

// Run carries out jobs that were started or left, and forgets what is noted, until ctx
// ends. It returns nil then.
func (a *Archiver) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { a.follow(ctx) })
	err := a.runner.Run(ctx)
	wg.Wait()
	return err
}

const (
	forgetEvery = time.Minute // how often the sources to forget are looked for
	retryAfter  = time.Hour   // how long after a job that failed, or found a damaged file
)

// follow starts a job when there is something to forget.
func (a *Archiver) follow(ctx context.Context) {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		hashes, err := a.catalogue.Forgets(ctx)
		if err == nil && len(hashes) > 0 && !a.failedLately(ctx) {
			_, err = a.Start(ctx, Request{ForgetOnly: true})
		}
		if err != nil && !errors.Is(err, hobby.ErrBusy) && ctx.Err() == nil {
			a.opts.Logger.Warn("forgetting what is archived", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// failedLately reports that the last job ended within retryAfter, and not well.
func (a *Archiver) failedLately(ctx context.Context) bool {
	last, err := a.Current(ctx)
	if err != nil || time.Since(last.Ended) >= retryAfter {
		return false
	}
	r, err := ReportOf(&last)
	return err != nil || len(r.Damaged) > 0
}

// Name implements hobby.Consumer.
func (a *Archiver) Name() string { return "archive" }

// Consume implements hobby.Consumer: it notes the sources that any process forgets.
func (a *Archiver) Consume(ctx context.Context, events []hobby.Event) error {
	for _, e := range events {
		if e.Kind != hobby.SourceForgotten {
			continue
		}
		if err := a.catalogue.Forget(ctx, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// Slots archives what is older than Options.After, every Options.Every.
func (a *Archiver) Slots() []hobby.Slot {
	if a.opts.Every < 0 {
		return nil
	}
	run := func(ctx context.Context, _ hobby.SlotRun) error {
		r, err := a.RunOnce(ctx, Request{})
		for _, d := range r.Damaged {
			a.opts.Logger.Warn("archiving", "damaged", d)
		}
		if errors.Is(err, hobby.ErrBusy) || errors.Is(err, job.ErrCancelled) {
			return nil
		}
		return err
	}
	return []hobby.Slot{{Name: "archive", Schedule: hobby.Every(a.opts.Every), Heavy: true, Run: run}}
}

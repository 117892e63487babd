package httpapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/words"
)

// archivePatience is the longest that POST /hobby/archive waits for the end.
const archivePatience = 10 * time.Second

// ArchiveRequest is the body of POST /hobby/archive.
type ArchiveRequest struct {
	OlderThanDays *float64 `json:"older_than_days,omitempty" minimum:"0" maximum:"36500" doc:"what started longer ago; default as configured"`
	DryRun        bool     `json:"dry_run,omitempty" doc:"only say what would be archived, and how large it would be"`
}

// ArchiveAnswer is the answer of POST /hobby/archive.
type ArchiveAnswer struct {
	Status    string   `json:"status" enum:"dry_run,running,completed,failed,cancelled"`
	JobID     *string  `json:"job_id"`
	Archived  int64    `json:"archived" doc:"activities"`
	Items     int64    `json:"items" doc:"verified answers of these"`
	Insights  int64    `json:"insights" doc:"insights of these"`
	Files     []string `json:"files" nullable:"false" doc:"the new ones that hold them"`
	Before    int64    `json:"bytes_before" doc:"as lines of JSON"`
	After     int64    `json:"bytes_after" doc:"as files"`
	Ratio     *float64 `json:"ratio" doc:"how many times smaller; null when nothing was archived"`
	Freed     int64    `json:"freed_rows" doc:"activities that the store deleted, each with all that is its own"`
	Forgotten int64    `json:"forgotten" doc:"items and insights of forgotten sources that were taken out of files"`
	Restored  int64    `json:"restored" doc:"activities that the store took back"`
	Retired   int64    `json:"retired" doc:"activities that were deleted because of their age, where the host says so"`
	Damaged   []string `json:"damaged" nullable:"false" doc:"files that could not be read; their months stayed as they are"`
	Took      float64  `json:"took_ms"`
	Error     *string  `json:"error"`
}

func archiveAnswer(status string, j *hobby.Job, r *archive.Report, took time.Duration) ArchiveAnswer {
	a := ArchiveAnswer{
		Status: status, Archived: r.Archived, Items: r.Items, Insights: r.Insights, Files: append([]string{}, r.Files...), Before: r.Before,
		After: r.After, Ratio: ratio(r.Before, r.After), Freed: r.Pruned, Forgotten: r.Forgotten,
		Restored: r.Restored, Retired: r.Retired,
		Damaged: each(r.Damaged, func(d *string) string { return words.Plain(*d) }), Took: float64(took.Microseconds()) / 1000,
	}
	if j != nil {
		a.JobID, a.Error = &j.ID, optional(words.Plain(j.Err))
	}
	return a
}

func ratio(before, after int64) *float64 {
	if after == 0 {
		return nil
	}
	r := float64(before) / float64(after)
	return &r
}

// ArchiveStats is the answer of GET /hobby/archive/stats.
type ArchiveStats struct {
	Files      int              `json:"total_files"`
	Activities int64            `json:"total_activities"`
	Items      int64            `json:"total_items"`
	Insights   int64            `json:"total_insights"`
	Bytes      int64            `json:"bytes"`
	Original   int64            `json:"original_bytes" doc:"as lines of JSON"`
	Ratio      *float64         `json:"ratio"`
	Oldest     *time.Time       `json:"oldest" doc:"the first start; null when nothing is archived"`
	Newest     *time.Time       `json:"newest"`
	ByType     map[string]int64 `json:"by_type" doc:"activities"`
	Nodes      []ArchiveNode    `json:"nodes" nullable:"false" doc:"whose activities there are"`
	Forgets    int              `json:"sources_to_forget" doc:"forgotten sources that are not taken out of the files yet"`
	Job        *ArchiveJob      `json:"job" doc:"the newest; null before the first"`
}

// ArchiveNode is a node whose activities are archived. Stores exchange nothing yet, so
// how far a node's are here is not measured.
type ArchiveNode struct {
	ID       string     `json:"id"`
	LastSeq  *int64     `json:"last_seq" doc:"the number of its last event that is here; null where that was not measured"`
	LastSync *time.Time `json:"last_sync" doc:"when events of it came last; null where none came from it"`
	Lag      *int64     `json:"lag" doc:"events of it that are not here yet; null where that was not measured"`
}

// ArchiveJob is a job of the archive.
type ArchiveJob struct {
	ID        string     `json:"job_id"`
	Status    string     `json:"status" enum:"running,completed,failed,cancelled"`
	Stage     string     `json:"stage"`
	StartedAt *time.Time `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Archived  int64      `json:"archived" doc:"activities so far"`
	Damaged   []string   `json:"damaged" nullable:"false" doc:"files that it could not read"`
	Error     *string    `json:"error"`
}

func jobStatus(j *hobby.Job) string {
	if j.Status.Ended() {
		return string(j.Status)
	}
	return "running"
}

// ArchiveCancelled is the answer of POST /hobby/archive/cancel.
type ArchiveCancelled struct {
	Status  string `json:"status" enum:"cancelled"`
	JobID   string `json:"job_id"`
	Message string `json:"message"`
}

// ArchiveQuery is the answer of GET /hobby/archive/query: activities, or with aggregate
// their sums, or with analysis their statistics.
type ArchiveQuery struct {
	Activities []Activity        `json:"activities" nullable:"false" doc:"newest first"`
	Sums       []ArchiveSum      `json:"sums" nullable:"false" doc:"oldest first"`
	Analysis   []ArchiveAnalysis `json:"analysis" nullable:"false" doc:"one for each kind that was practised"`
	Damaged    []string          `json:"damaged" nullable:"false" doc:"files that could not be read; their activities are not in the answer"`
	Next
}

// ArchiveSum is what happened to a kind in a bucket of time, live and archived.
type ArchiveSum struct {
	At          time.Time `json:"at" doc:"the bucket's start, UTC; a week begins on Monday"`
	Kind        string    `json:"hobby_type"`
	Started     int64     `json:"started"`
	Completed   int64     `json:"completed"`
	Failed      int64     `json:"failed"`
	Interrupted int64     `json:"interrupted"`
	Items       int64     `json:"items"`
	Passes      int64     `json:"passes"`
	Insights    int64     `json:"insights"`
	TimeSeconds float64   `json:"time_seconds"`
}

// ArchiveConfig is what GET /hobby/config says of the archive.
type ArchiveConfig struct {
	Enabled bool    `json:"archive_enabled" doc:"it archives by itself"`
	After   float64 `json:"archive_after_days"`
}

// archiving serves an archive.
type archiving struct{ a *archive.Archiver }

// Archive is the part that moves old activities into files. a may be nil.
func Archive(a *archive.Archiver) Part {
	h := archiving{a}
	p := Part{
		Name: "archive", Tag: "Archive", Config: Fields(h.config),
		Errors: []Problem{
			{archive.ErrDamaged, http.StatusServiceUnavailable, "a file of the archive is damaged or missing"},
			{archive.ErrLies, http.StatusServiceUnavailable, "the archive's storage cannot be relied on"},
			{archive.ErrArchiving, http.StatusConflict, "the archive is at work"},
			{archive.ErrIdle, http.StatusConflict, "the archive is not at work"},
		},
		Routes: []Route{
			{Method: "POST", Path: "/archive", ID: "archiveActivities", Errors: []int{202, 409}, Serve: JSON(h.archive),
				Summary: "Move old activities into files; 202 when it goes on after ten seconds, or after half the time of a request"},
			{Method: "POST", Path: "/archive/cancel", ID: "cancelArchive", Errors: []int{409}, Serve: JSON(h.cancel),
				Summary: "End the archiving; what it has archived stays so"},
			{Method: "GET", Path: "/archive/stats", ID: "getArchiveStats", Summary: "What is archived, and the newest job", Serve: JSON(h.stats)},
			{Method: "GET", Path: "/archive/query", ID: "queryArchive", Summary: "Activities, live and archived, their sums, or what they say",
				Serve: JSON(h.query)},
		},
	}
	if a == nil {
		p.Lacks = "this program has no archive"
	}
	return p
}

func (h archiving) config() ArchiveConfig {
	s := h.a.Settings()
	return ArchiveConfig{s.Every > 0, s.After.Hours() / 24}
}

type archiveOutput struct {
	Status int
	Body   ArchiveAnswer
}

func (h archiving) archive(ctx context.Context, in *struct {
	Body *ArchiveRequest `required:"false"`
}) (*archiveOutput, error) {
	begun := time.Now()
	var r archive.Request
	if in.Body != nil && in.Body.OlderThanDays != nil {
		r.Before = begun.Add(-time.Duration(*in.Body.OlderThanDays * 24 * float64(time.Hour)))
	}
	if in.Body != nil && in.Body.DryRun {
		report, err := h.a.Preview(ctx, r)
		if err != nil {
			return nil, err
		}
		return &archiveOutput{http.StatusOK, archiveAnswer("dry_run", nil, &report, time.Since(begun))}, nil
	}
	j, err := h.a.Start(ctx, r)
	if err != nil {
		return nil, err
	}
	patience := archivePatience
	if end, bounded := ctx.Deadline(); bounded {
		patience = min(patience, end.Sub(begun)/2) // the job goes on, which is to be answered
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !j.Status.Ended() && time.Since(begun) < patience {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-tick.C:
		}
		if now, err := h.a.Job(ctx, j.ID); err == nil { // else it is the one that was begun
			j = now
		}
	}
	report, _ := archive.ReportOf(&j) // the answer has the job's error
	status := http.StatusOK
	if !j.Status.Ended() {
		status = http.StatusAccepted
	}
	return &archiveOutput{status, archiveAnswer(jobStatus(&j), &j, &report, time.Since(begun))}, nil
}

func (h archiving) cancel(ctx context.Context, _ *struct{}) (*Body[ArchiveCancelled], error) {
	j, err := h.a.Current(ctx)
	if errors.Is(err, hobby.ErrNotFound) || err == nil && j.Status.Ended() {
		return nil, archive.ErrIdle
	}
	if err == nil {
		j, err = h.a.Cancel(ctx, j.ID)
	}
	if err != nil {
		return nil, err
	}
	return &Body[ArchiveCancelled]{ArchiveCancelled{"cancelled", j.ID, "it ends after the step that it is at"}}, nil
}

func (h archiving) stats(ctx context.Context, _ *struct{}) (*Body[ArchiveStats], error) {
	s, err := h.a.Stats(ctx)
	if err != nil {
		return nil, err
	}
	b := ArchiveStats{
		Files: s.Files, Activities: s.Activities, Items: s.Items, Insights: s.Insights, Bytes: s.Bytes, Original: s.Original,
		Ratio: ratio(s.Original, s.Bytes), Oldest: moment(s.Oldest), Newest: moment(s.Newest), ByType: map[string]int64{},
		Nodes: each(s.Nodes, func(id *string) ArchiveNode { return ArchiveNode{ID: *id} }), Forgets: s.Forgets,
	}
	for k, n := range s.Kinds {
		b.ByType[k.Upper()] = n
	}
	j, err := h.a.Current(ctx)
	if errors.Is(err, hobby.ErrNotFound) {
		return &Body[ArchiveStats]{b}, nil
	}
	if err != nil {
		return nil, err
	}
	report, _ := archive.ReportOf(&j) // the answer has the job's error
	b.Job = &ArchiveJob{j.ID, jobStatus(&j), j.Stage, moment(j.Started), moment(j.Ended), report.Archived,
		each(report.Damaged, func(d *string) string { return words.Plain(*d) }), optional(words.Plain(j.Err))}
	return &Body[ArchiveStats]{b}, nil
}

func (h archiving) query(ctx context.Context, in *struct {
	KindQuery
	Status    string    `query:"status" enum:"running,completed,failed,interrupted" doc:"only in this state"`
	Start     time.Time `query:"start" doc:"only what started then or later"`
	End       time.Time `query:"end" doc:"only what started before"`
	Text      string    `query:"text" maxLength:"200" doc:"only what has it in a text, in any letter case"`
	Archived  bool      `query:"archived" doc:"only what is in files"`
	Limit     int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Aggregate string    `query:"aggregate" enum:"hour,day,week,month" doc:"sums of these widths instead; of all states and texts"`
	Analysis  string    `query:"analysis" enum:"trend,season,summary" doc:"what the verified answers say of trends and seasons instead"`
	Paging
}) (*Body[ArchiveQuery], error) {
	kind, err := parseKind("query.hobby_type", in.Kind)
	if err != nil {
		return nil, err
	}
	b := ArchiveQuery{Activities: []Activity{}, Sums: []ArchiveSum{}, Analysis: []ArchiveAnalysis{}, Damaged: []string{}}
	if in.Analysis != "" {
		if in.Aggregate != "" || in.Status != "" || in.Text != "" || in.Cursor != "" || in.Archived {
			return nil, Invalid("query.analysis", "goes with hobby_type, start and end only", in.Analysis)
		}
		all, err := h.a.Analyse(ctx, kind, archive.Part(in.Analysis), in.Start, in.End)
		if err != nil {
			return nil, err
		}
		b.Analysis = each(all, archiveAnalysis)
		return &Body[ArchiveQuery]{b}, nil
	}
	if in.Aggregate != "" {
		if in.Status != "" || in.Text != "" || in.Cursor != "" || in.Archived {
			return nil, Invalid("query.aggregate", "goes with hobby_type, start and end only", in.Aggregate)
		}
		sums, err := h.a.Sums(ctx, kind, archive.Width(in.Aggregate), in.Start, in.End)
		if err != nil {
			return nil, err
		}
		b.Sums = each(sums, archiveSum)
		return &Body[ArchiveQuery]{b}, nil
	}
	page, err := h.a.Query(ctx, archive.Filter{
		Kind: kind, Status: hobby.Status(in.Status), Since: in.Start, Until: in.End, Text: in.Text, Archived: in.Archived,
		Limit: cmp.Or(in.Limit, 100), Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	b.Activities = each(page.Activities, func(a *hobby.Activity) Activity { return activity(a, nil, now) })
	b.Damaged = each(page.Damaged, func(err *error) string { return words.Plain((*err).Error()) })
	b.Next = next(page.Next)
	return &Body[ArchiveQuery]{b}, nil
}

func archiveSum(c *hobby.Count) ArchiveSum {
	return ArchiveSum{c.At.UTC(), c.Kind.Upper(), c.Started, c.Completed, c.Failed, c.Interrupted, c.Items, c.Passes, c.Insights,
		c.Time.Seconds()}
}

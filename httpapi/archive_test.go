package httpapi_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/archives"
	"github.com/pastime-go/pastime/sqlite/jobs"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

// openArchive makes the archive of a store.
func openArchive(t testing.TB, s *sqlite.Store) *archive.Archiver {
	t.Helper()
	dir, err := archive.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	c, err := archives.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	j, err := jobs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.New(c, j, s, dir, &archive.Options{Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestArchive archives a history over HTTP: what is archived answers as before.
func TestArchive(t *testing.T) {
	w := newWorld(t, nil, nil)
	store := w.store
	if err := sqlitetest.Fill(t.Context(), store, sqlitetest.History{Activities: 100, Days: 50, Items: 2}); err != nil {
		t.Fatal(err)
	}
	first, err := store.List(t.Context(), hobby.Filter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	id := first.Activities[len(first.Activities)-1].ID
	before := get[httpapi.ActivityDetail](t, w, "/hobby/activities/"+id)
	progress := get[object](t, w, "/hobby/progress")["hobbies"]
	day := get[httpapi.ArchiveQuery](t, w, "/hobby/archive/query?aggregate=day")

	analysis := get[httpapi.ArchiveQuery](t, w, "/hobby/archive/query?analysis=summary").Analysis
	if len(analysis) != 2 || len(analysis[0].History) == 0 || len(analysis[0].Models) == 0 || len(analysis[0].Seasons) != 3 {
		t.Errorf("the analysis of two kinds: %+v", analysis)
	}
	for _, a := range analysis {
		if (a.Trend == nil) != (a.Lacking["trend"] != "") || (len(a.Forecast) == 0) != (a.Lacking["forecast"] != "") {
			t.Errorf("%s lacks what it has, or has no reason: %+v", a.Kind, a)
		}
	}

	dry := post[httpapi.ArchiveAnswer](t, w, "/hobby/archive", `{"dry_run":true}`)
	if dry.Status != "dry_run" || dry.JobID != nil {
		t.Errorf("a dry run is %q, job %v", dry.Status, dry.JobID)
	}
	if dry.Archived < 35 || dry.Archived > 45 || dry.After == 0 {
		t.Errorf("a dry run: %+v", dry)
	}
	if st := get[httpapi.ArchiveStats](t, w, "/hobby/archive/stats"); st.Activities != 0 || st.Job != nil {
		t.Errorf("after a dry run: %+v", st)
	}
	done := post[httpapi.ArchiveAnswer](t, w, "/hobby/archive", `{"older_than_days":30}`)
	if done.Status != "completed" || done.Ratio == nil || done.Error != nil {
		t.Errorf("archived: %+v", done)
	}
	if diff := cmp.Diff([]int64{dry.Archived, dry.Archived, dry.Before}, []int64{done.Archived, done.Freed, done.Before}); diff != "" {
		t.Errorf("archived, freed and bytes before (-dry run +run):\n%s", diff)
	}
	st := get[httpapi.ArchiveStats](t, w, "/hobby/archive/stats")
	if st.Job == nil || st.Job.Status != "completed" {
		t.Errorf("statistics: job %+v", st.Job)
	}
	nodes := []any{object{"id": store.Node(), "last_seq": nil, "last_sync": nil, "lag": nil}} // nothing was exchanged
	if diff := cmp.Diff(nodes, get[object](t, w, "/hobby/archive/stats")["nodes"]); diff != "" {
		t.Errorf("the nodes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{done.Archived, done.Archived, int64(len(done.Files)), done.After},
		[]int64{st.Activities, st.ByType["SKILL_PRACTICE"] + st.ByType["CODE_ANALYSIS"], int64(st.Files), st.Bytes}); diff != "" {
		t.Errorf("activities, those of all kinds, files and bytes (-archived +statistics):\n%s", diff)
	}
	if diff := cmp.Diff(progress, get[object](t, w, "/hobby/progress")["hobbies"]); diff != "" {
		t.Errorf("archiving changes the progress (-before +after):\n%s", diff)
	}
	q := get[httpapi.ArchiveQuery](t, w, "/hobby/archive/query?limit=1000")
	if len(q.Activities) != 100 || q.NextCursor != nil {
		t.Errorf("%d activities are found, want all 100", len(q.Activities))
	}
	got := get[httpapi.ArchiveQuery](t, w, "/hobby/archive/query?archived=true&limit=1000&hobby_type=skill_practice")
	if int64(len(got.Activities)) != st.ByType["SKILL_PRACTICE"] {
		t.Errorf("%d archived activities of the kind, want %d", len(got.Activities), st.ByType["SKILL_PRACTICE"])
	}
	if diff := cmp.Diff(day, get[httpapi.ArchiveQuery](t, w, "/hobby/archive/query?aggregate=day")); diff != "" {
		t.Errorf("archiving changes the sums by day (-before +after):\n%s", diff)
	}
	var started int64
	for _, s := range get[httpapi.ArchiveQuery](t, w, "/hobby/archive/query?aggregate=month").Sums {
		started += s.Started
	}
	if started != 100 {
		t.Errorf("the months have %d activities, want 100", started)
	}
	if _, err := store.Activity(t.Context(), id); err == nil {
		t.Error("the oldest activity is still in the store")
	}
	if diff := cmp.Diff(before, get[httpapi.ActivityDetail](t, w, "/hobby/activities/"+id)); diff != "" {
		t.Errorf("the archived activity answers otherwise (-before +after):\n%s", diff)
	}
	for path, want := range map[string]int{
		"/hobby/archive/query?aggregate=day&status=failed": 422, "/hobby/archive/query?aggregate=year": 422,
		"/hobby/archive/query?analysis=trend&text=x": 422, "/hobby/archive/query?analysis=all": 422,
		"/hobby/archive/query?cursor=x": 422, "/hobby/archive/query?start=yesterday": 422,
	} {
		if status, _, body := w.do("GET", path, ""); status != want {
			t.Errorf("GET %s: %d %s, want %d", path, status, body, want)
		}
	}
	if status, _, body := w.do("POST", "/hobby/archive/cancel", ""); status != 409 {
		t.Errorf("cancelling nothing: %d %s, want 409", status, body)
	}
	if status, _, body := w.do("POST", "/hobby/archive", `{"older_than_days":-1}`); status != 422 {
		t.Errorf("older than -1 days: %d %s, want 422", status, body)
	}
}

// TestArchivingGoesOn has nobody carry the job out: after ten seconds, or after half of the time that a request may
// take, the answer is the job, which keeps others out until it is cancelled.
func TestArchivingGoesOn(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: 10 * time.Second, 8 * time.Second: 4 * time.Second} {
		t.Run(timeout.String(), func(t *testing.T) { archivingGoesOn(t, timeout, want) })
	}
}

func archivingGoesOn(t *testing.T, timeout, want time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlite.Open(t.Context(), ":memory:", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		w := &world{Handler: httpapi.New([]httpapi.Part{httpapi.Archive(openArchive(t, store))}, &httpapi.Options{Rate: -1, Timeout: timeout})}
		begun := time.Now()
		status, _, body := w.do("POST", "/hobby/archive", `{"older_than_days":30}`)
		var on httpapi.ArchiveAnswer
		if err := json.Unmarshal([]byte(body), &on); err != nil || status != 202 || on.Status != "running" || on.JobID == nil {
			t.Fatalf("archiving: %d %s, %v; want 202 and the job", status, body, err)
		}
		if waited := time.Since(begun); waited < want || waited > want+time.Second {
			t.Errorf("the answer came after %v, want %v", waited, want)
		}
		if status, _, body := w.do("POST", "/hobby/archive", "{}"); status != 409 {
			t.Errorf("archiving beside it: %d %s, want 409", status, body)
		}
		for _, want := range []string{"running", "cancelled"} {
			st := get[httpapi.ArchiveStats](t, w, "/hobby/archive/stats")
			if st.Job == nil || st.Job.Status != want || st.Job.ID != *on.JobID {
				t.Errorf("the job is %+v, want it %s", st.Job, want)
			}
			if want == "running" {
				post[httpapi.ArchiveCancelled](t, w, "/hobby/archive/cancel", "")
			}
		}
	})
}

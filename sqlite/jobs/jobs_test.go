package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

func open(t *testing.T, path string) (*jobs.Journal, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	j, err := jobs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return j, s
}

func TestJournal(t *testing.T) {
	hobbytest.TestJournal(t, func(t *testing.T) func() (hobby.Journal, hobby.Store, io.Closer) {
		path := filepath.Join(t.TempDir(), "agent.db")
		return func() (hobby.Journal, hobby.Store, io.Closer) {
			j, s := open(t, path)
			return j, s, s
		}
	})
}

func TestJournalAgainstModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db") // one file, emptied after each draw: opening takes longer than the calls
	first, s := open(t, path)
	second, z := open(t, path)
	hobbytest.CheckJournal(t, func(t *testing.T) (a, b hobby.Journal, closes func() error) {
		return first, second, func() error {
			return s.Write(t.Context(), func(tx *sqlite.Tx) error {
				for _, table := range []string{"pastime_jobs_jobs", "pastime_hobby_fences", "pastime_hobby_events"} {
					if _, err := tx.Exec("DELETE FROM " + table); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
	if err := errors.Join(s.Close(), z.Close()); err != nil {
		t.Error(err)
	}
}

// oneJob starts a job and carries it to its end.
func oneJob(ctx context.Context, j *jobs.Journal) error {
	at, err := j.StartJob(ctx, hobby.Job{Line: "lora", Stage: "first"})
	if err == nil {
		at, err = j.ClaimJob(ctx, at.ID)
	}
	if err != nil {
		return err
	}
	at.Status = hobby.JobCompleted
	_, err = j.KeepJob(ctx, at)
	return err
}

// TestNothingIsLeft has more jobs than are kept: what is forgotten leaves no fence.
func TestNothingIsLeft(t *testing.T) {
	j, s := open(t, ":memory:")
	defer s.Close()
	for range hobby.KeptJobs + 50 {
		if err := oneJob(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"pastime_jobs_jobs", "pastime_hobby_fences"} {
		n, err := sqlite.ReadOne(t.Context(), s, "counting", "SELECT count(*) FROM "+table, nil, sqlite.ScanValue[int])
		if err != nil || n != hobby.KeptJobs {
			t.Errorf("%s has %d rows, %v; want %d", table, n, err, hobby.KeptJobs)
		}
	}
}

// BenchmarkHistory is a whole job, and a look for open ones, after few and after many.
func BenchmarkHistory(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "agent.db"), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			j, err := jobs.New(b.Context(), s)
			if err != nil {
				b.Fatal(err)
			}
			for range n {
				if err := oneJob(b.Context(), j); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if _, err := j.Jobs(b.Context(), hobby.JobFilter{Line: "lora", Open: true}); err != nil {
					b.Fatal(err)
				}
				if err := oneJob(b.Context(), j); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

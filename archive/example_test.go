package archive_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/archives"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// An old session moves to files, and is found as before.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "pastime-archive-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := moveAndFind(ctx, dir); err != nil {
		log.Fatal(err)
	}
	// Output:
	// archived: 1, in the store: 0
	// found: What a good test says
	// damaged: 0
}

func moveAndFind(ctx context.Context, dir string) error {
	store, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return err
	}
	defer store.Close()
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	_, err = store.Commit(ctx, hobby.Session{Activity: hobby.Activity{
		ID: "session-1", Plan: hobby.Plan{Kind: hobby.ResearchIntegration}, Status: hobby.Completed,
		Started: old, Ended: old.Add(time.Minute), Description: "What a good test says",
	}}, nil)
	if err != nil {
		return err
	}

	blobs, err := archive.OpenDir(dir)
	if err != nil {
		return err
	}
	defer blobs.Close()
	catalogue, err := archives.New(ctx, store)
	if err != nil {
		return err
	}
	journal, err := jobs.New(ctx, store)
	if err != nil {
		return err
	}
	archiver, err := archive.New(catalogue, journal, store, blobs, nil)
	if err != nil {
		return err
	}
	report, err := archiver.RunOnce(ctx, archive.Request{Before: old.AddDate(0, 1, 0)})
	if err != nil {
		return err
	}
	left, err := store.List(ctx, hobby.Filter{})
	if err != nil {
		return err
	}
	fmt.Printf("archived: %d, in the store: %d\n", report.Archived, len(left.Activities))
	session, err := archiver.Session(ctx, "session-1")
	if err != nil {
		return err
	}
	fmt.Println("found:", session.Activity.Description)
	damage, err := archiver.Verify(ctx, nil)
	fmt.Println("damaged:", len(damage))
	return err
}

package settings_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/settings"
	"github.com/pastime-go/pastime/settings/settingstest"
	"github.com/pastime-go/pastime/sqlite"
	chosen "github.com/pastime-go/pastime/sqlite/settings"
)

func TestStore(t *testing.T) {
	db, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := chosen.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	settingstest.TestStore(t, s)
	events, err := db.Events(t.Context(), 0, 10)
	if err != nil || len(events) != 4 {
		t.Fatalf("the log has %+v, want an event of each of four changes: %v", events, err)
	}
	last := events[3]
	if d := cmp.Diff([]any{settings.Changed, "ada", 3}, []any{last.Kind, last.ID, last.Version}); d != "" {
		t.Errorf("the last event's kind, id and version (-want +got):\n%s", d)
	}
}

// What people chose is read back as it was.
func Example() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	s, err := chosen.New(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	interval := 20 * time.Minute
	if err := s.PutSettings(ctx, "agent", settings.Values{Interval: &interval}); err != nil {
		log.Fatal(err)
	}
	v, err := s.Settings(ctx, "agent")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*v.Interval)
	// Output: 20m0s
}

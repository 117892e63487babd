package settings_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

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
	if err != nil || len(events) != 4 || events[3].Kind != settings.Changed || events[3].ID != "ada" || events[3].Version != 3 {
		t.Errorf("the log has %+v, want an event of each of four changes: %v", events, err)
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

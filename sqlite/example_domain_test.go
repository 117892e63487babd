package sqlite_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"testing/fstest"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// schema is the domain's migration line. A domain of a package of its own has
// its files in a folder "migrations" and embeds them.
var schema = fstest.MapFS{"00001_start.sql": {Data: []byte(`-- +goose Up
CREATE TABLE pastime_stars_sightings (
	pos     INTEGER PRIMARY KEY AUTOINCREMENT,
	insight TEXT NOT NULL UNIQUE,
	topic   TEXT NOT NULL,
	body    BLOB NOT NULL -- Sighting as JSON
);
CREATE INDEX pastime_stars_sightings_topic ON pastime_stars_sightings (topic, pos);
`)}}

// Sighting is what the domain keeps: something that was seen in an insight.
type Sighting struct {
	Insight string `json:"insight"`
	Topic   string `json:"topic"`
}

// Stars is a domain's store. It is a hobby.Consumer, too: it makes its rows of
// the event log.
type Stars struct{ store *sqlite.Store }

// NewStars brings the domain's tables up to date.
func NewStars(ctx context.Context, s *sqlite.Store) (*Stars, error) {
	if err := s.Migrate(ctx, "stars", schema); err != nil {
		return nil, fmt.Errorf("stars: %w", err)
	}
	return &Stars{s}, nil
}

// Name implements hobby.Consumer.
func (*Stars) Name() string { return "stars" }

// Consume implements hobby.Consumer. Rows, events and position are one
// transaction: after a crash, and with several processes on one file, each
// insight is seen once.
func (d *Stars) Consume(ctx context.Context, events []hobby.Event) error {
	err := d.store.Write(ctx, func(tx *sqlite.Tx) error {
		handled, err := tx.SetConsumed(d.Name(), events[len(events)-1].Pos)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Pos <= handled || !strings.HasPrefix(e.Kind, "activity.") {
				continue
			}
			body, err := e.Activity()
			if err != nil {
				return err
			}
			for _, i := range body.Insights {
				if err := add(tx, Sighting{Insight: i.ID, Topic: i.Topic}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("stars: following the event log: %w", err)
	}
	return nil
}

// add stores a sighting and tells of it in the event log.
func add(tx *sqlite.Tx, s Sighting) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO pastime_stars_sightings (insight, topic, body) VALUES (?, ?, ?)", s.Insight, s.Topic, body); err != nil {
		return err
	}
	_, err = tx.Append("sighting.noted", s.Insight, 1, json.RawMessage(body))
	return err
}

// Sightings reads a page of the sightings, newest first; topic "" is all.
func (d *Stars) Sightings(ctx context.Context, topic, cursor string, limit int) (page []Sighting, next string, err error) {
	var w sqlite.Where
	if err := w.After(cursor, "pos"); err != nil {
		return nil, "", err
	}
	w.If(topic != "", "topic = ?", topic)
	return sqlite.ReadPage(ctx, d.store, "listing sightings",
		"SELECT pos, body FROM pastime_stars_sightings"+w.String()+" ORDER BY pos DESC", w.Args(), limit, sqlite.ScanPosJSON[Sighting])
}

// A domain, such as a host's own part, keeps its tables in the agent's store.
func Example_domain() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	stars, err := NewStars(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	m, err := hobby.New(store, []hobby.Hobby{{
		Kind: "stargazing",
		Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			return out.Insight(hobby.Insight{Text: "Vega is brighter than Deneb", Topic: "Vega", Confidence: 1})
		}),
	}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := m.RunOnce(ctx, "stargazing"); err != nil {
		log.Fatal(err)
	}
	events, err := store.Events(ctx, 0, 100)
	if err != nil {
		log.Fatal(err)
	}
	for range 2 { // a manager with Options.Consumers does this; a repetition changes nothing
		if err := stars.Consume(ctx, events); err != nil {
			log.Fatal(err)
		}
	}
	page, _, err := stars.Sightings(ctx, "Vega", "", 10)
	if err != nil {
		log.Fatal(err)
	}
	at, err := store.Consumed(ctx, stars.Name())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page), page[0].Topic, at == events[len(events)-1].Pos)
	// Output: 1 Vega true
}

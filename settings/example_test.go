package settings_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/settings"
	"github.com/pastime-go/pastime/sqlite"
	chosen "github.com/pastime-go/pastime/sqlite/settings"
)

// The host lets people change the interval, and nothing else.
func Example() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	m, err := hobby.New(db, nil, &hobby.Options{Interval: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	store, err := chosen.New(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	s, err := settings.New(ctx, store, m, &settings.Options{Allowed: []settings.Name{settings.Interval}})
	if err != nil {
		log.Fatal(err)
	}

	often, idle := 10*time.Minute, time.Second
	fmt.Println(s.Change(ctx, settings.Values{Interval: &often}))
	fmt.Println(s.State().Interval.Value, s.State().Interval.From)
	fmt.Println(s.Change(ctx, settings.Values{Idle: &idle}))
	// Output:
	// <nil>
	// 10m0s chosen
	// settings: fixed: idle is set by the program
}

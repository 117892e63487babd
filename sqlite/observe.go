package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/pastime-go/pastime/hobby"
)

var _ hobby.Observable = (*Store)(nil)

// The store's families.
const (
	writable     = "pastime_store_writable"
	sizeBytes    = "pastime_store_size_bytes"
	walBytes     = "pastime_store_wal_bytes"
	eventsTotal  = "pastime_store_events_total"
	consumerLag  = "pastime_store_consumer_lag_events"
	writesQueued = "pastime_store_writes_queued"
	freeBytes    = "pastime_store_free_bytes"
	slotFailed   = "pastime_store_slot_failed"
)

// Metrics implements hobby.Observable.
func (s *Store) Metrics() []hobby.Metric {
	return []hobby.Metric{
		{Name: writable, Help: "1 while what is written is kept, 0 while the disk is full or fails, or the file is gone."},
		{Name: sizeBytes, Help: "Size of the database."},
		{Name: walBytes, Help: "Size of the write-ahead log; absent in memory."},
		{Name: eventsTotal, Help: "Events in the log.", Counter: true},
		{Name: consumerLag, Help: "Events that a consumer has not handled yet.", Labels: []string{"consumer"}},
		{Name: freeBytes, Help: "The part of the database that holds nothing; it is given back or used again."},
		{Name: slotFailed, Help: "1 when the last run of scheduled work that ended has failed.", Labels: []string{"slot"}},
		{Name: writesQueued, Help: "Writes that wait for the writer."},
	}
}

// named is a number with a name.
type named struct {
	name string
	n    int64
}

// Observe implements hobby.Observable.
func (s *Store) Observe(ctx context.Context, emit hobby.Emit) error {
	kept := 1.0
	if err := s.Check(ctx); errors.Is(err, hobby.ErrStorage) {
		kept = 0
	} else if err != nil {
		return err
	}
	emit(writable, kept)
	files, err := Read(ctx, s, "asking for the database's size",
		"SELECT file, page_count * page_size FROM pragma_database_list, pragma_page_count(), pragma_page_size() WHERE name = 'main'", nil,
		func(r *sql.Rows) (f named, err error) {
			err = r.Scan(&f.name, &f.n)
			return f, err
		})
	if err != nil {
		return err
	}
	for _, f := range files {
		emit(sizeBytes, float64(f.n))
		if log, err := os.Stat(f.name + "-wal"); f.name != "" && err == nil { // there is none while nothing was written
			emit(walBytes, float64(log.Size()))
		}
	}
	free, err := ReadOne(ctx, s, "counting free pages",
		"SELECT freelist_count * page_size FROM pragma_freelist_count(), pragma_page_size()", nil, ScanValue[int64])
	if err != nil {
		return err
	}
	emit(freeBytes, float64(free))
	slots, err := s.Slots(ctx)
	if err != nil {
		return err
	}
	for i := range slots {
		failed := 0.0
		if slots[i].Err != "" {
			failed = 1
		}
		emit(slotFailed, failed, slots[i].Name)
	}
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	emit(eventsTotal, float64(head))
	emit(writesQueued, float64(len(s.queue)))
	consumers, err := Read(ctx, s, "reading the consumers", "SELECT name, pos FROM pastime_hobby_consumers", nil,
		func(r *sql.Rows) (c named, err error) {
			err = r.Scan(&c.name, &c.n)
			return c, err
		})
	if err != nil {
		return err
	}
	for _, c := range consumers {
		emit(consumerLag, float64(max(0, int64(head)-c.n)), c.name)
	}
	return nil
}

package archive

import (
	"context"

	"github.com/pastime-go/pastime/hobby"
)

var _ hobby.Observable = (*Archiver)(nil)

// The families of numbers that an archiver exports.
const (
	filesNow      = "pastime_archive_files"
	activitiesNow = "pastime_archive_activities"
	bytesNow      = "pastime_archive_size_bytes"
	originalNow   = "pastime_archive_original_bytes"
	forgetsNow    = "pastime_archive_sources_to_forget"
)

// Metrics implements hobby.Observable.
func (a *Archiver) Metrics() []hobby.Metric {
	return []hobby.Metric{
		{Name: filesNow, Help: "Files of the archive."},
		{Name: activitiesNow, Help: "Activities that are archived."},
		{Name: bytesNow, Help: "Size of the archive's files."},
		{Name: originalNow, Help: "Size of what is archived as lines of JSON."},
		{Name: forgetsNow, Help: "Forgotten sources that are not taken out of the archive's files yet."},
	}
}

// Observe implements hobby.Observable.
func (a *Archiver) Observe(ctx context.Context, emit hobby.Emit) error {
	s, err := a.Stats(ctx)
	if err != nil {
		return err
	}
	emit(filesNow, float64(s.Files))
	emit(activitiesNow, float64(s.Activities))
	emit(bytesNow, float64(s.Bytes))
	emit(originalNow, float64(s.Original))
	emit(forgetsNow, float64(s.Forgets))
	return nil
}

package patterns

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// Entry is one interaction.
type Entry struct {
	At time.Time
	// Event says what happened, such as "call". Entries are compared with others of the
	// same event.
	Event string
	// Tool is what was used, Topic what it was about; "" when that is not known.
	Tool, Topic string
	// OK says whether it succeeded; nil when that is not known.
	OK *bool
	// Duration is how long it took; 0 when that is not known.
	Duration time.Duration
}

// Log is what a Source has read.
type Log struct {
	// Entries are the newest, the oldest of them first.
	Entries []Entry
	// Bad says what is wrong with lines that were left out, with the file and the line,
	// and at most [MaxBad] of them; Left counts all.
	Bad  []string
	Left int
}

// MaxBad bounds the bad lines that a Log names.
const MaxBad = 20

// Source is a log.
type Source struct {
	// Name names the log in insights and items, such as its file.
	Name string
	// Read returns the newest entries, at most so many.
	Read func(ctx context.Context, most int) (Log, error)
	// Trusted says that this program wrote every text of the log. Default false: what is
	// told and asked of it is tainted.
	Trusted bool
}

// The bounds of a line of a file, and of a text in it, in bytes.
const (
	maxLine = 64 << 10
	maxText = 128
)

// File is a log in JSON Lines, each as [JSON] or as [Slog] reads it. The file is read anew
// for each session.
func File(path string) Source { return Lines(path, either) }

// either reads a line of JSON's form, or of Slog's where it has the time under Slog's name.
func either(line []byte) (Entry, error) {
	var has struct {
		At   any `json:"at"`
		Time any `json:"time"`
	}
	if json.Unmarshal(line, &has) == nil && has.At == nil && has.Time != nil {
		return Slog(line)
	}
	return JSON(line)
}

// Lines is a log in a file of another form. parse makes an entry of a line, or says what is
// wrong with it. The file is read anew for each session.
func Lines(path string, parse func(line []byte) (Entry, error)) Source {
	return Source{Name: filepath.Base(path), Read: func(ctx context.Context, most int) (Log, error) {
		f, err := os.Open(path)
		if err != nil {
			return Log{}, err
		}
		defer f.Close()
		return readLines(ctx, f, filepath.Base(path), most, parse)
	}}
}

// readLines reads lines. name is that of the file, for what is wrong with lines.
func readLines(ctx context.Context, r io.Reader, name string, most int, parse func([]byte) (Entry, error)) (Log, error) {
	var l Log
	in := bufio.NewReaderSize(r, maxLine)
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) && ctx.Err() == nil {
			_, err = in.ReadSlice('\n')
		}
		if ctx.Err() != nil {
			return Log{}, context.Cause(ctx)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return Log{}, fmt.Errorf("reading %s: %w", name, err)
		}
		if line = bytes.TrimSpace(line); long || len(line) > 0 {
			var e Entry
			wrong := fmt.Errorf("it is longer than %d bytes", maxLine)
			if !long {
				e, wrong = entry(parse, line)
			}
			switch {
			case wrong == nil:
				l.Entries = append(l.Entries, e)
			case err != nil && !long: // the last line is still being written
			default:
				if l.Left++; len(l.Bad) == MaxBad {
					break
				}
				l.Bad = append(l.Bad, fmt.Sprintf("%s:%d was left out: %s", study.Shorten(study.Clean(name), maxText), n,
					study.Shorten(study.Clean(wrong.Error()), maxText)))
			}
		}
		if len(l.Entries) > 2*most { // what is older goes now and then
			l.Entries = newest(l.Entries, most)
		}
		if err != nil {
			l.Entries = newest(l.Entries, most)
			return l, nil
		}
	}
}

// newest sorts entries by time and returns the last.
func newest(all []Entry, most int) []Entry {
	slices.SortStableFunc(all, func(a, b Entry) int { return a.At.Compare(b.At) })
	return slices.Clone(all[max(0, len(all)-most):])
}

// entry makes an entry of a line and checks it.
func entry(parse func([]byte) (Entry, error), line []byte) (Entry, error) {
	e, err := parse(line)
	switch year := e.At.Year(); {
	case err != nil:
		return Entry{}, err
	case year < 1970 || year > 2200:
		return Entry{}, fmt.Errorf("its time is in the year %d", year)
	case e.Duration < 0 || e.Duration > longest:
		return Entry{}, fmt.Errorf("it took %v, must be from 0 to a year", e.Duration)
	}
	e.At = e.At.UTC()
	return e.clean(nil), nil
}

// longest is the longest time that an entry may have taken.
const longest = 366 * 24 * time.Hour

// JSON reads a line such as {"at": "2026-11-27T09:00:00Z", "event": "call", "tool":
// "search", "ok": true, "topic": "prices", "duration_ms": 12.5}. Only at is required.
// Other fields are ignored.
func JSON(line []byte) (Entry, error) {
	var w struct {
		At       *time.Time `json:"at"`
		Event    string     `json:"event"`
		Tool     string     `json:"tool"`
		OK       *bool      `json:"ok"`
		Topic    string     `json:"topic"`
		Duration float64    `json:"duration_ms"`
	}
	if err := decode(line, &w); err != nil {
		return Entry{}, err
	}
	switch {
	case w.At == nil:
		return Entry{}, errors.New("at is missing")
	case !(w.Duration >= 0 && w.Duration <= float64(longest/time.Millisecond)):
		return Entry{}, fmt.Errorf("duration_ms is %v, must be from 0 to that of a year", w.Duration)
	}
	return Entry{At: *w.At, Event: w.Event, Tool: w.Tool, OK: w.OK, Topic: w.Topic,
		Duration: time.Duration(w.Duration * float64(time.Millisecond))}, nil
}

// Slog reads a line of the JSON handler of package log/slog: time, msg, which is the event,
// and the attributes tool, topic, ok and duration, a time.Duration. Without ok, a record of
// the level ERROR is a failure, and of others it is not known.
func Slog(line []byte) (Entry, error) {
	var w struct {
		At       *time.Time    `json:"time"`
		Level    string        `json:"level"`
		Event    string        `json:"msg"`
		Tool     string        `json:"tool"`
		OK       *bool         `json:"ok"`
		Topic    string        `json:"topic"`
		Duration time.Duration `json:"duration"`
	}
	if err := decode(line, &w); err != nil {
		return Entry{}, err
	}
	if w.At == nil {
		return Entry{}, errors.New("time is missing")
	}
	if w.OK == nil && strings.HasPrefix(w.Level, "ERROR") {
		w.OK = new(bool)
	}
	return Entry{At: *w.At, Event: w.Event, Tool: w.Tool, OK: w.OK, Topic: w.Topic, Duration: w.Duration}, nil
}

// decode reads a JSON object, and says what is wrong with it in words for people.
func decode(line []byte, to any) error {
	err := json.Unmarshal(line, to)
	var field *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &field) && field.Field != "":
		return fmt.Errorf("%s is a JSON %s", field.Field, study.Shorten(field.Value, 20))
	}
	return errors.New("it is no JSON object with a time in RFC 3339")
}

// clean bounds the texts of an entry, and takes out of them what redact does.
func (e Entry) clean(redact func(string) string) Entry {
	for _, s := range []*string{&e.Event, &e.Tool, &e.Topic} {
		t := *s
		if redact != nil {
			t = redact(t)
		}
		*s = study.Shorten(study.Clean(t), maxText)
	}
	return e
}

// Own is the record of an agent as a log: its ended sessions, and the verified answers in
// them. A tool is a kind of hobby, a topic a family of tasks.
func Own(r hobby.Record) Source {
	return Source{Name: "pastime", Trusted: true, Read: func(ctx context.Context, most int) (Log, error) {
		kinds := map[string]hobby.Kind{} // of activities
		var l Log
		for cursor := ""; len(kinds) < most/5; {
			page, err := r.List(ctx, hobby.Filter{Cursor: cursor, Limit: 1000})
			if err != nil {
				return Log{}, err
			}
			for i := range page.Activities {
				a := &page.Activities[i]
				kinds[a.ID] = a.Plan.Kind
				if !a.Status.Ended() {
					continue
				}
				e := Entry{At: a.Ended.UTC(), Event: "session", Tool: string(a.Plan.Kind), Topic: a.Plan.Family, Duration: a.Ended.Sub(a.Started)}
				if a.Status != hobby.Interrupted {
					ok := a.Status == hobby.Completed
					e.OK = &ok
				}
				l.Entries = append(l.Entries, e)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		for cursor, read := "", 0; read < most; {
			page, err := r.Items(ctx, hobby.ItemFilter{Cursor: cursor, Limit: 1000})
			if err != nil {
				return Log{}, err
			}
			read += len(page.Items) // those of older sessions count, too
			for i := range page.Items {
				it := &page.Items[i]
				if kind, known := kinds[it.Activity]; known {
					ok := it.Passed()
					l.Entries = append(l.Entries, Entry{
						At: it.At.UTC(), Event: "answer", Tool: string(kind), Topic: it.Family, OK: &ok, Duration: it.Latency,
					})
				}
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		slices.SortFunc(l.Entries, func(a, b Entry) int { // the same order each time
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Topic, b.Topic),
				cmp.Compare(a.Duration, b.Duration))
		})
		l.Entries = newest(l.Entries, most)
		return l, nil
	}}
}

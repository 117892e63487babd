package archive

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// ErrDamaged says that a file of the archive is missing, or is not what was written. The
// error names the file. What the others hold still answers.
var ErrDamaged = errors.New("archive: a file is damaged or missing")

// Catalogue knows the files of an archive. Package sqlite/archives has the one of a
// store; archivetest.TestCatalogue is the contract in full. Implementations are safe for
// concurrent use, by several processes too.
type Catalogue interface {
	// Reserve returns a number that is greater than all before; hobby.ErrStale when f
	// is. Keys of files have it in them.
	Reserve(ctx context.Context, f *hobby.Fence) (int64, error)
	// Segments reads all segments, by From and then Run, and the number of the last change.
	Segments(ctx context.Context) ([]Segment, int64, error)
	// Change counts the changes of Swap.
	Change(ctx context.Context) (int64, error)
	// Swap adds and removes segments in one transaction; hobby.ErrStale when f is. A
	// segment that is there stays as it is; one to remove that is not there is no error.
	Swap(ctx context.Context, add []Segment, remove []string, f *hobby.Fence) error
	// Pruned notes that the store has none of a segment's sessions any more.
	Pruned(ctx context.Context, id string, f *hobby.Fence) error
	// Forget notes that what came from a source, which has this hash, is to be taken out
	// of the files; Forgets reads what is noted, Forgot notes that it is done.
	Forget(ctx context.Context, sourceHash string) error
	Forgets(ctx context.Context) ([]string, error)
	Forgot(ctx context.Context, sourceHash string, f *hobby.Fence) error
}

// Segment is what was archived at one time of one month and node: a file for each table,
// and one with a Bloom filter of the ids of activities and insights, and of the hashes of
// sources.
type Segment struct {
	ID   string `json:"id"`
	Node string `json:"node"`
	// Month is that of the starts in UTC, such as "2026-11".
	Month string `json:"month"`
	// Run is the number that the catalogue reserved for it. Where two segments have the
	// same activity, the one with the greater Run counts.
	Run int64 `json:"run"`
	// From and To are the first and the last start.
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Files []File    `json:"files"`
	// Activities, Items and Insights count rows. Kinds counts activities by kind.
	Activities int64                `json:"activities"`
	Items      int64                `json:"items"`
	Insights   int64                `json:"insights"`
	Kinds      map[hobby.Kind]int64 `json:"kinds"`
	// Original is the size of its sessions as lines of JSON, and Digest a SHA-256 of all values of
	// the files' columns.
	Original int64     `json:"original"`
	Digest   string    `json:"digest"`
	Created  time.Time `json:"created"`
	// Until and At are what is to be pruned of the store, until Pruned.
	Until  time.Time    `json:"until,omitzero"`
	At     hobby.Cursor `json:"at,omitempty"`
	Pruned bool         `json:"pruned"`
}

// File is a file of a segment.
type File struct {
	Table string `json:"table"`
	Key   string `json:"key"`
	Size  int64  `json:"size"`
	Rows  int64  `json:"rows"`
	// SHA256 is that of its bytes, in hexadecimal digits.
	SHA256 string `json:"sha256"`
	// Blocks are the SHA-256 of each 256 KiB of it, one after the other. Each block is
	// compared before anything in it is believed.
	Blocks []byte `json:"blocks"`
}

// Bytes is the size of the segment's files.
func (s *Segment) Bytes() (n int64) {
	for _, f := range s.Files {
		n += f.Size
	}
	return n
}

// file finds the file of a table.
func (s *Segment) file(table string) (File, bool) {
	for _, f := range s.Files {
		if f.Table == table {
			return f, true
		}
	}
	return File{}, false
}

// The tables, which are the folders of the files.
const (
	activities = "activities"
	items      = "items"
	insights   = "insights"
	filters    = "filters" // no table, and no Parquet
)

// prefix begins the keys of all files.
const (
	prefix      = "v1/"
	parquetFile = ".parquet"
	filterFile  = ".bloom"
)

// key is the key of a table's file. owner is the node that has archived it, and part
// numbers the segments of one run.
func key(table, owner, month string, run int64, part int) string {
	extension := parquetFile
	if table == filters {
		extension = filterFile
	}
	return fmt.Sprintf("%s%s/year=%s/month=%s/%s-%08d-%d%s", prefix, table, month[:4], month[5:], owner, run, part, extension)
}

// parseKey reads the owner and the number in a key.
func parseKey(k string) (owner string, run int64, ok bool) {
	name, found := strings.CutSuffix(path.Base(k), parquetFile)
	if !found {
		name, found = strings.CutSuffix(path.Base(k), filterFile)
	}
	fields := strings.Split(name, "-")
	if n := len(fields); found && n > 2 {
		run, err := strconv.ParseInt(fields[n-2], 10, 64)
		return strings.Join(fields[:n-2], "-"), run, err == nil
	}
	return "", 0, false
}

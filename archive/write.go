package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	parquetzstd "github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/pastime-go/pastime/hobby"
)

const (
	groupRows = 16 * 1024 // rows of a row group
	pageBytes = 64 * 1024
	batchRows = 1024 // rows that are written, or read, at once
)

// tempPrefix begins the names of temporary files.
const tempPrefix = "pastime-archive-"

// tableWriter writes the rows of one table to a temporary file.
type tableWriter[R any] struct {
	table string
	f     *os.File
	sum   hash.Hash // of the file
	block hash.Hash // of what is written of a block
	done  []byte    // the hashes of whole blocks
	size  int64
	rows  int64
	batch []R
	w     *parquet.GenericWriter[R]
	// columns, unless nil, have what was added to each column.
	columns []columnDigest
}

func newTableWriter[R any](dir, table string) (*tableWriter[R], error) {
	f, err := os.CreateTemp(dir, tempPrefix)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	_ = os.Remove(f.Name()) // so that it is gone when the process dies; not every system can
	t := &tableWriter[R]{table: table, f: f, sum: sha256.New(), block: sha256.New()}
	// The rest of an id is as good as random: it has no matches, but only 16 digits.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithAllLitEntropyCompression(true))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	codec := &pageCodec{enc: enc}
	t.w = parquet.NewGenericWriter[R](t, parquet.Compression(codec), parquet.MaxRowsPerRowGroup(groupRows),
		parquet.PageBufferSize(pageBytes), parquet.CreatedBy("pastime", "1", ""),
		parquet.ColumnIndexSizeLimit(func([]string) int { return 40 }))
	return t, nil
}

// pageCodec compresses pages.
type pageCodec struct {
	parquetzstd.Codec
	enc *zstd.Encoder
}

func (c *pageCodec) Encode(dst, src []byte) ([]byte, error) {
	return c.enc.EncodeAll(src, dst[:0]), nil
}

// Write takes the bytes of the file.
func (t *tableWriter[R]) Write(p []byte) (int, error) {
	n, err := t.f.Write(p)
	t.sum.Write(p[:n])
	for p = p[:n]; len(p) > 0; {
		part := p[:min(int64(len(p)), blockSize-t.size%blockSize)]
		t.block.Write(part)
		if t.size += int64(len(part)); t.size%blockSize == 0 {
			t.done = t.block.Sum(t.done)
			t.block.Reset()
		}
		p = p[len(part):]
	}
	return n, err
}

// add adds a row, and returns where it is until the next one is added.
func (t *tableWriter[R]) add(r R) (*R, error) {
	if len(t.batch) == batchRows {
		if err := t.flush(); err != nil {
			return nil, err
		}
	}
	t.rows++
	t.batch = append(t.batch, r)
	return &t.batch[len(t.batch)-1], nil
}

func (t *tableWriter[R]) flush() error {
	for i := range t.batch {
		addRow(t.columns, reflect.ValueOf(&t.batch[i]).Elem())
	}
	_, err := t.w.Write(t.batch)
	clear(t.batch)
	t.batch = t.batch[:0]
	return err
}

func (t *tableWriter[R]) finish() error { return errors.Join(t.flush(), t.w.Close()) }

// put puts the file under its key.
func (t *tableWriter[R]) put(ctx context.Context, b Blobs, key string) (File, error) {
	if _, err := t.f.Seek(0, io.SeekStart); err != nil {
		return File{}, err
	}
	// A storage that answers too late may have it already; what is there is compared.
	if err := b.Put(ctx, key, t.f, t.size); err != nil && !errors.Is(err, ErrExists) {
		return File{}, err
	}
	f := File{Table: t.table, Key: key, Size: t.size, Rows: t.rows, SHA256: hex.EncodeToString(t.sum.Sum(nil)), Blocks: t.done}
	if t.size%blockSize != 0 {
		f.Blocks = t.block.Sum(f.Blocks)
	}
	return f, nil
}

func (t *tableWriter[R]) remove() error { return errors.Join(t.f.Close(), gone(os.Remove(t.f.Name()))) }

// segmentWriter writes sessions, which come in the order of their starts.
type segmentWriter struct {
	seg        Segment
	owner      string
	part       int
	activities *tableWriter[activityRow]
	items      *tableWriter[itemRow]
	insights   *tableWriter[insightRow]
	ids        []uint64        // for the filter: the hashes of ids
	sources    map[string]bool // and the sources
	filter     bloom
	now        struct { // what the last rows unpack to
		activity hobby.Activity
		item     hobby.Item
		insight  hobby.Insight
	}
}

// newWriter makes the writer of the part-th segment of a run.
func (a *Archiver) newWriter(node, month string, run int64, part int) (w *segmentWriter, err error) {
	dir, owner := a.opts.Dir, a.source.Node()
	w = &segmentWriter{
		seg:   Segment{ID: fmt.Sprintf("%s-%08d-%d", owner, run, part), Node: node, Month: month, Run: run, Kinds: map[hobby.Kind]int64{}},
		owner: owner, part: part, sources: map[string]bool{},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.remove())
		}
	}()
	if w.activities, err = digested[activityRow](dir, activities); err != nil {
		return nil, err
	}
	if w.items, err = digested[itemRow](dir, items); err != nil {
		return nil, err
	}
	w.insights, err = digested[insightRow](dir, insights)
	return w, err
}

// digested is a tableWriter that adds up the digests of its columns.
func digested[R any](dir, table string) (*tableWriter[R], error) {
	t, err := newTableWriter[R](dir, table)
	if err == nil {
		t.columns = digests[R]()
	}
	return t, err
}

// addWhole adds the row of a value, and compares what it unpacks to with the value.
func addWhole[R, V any, P interface {
	*R
	unpack() (V, error)
}](t *tableWriter[R], r R, v, into *V) error {
	at, err := t.add(r)
	if err != nil {
		return err
	}
	return lossless(v, P(at), into)
}

// add adds a session. size is its size as lines of JSON; 0 when that is not known.
func (w *segmentWriter) add(s *hobby.Session, size int64) error {
	a := &s.Activity
	r, err := packActivity(a)
	if err == nil {
		err = addWhole(w.activities, r, a, &w.now.activity)
	}
	w.ids = append(w.ids, hashOf(a.ID))
	for n := 0; n < len(s.Items) && err == nil; n++ {
		var r itemRow
		if r, err = packItem(&s.Items[n], a); err == nil {
			err = addWhole(w.items, r, &s.Items[n], &w.now.item)
		}
		w.named(s.Items[n].Source)
	}
	for n := 0; n < len(s.Insights) && err == nil; n++ {
		var r insightRow
		if r, err = packInsight(&s.Insights[n], a); err == nil {
			err = addWhole(w.insights, r, &s.Insights[n], &w.now.insight)
		}
		w.ids = append(w.ids, hashOf(s.Insights[n].ID))
		w.named(s.Insights[n].Source)
	}
	if err == nil && size == 0 {
		size, err = jsonSize(s)
	}
	if err != nil {
		return fmt.Errorf("archive: writing activity %.64q: %w", a.ID, err)
	}
	w.seg.Original += size
	if w.seg.Activities == 0 {
		w.seg.From, w.seg.To = a.Started.UTC(), a.Started.UTC()
	}
	if a.Started.Before(w.seg.From) {
		w.seg.From = a.Started.UTC()
	}
	if a.Started.After(w.seg.To) {
		w.seg.To = a.Started.UTC()
	}
	w.seg.Activities++
	w.seg.Items += int64(len(s.Items))
	w.seg.Insights += int64(len(s.Insights))
	w.seg.Kinds[a.Plan.Kind]++
	return nil
}

func (w *segmentWriter) named(source string) {
	if source != "" {
		w.sources[source] = true
	}
}

// jsonSize is the size of a session as lines of JSON: an activity, its items and insights.
func jsonSize(s *hobby.Session) (size int64, err error) {
	line := func(v any) {
		raw, e := json.Marshal(v)
		if size += int64(len(raw)) + 1; e != nil {
			err = e
		}
	}
	line(&s.Activity)
	for i := range s.Items {
		line(&s.Items[i])
	}
	for i := range s.Insights {
		line(&s.Insights[i])
	}
	return size, err
}

// put finishes the files and puts them. The segment is not in the catalogue yet.
func (w *segmentWriter) put(ctx context.Context, b Blobs) (Segment, error) {
	if err := w.finish(); err != nil {
		return Segment{}, err
	}
	k := func(table string) string { return key(table, w.owner, w.seg.Month, w.seg.Run, w.part) }
	for _, put := range []func() (File, error){
		func() (File, error) { return w.activities.put(ctx, b, k(activities)) },
		func() (File, error) { return w.items.put(ctx, b, k(items)) },
		func() (File, error) { return w.insights.put(ctx, b, k(insights)) },
	} {
		f, err := put()
		if err != nil {
			return Segment{}, fmt.Errorf("archive: putting what is of %s: %w", w.seg.Month, err)
		}
		w.seg.Files = append(w.seg.Files, f)
	}
	f, err := putFilter(ctx, b, k(filters), w.filter)
	if err != nil {
		return Segment{}, fmt.Errorf("archive: putting the filter of %s: %w", w.seg.Month, err)
	}
	w.seg.Files = append(w.seg.Files, f)
	return w.seg, nil
}

// putFilter puts a filter: in the store it would make a file grow that is to stay small.
func putFilter(ctx context.Context, b Blobs, key string, f bloom) (File, error) {
	if err := b.Put(ctx, key, bytes.NewReader(f), int64(len(f))); err != nil && !errors.Is(err, ErrExists) {
		return File{}, err
	}
	sum := sha256.Sum256(f)
	file := File{Table: filters, Key: key, Size: int64(len(f)), SHA256: hex.EncodeToString(sum[:])}
	for block := range slices.Chunk(f, blockSize) {
		sum := sha256.Sum256(block)
		file.Blocks = append(file.Blocks, sum[:]...)
	}
	return file, nil
}

// finish ends the files, and says in the segment what is in them.
func (w *segmentWriter) finish() error {
	if err := errors.Join(w.activities.finish(), w.items.finish(), w.insights.finish()); err != nil {
		return fmt.Errorf("archive: writing what is of %s: %w", w.seg.Month, err)
	}
	w.filter = newBloom(len(w.ids) + len(w.sources))
	for _, hash := range w.ids {
		w.filter.add(hash)
	}
	for source := range w.sources {
		w.filter.add(hashOf(hobby.SourceHash(source)))
	}
	w.seg.Created = time.Now().UTC()
	w.seg.Digest = digestOf(w.activities.columns, w.items.columns, w.insights.columns)
	return nil
}

// bytes is the size of the finished files.
func (w *segmentWriter) bytes() int64 {
	return w.activities.size + w.items.size + w.insights.size + int64(len(w.filter))
}

// remove removes the temporary files.
func (w *segmentWriter) remove() error {
	var errs []error
	if w.activities != nil {
		errs = append(errs, w.activities.remove())
	}
	if w.items != nil {
		errs = append(errs, w.items.remove())
	}
	if w.insights != nil {
		errs = append(errs, w.insights.remove())
	}
	return errors.Join(errs...)
}

package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/parquet-go/parquet-go"

	"github.com/pastime-go/pastime/hobby"
)

// blockSize is how much of a file is read at once: a whole column of a row group or more,
// so that a storage at a distance is asked seldom.
const (
	blockSize  = 256 * 1024
	keptBlocks = 16
)

// errChanged is a file, or a block of it, whose bytes were changed.
var errChanged = errors.New("its bytes are not those that were written")

// blocks reads a blob in blocks, compares each with its hash, and keeps the last of them.
// What reads Parquet trusts what it reads: a changed byte can end the process.
type blocks struct {
	ctx  context.Context
	b    Blobs
	file File
	mu   sync.Mutex
	have map[int64][]byte
	used []int64 // the last used one at the end
}

func newBlocks(ctx context.Context, b Blobs, f File) *blocks {
	return &blocks{ctx: ctx, b: b, file: f, have: map[int64][]byte{}}
}

func (b *blocks) ReadAt(p []byte, off int64) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n < len(p) {
		at := off + int64(n)
		if at >= b.file.Size {
			return n, io.EOF
		}
		block, err := b.block(at / blockSize)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], block[at%blockSize:])
	}
	return n, nil
}

func (b *blocks) block(i int64) ([]byte, error) {
	if block, ok := b.have[i]; ok {
		return block, nil
	}
	block := make([]byte, min(blockSize, b.file.Size-i*blockSize))
	if n, err := b.b.ReadAt(b.ctx, b.file.Key, block, i*blockSize); n < len(block) {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	sum := sha256.Sum256(block)
	if at := i * sha256.Size; at+sha256.Size > int64(len(b.file.Blocks)) || !bytes.Equal(sum[:], b.file.Blocks[at:at+sha256.Size]) {
		return nil, errChanged
	}
	if len(b.used) == keptBlocks {
		delete(b.have, b.used[0])
		b.used = b.used[1:]
	}
	b.have[i], b.used = block, append(b.used, i)
	return block, nil
}

// reader reads a Parquet file.
type reader struct {
	file File
	pf   *parquet.File
}

// openFile reads the footer and the page index of a table's file.
func openFile(ctx context.Context, b Blobs, s *Segment, table string) (r *reader, err error) {
	f, ok := s.file(table)
	if !ok {
		return nil, damagedSegment(s, "it has no file of "+table)
	}
	defer damaged(ctx, f.Key, &err)
	pf, err := parquet.OpenFile(newBlocks(ctx, b, f), f.Size, parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	if pf.NumRows() != f.Rows {
		return nil, fmt.Errorf("it has %d rows, must have %d", pf.NumRows(), f.Rows)
	}
	return &reader{f, pf}, nil
}

// damaged makes ErrDamaged of an error, or of a panic in what reads a damaged file, but
// for the end of ctx.
func damaged(ctx context.Context, key string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%v", p)
	}
	switch {
	case *err == nil:
	case ctx.Err() != nil:
		*err = context.Cause(ctx)
	case !errors.Is(*err, ErrDamaged):
		*err = fmt.Errorf("%w: %s: %w", ErrDamaged, key, *err)
	}
}

// span is the rows of a page of one column, or a part of them, and between which values they
// lie.
type span[V cmp.Ordered] struct {
	group     int
	from, to  int64
	low, high V
}

// spans are the pages of a column.
func spans[V cmp.Ordered](ctx context.Context, r *reader, column string, value func(parquet.Value) V) (all []span[V], err error) {
	defer damaged(ctx, r.file.Key, &err)
	leaf, err := r.leaf(column)
	if err != nil {
		return nil, err
	}
	for g, group := range r.pf.RowGroups() {
		chunk := group.ColumnChunks()[leaf.ColumnIndex]
		values, err := chunk.ColumnIndex()
		if err != nil {
			return nil, err
		}
		rows, err := chunk.OffsetIndex()
		if err != nil {
			return nil, err
		}
		if values.NumPages() != rows.NumPages() {
			return nil, fmt.Errorf("the page index has %d and %d pages", values.NumPages(), rows.NumPages())
		}
		for p := range rows.NumPages() {
			s := span[V]{g, rows.FirstRowIndex(p), group.NumRows(), value(values.MinValue(p)), value(values.MaxValue(p))}
			if p+1 < rows.NumPages() {
				s.to = rows.FirstRowIndex(p + 1)
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// openSpans opens a table's file and reads the pages of a column.
func openSpans[V cmp.Ordered](ctx context.Context, b Blobs, s *Segment, table, column string,
	value func(parquet.Value) V) (*reader, []span[V], error) {
	r, err := openFile(ctx, b, s, table)
	if err != nil {
		return nil, nil, err
	}
	all, err := spans(ctx, r, column, value)
	return r, all, err
}

// parquetValue is a value of a column.
type parquetValue = parquet.Value

func ofTime(v parquet.Value) int64  { return v.Int64() }
func ofText(v parquet.Value) string { return v.String() }

// leaf finds a column.
func (r *reader) leaf(column string) (parquet.LeafColumn, error) {
	leaf, ok := r.pf.Schema().Lookup(column)
	if !ok {
		return leaf, fmt.Errorf("there is no column %s", column)
	}
	return leaf, nil
}

// values reads a column in the rows of one of its spans.
func values[V cmp.Ordered](ctx context.Context, r *reader, column string, s span[V], value func(parquet.Value) V,
	yield func(row int64, v V) error) (err error) {
	defer damaged(ctx, r.file.Key, &err)
	leaf, err := r.leaf(column)
	if err != nil {
		return err
	}
	return eachValue(ctx, r, leaf, s.group, s.from, s.to, func(row int64, v parquet.Value) error { return yield(row, value(v)) })
}

// eachValue reads a column in some rows of a row group.
func eachValue(ctx context.Context, r *reader, leaf parquet.LeafColumn, group int, from, to int64,
	yield func(row int64, v parquet.Value) error) (err error) {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	pages := r.pf.RowGroups()[group].ColumnChunks()[leaf.ColumnIndex].Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	if err := pages.SeekToRow(from); err != nil {
		return err
	}
	buf := make([]parquet.Value, batchRows)
	for row := from; row < to; {
		page, err := pages.ReadPage()
		if err != nil {
			return errors.Join(err, io.ErrUnexpectedEOF)
		}
		for in, err := page.Values(), error(nil); err == nil && row < to; {
			var n int
			n, err = in.ReadValues(buf[:min(int64(len(buf)), to-row)])
			for _, v := range buf[:n] {
				if err := yield(row, v); err != nil {
					parquet.Release(page)
					return err
				}
				row++
			}
			if err != nil && !errors.Is(err, io.EOF) {
				parquet.Release(page)
				return err
			}
		}
		parquet.Release(page)
	}
	return nil
}

// narrowed are the parts of a span that have values which keep selects, of batchRows rows at
// most. A row has many columns, so reading one of them first is cheap.
func narrowed[V cmp.Ordered](ctx context.Context, r *reader, column string, s span[V], value func(parquet.Value) V,
	keep func(V) bool) (parts []span[V], err error) {
	err = values(ctx, r, column, s, value, func(row int64, v V) error {
		if !keep(v) {
			return nil
		}
		if n := len(parts) - 1; n >= 0 && row < parts[n].from+batchRows {
			p := &parts[n]
			p.to, p.low, p.high = row+1, min(p.low, v), max(p.high, v)
			return nil
		}
		parts = append(parts, span[V]{s.group, row, row + 1, v, v})
		return nil
	})
	return parts, err
}

// groupReader reads the rows of a row group one after the other.
type groupReader[R any] struct {
	ctx  context.Context
	file string
	rows *parquet.GenericReader[R]
}

func openGroup[R any](ctx context.Context, r *reader, group int, from int64) (g *groupReader[R], err error) {
	defer damaged(ctx, r.file.Key, &err)
	g = &groupReader[R]{ctx, r.file.Key, parquet.NewGenericRowGroupReader[R](r.pf.RowGroups()[group])}
	if err := g.rows.SeekToRow(from); err != nil {
		return nil, errors.Join(err, g.rows.Close())
	}
	return g, nil
}

// read reads the next n rows.
func (g *groupReader[R]) read(n int64) (rows []R, err error) {
	defer damaged(g.ctx, g.file, &err)
	if g.ctx.Err() != nil {
		return nil, context.Cause(g.ctx)
	}
	rows = make([]R, n)
	for n := 0; n < len(rows); {
		got, err := g.rows.Read(rows[n:])
		n += got
		if n < len(rows) && err != nil {
			return nil, errors.Join(err, io.ErrUnexpectedEOF)
		}
		if got == 0 && n < len(rows) {
			return nil, io.ErrUnexpectedEOF
		}
	}
	return rows, nil
}

func (g *groupReader[R]) close() (err error) {
	defer damaged(g.ctx, g.file, &err)
	return g.rows.Close()
}

// readSpan reads the rows of a span.
func readSpan[R any, V cmp.Ordered](ctx context.Context, r *reader, s span[V]) ([]R, error) {
	g, err := openGroup[R](ctx, r, s.group, s.from)
	if err != nil {
		return nil, err
	}
	rows, err := g.read(s.to - s.from)
	return rows, errors.Join(err, g.close())
}

// rows reads a file from its beginning.
func rows[R any](ctx context.Context, r *reader) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for n := range r.pf.RowGroups() {
			if !rowsOf(ctx, r, n, yield) {
				return
			}
		}
	}
}

func rowsOf[R any](ctx context.Context, r *reader, group int, yield func(R, error) bool) (more bool) {
	var none R
	g, err := openGroup[R](ctx, r, group, 0)
	if err != nil {
		return yield(none, err) && false
	}
	defer func() {
		if err := g.close(); err != nil && more {
			more = yield(none, err) && false
		}
	}()
	n := r.pf.RowGroups()[group].NumRows()
	for from := int64(0); from < n; from += batchRows {
		batch, err := g.read(min(batchRows, n-from))
		if err != nil {
			return yield(none, err) && false
		}
		for _, row := range batch {
			if !yield(row, nil) {
				return false
			}
		}
	}
	return true
}

// sessions reads the sessions of a segment in the order in which they were written.
func sessions(ctx context.Context, b Blobs, s *Segment) iter.Seq2[hobby.Session, error] {
	return func(yield func(hobby.Session, error) bool) {
		if err := eachSession(ctx, b, s, func(sess hobby.Session) bool { return yield(sess, nil) }); err != nil {
			yield(hobby.Session{}, err)
		}
	}
}

func eachSession(ctx context.Context, b Blobs, s *Segment, yield func(hobby.Session) bool) error {
	as, err := openTable[activityRow](ctx, b, s, activities)
	if err != nil {
		return err
	}
	defer as.stop()
	is, err := openTable[itemRow](ctx, b, s, items)
	if err != nil {
		return err
	}
	defer is.stop()
	ins, err := openTable[insightRow](ctx, b, s, insights)
	if err != nil {
		return err
	}
	defer ins.stop()
	for as.ok {
		a, err := as.row.unpack()
		if err != nil {
			return err
		}
		sess := hobby.Session{Activity: a}
		for ; is.ok && is.row.Activity == a.ID; is.advance() {
			i, err := is.row.unpack()
			if err != nil {
				return err
			}
			sess.Items = append(sess.Items, i)
		}
		for ; ins.ok && ins.row.Activity == a.ID; ins.advance() {
			i, err := ins.row.unpack()
			if err != nil {
				return err
			}
			sess.Insights = append(sess.Insights, i)
		}
		as.advance()
		if err := errors.Join(as.err, is.err, ins.err); err != nil {
			return err
		}
		if !yield(sess) {
			return nil
		}
	}
	if err := errors.Join(as.err, is.err, ins.err); err != nil {
		return err
	}
	if is.ok || ins.ok {
		return damagedSegment(s, "it has items or insights of no activity")
	}
	return nil
}

// cursor is a place in a table's file.
type cursor[R any] struct {
	row  R
	ok   bool
	err  error
	next func() (R, error, bool)
	stop func()
}

func openTable[R any](ctx context.Context, b Blobs, s *Segment, table string) (*cursor[R], error) {
	r, err := openFile(ctx, b, s, table)
	if err != nil {
		return nil, err
	}
	c := &cursor[R]{}
	c.next, c.stop = iter.Pull2(rows[R](ctx, r))
	c.advance()
	return c, c.err
}

func (c *cursor[R]) advance() {
	c.row, c.err, c.ok = c.next()
	c.ok = c.ok && c.err == nil
}

// checkHash reads a whole file and compares its hash.
func checkHash(ctx context.Context, b Blobs, f File) (err error) {
	defer damaged(ctx, f.Key, &err)
	sum := sha256.New()
	n, err := io.Copy(sum, patient{ctx, io.NewSectionReader(at{ctx, b, f.Key}, 0, f.Size)})
	if err != nil {
		return err
	}
	blob, err := b.Stat(ctx, f.Key)
	if err != nil {
		return err
	}
	if n != f.Size || blob.Size != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return errChanged
	}
	return nil
}

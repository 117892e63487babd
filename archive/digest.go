package archive

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// byColumn begins a segment's digest. Those of earlier versions were of whole sessions.
const byColumn = "columns:"

// columnDigest is the SHA-256 of the values of a column, one after the other; null is the zero
// value. What was written is compared with what is read back by it, column by column, without
// making sessions of them again.
type columnDigest struct {
	name string
	sum  hash.Hash
	buf  []byte // values that are not in sum yet
}

// digests are those of the columns of R's table, in the order of its fields.
func digests[R any]() []columnDigest {
	t := reflect.TypeFor[R]()
	all := make([]columnDigest, t.NumField())
	for i := range all {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("parquet"), ",")
		all[i] = columnDigest{name: name, sum: sha256.New()}
	}
	return all
}

// addRow adds a row's values, each to its column's digest.
func addRow(all []columnDigest, row reflect.Value) {
	for i := range all {
		switch d, v := &all[i], row.Field(i); v.Kind() {
		case reflect.String:
			d.text(v.String())
		case reflect.Int64:
			d.number(uint64(v.Int()))
		case reflect.Uint64:
			d.number(v.Uint())
		case reflect.Float64:
			d.float(v.Float())
		case reflect.Bool:
			d.bool(v.Bool())
		default:
			panic(fmt.Sprintf("archive: a column of %v", v.Type()))
		}
	}
}

// add adds a value that was read from a column of a kind.
func (d *columnDigest) add(kind parquet.Kind, v parquet.Value) error {
	switch kind {
	case parquet.ByteArray:
		d.bytes(v.ByteArray())
	case parquet.Int64:
		d.number(uint64(v.Int64()))
	case parquet.Double:
		d.float(v.Double())
	case parquet.Boolean:
		d.bool(v.Boolean())
	default:
		return fmt.Errorf("the column %s is of kind %v", d.name, kind)
	}
	return nil
}

func (d *columnDigest) text(s string) {
	d.buf = append(binary.AppendUvarint(d.buf, uint64(len(s))), s...)
	d.settle()
}

func (d *columnDigest) bytes(s []byte) {
	d.buf = append(binary.AppendUvarint(d.buf, uint64(len(s))), s...)
	d.settle()
}

func (d *columnDigest) float(f float64) { d.number(math.Float64bits(f + 0)) } // -0 + 0 is 0

func (d *columnDigest) number(n uint64) {
	d.buf = binary.AppendUvarint(d.buf, n)
	d.settle()
}

func (d *columnDigest) bool(yes bool) {
	n := uint64(0)
	if yes {
		n = 1
	}
	d.number(n)
}

// settle puts what has come together into the sum.
func (d *columnDigest) settle() {
	if len(d.buf) >= 4096 {
		d.sum.Write(d.buf)
		d.buf = d.buf[:0]
	}
}

// digestOf is the digest of a segment: that of its tables' columns.
func digestOf(tables ...[]columnDigest) string {
	whole := sha256.New()
	for _, columns := range tables {
		for _, c := range columns {
			c.sum.Write(c.buf)
			fmt.Fprintf(whole, "%s %x\n", c.name, c.sum.Sum(nil))
		}
	}
	return byColumn + hex.EncodeToString(whole.Sum(nil))
}

// columnsSince is when the last segment with a digest of whole sessions may have been written.
var columnsSince = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)

// ofSessions reports whether a segment is of before digests were of columns, and its digest one of whole
// sessions. Such a one is not made again: it was compared as the files were written, their hashes say that
// they are the same files, and Verify reads each of their sessions.
func ofSessions(s *Segment) bool {
	digits := strings.TrimPrefix(s.Digest, "values:")
	raw, err := hex.DecodeString(digits)
	return err == nil && len(raw) == sha256.Size && digits == hex.EncodeToString(raw) && s.Created.Before(columnsSince)
}

// readDigests reads the columns of a table's file.
func readDigests[R any](ctx context.Context, b Blobs, s *Segment, table string) ([]columnDigest, error) {
	r, err := openFile(ctx, b, s, table)
	if err != nil {
		return nil, err
	}
	all := digests[R]()
	for g, group := range r.pf.RowGroups() { // one after the other, as they are in the file
		for i := range all {
			if err := r.digest(ctx, &all[i], g, group.NumRows()); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// digest adds what a column has in a row group.
func (r *reader) digest(ctx context.Context, d *columnDigest, group int, rows int64) (err error) {
	defer damaged(ctx, r.file.Key, &err)
	leaf, err := r.leaf(d.name)
	if err != nil {
		return err
	}
	kind := leaf.Node.Type().Kind()
	return eachValue(ctx, r, leaf, group, 0, rows, func(_ int64, v parquet.Value) error { return d.add(kind, v) })
}

package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"
	"unsafe"

	"github.com/pastime-go/pastime/hobby"
)

// byValue begins a digest. One of an earlier version was of lines of JSON, and begins with nothing.
const byValue = "values:"

// digest is the SHA-256 of sessions: what was written is compared with what is read back by
// it. It has every field, value by value. Times are moments, without their zone; what is
// nil and what is empty are the same, as they are in JSON where they are left out, and so are
// 0 and -0.
type digest struct {
	sum hash.Hash
	buf []byte
}

func newDigest() digest { return digest{sum: sha256.New()} }

func (d *digest) add(s *hobby.Session) {
	d.buf = appendSession(d.buf[:0], unsafe.Pointer(s))
	d.sum.Write(d.buf)
}

func (d *digest) String() string { return byValue + hex.EncodeToString(d.sum.Sum(nil)) }

// matches reports whether a segment's digest is this one. One of an earlier version was compared
// as the files were written; that they are the same files, their hashes say.
func (d *digest) matches(segment string) bool {
	return segment == d.String() || len(segment) == hex.EncodedLen(sha256.Size)
}

// appender appends the value at p so that two values have the same bytes if and only if they are
// equal: what has no fixed length begins with it.
type appender func(b []byte, p unsafe.Pointer) []byte

// appendSession is made once: asking each value for its type takes most of the time.
var appendSession = appenderOf(reflect.TypeFor[hobby.Session]())

func appenderOf(t reflect.Type) appender {
	switch t.Kind() {
	case reflect.Struct:
		return structAppender(t)
	case reflect.Pointer:
		of := appenderOf(t.Elem())
		return func(b []byte, p unsafe.Pointer) []byte {
			if p = *(*unsafe.Pointer)(p); p == nil {
				return append(b, 0)
			}
			return of(append(b, 1), p)
		}
	case reflect.Slice:
		of, size := appenderOf(t.Elem()), t.Elem().Size()
		return func(b []byte, p unsafe.Pointer) []byte {
			all := *(*[]struct{})(p) // a slice of anything begins with a pointer and a length
			b = binary.AppendUvarint(b, uint64(len(all)))
			for i := range uintptr(len(all)) {
				b = of(b, unsafe.Add(unsafe.Pointer(unsafe.SliceData(all)), i*size))
			}
			return b
		}
	case reflect.Map:
		if t == reflect.TypeFor[map[string]float64]() {
			return appendNumbers
		}
	case reflect.String:
		return func(b []byte, p unsafe.Pointer) []byte { return appendText(b, *(*string)(p)) }
	case reflect.Bool:
		return func(b []byte, p unsafe.Pointer) []byte { return append(b, *(*byte)(p)) }
	case reflect.Int:
		return func(b []byte, p unsafe.Pointer) []byte { return binary.AppendVarint(b, int64(*(*int)(p))) }
	case reflect.Int64:
		return func(b []byte, p unsafe.Pointer) []byte { return binary.AppendVarint(b, *(*int64)(p)) }
	case reflect.Uint64:
		return func(b []byte, p unsafe.Pointer) []byte { return binary.AppendUvarint(b, *(*uint64)(p)) }
	case reflect.Float64:
		return func(b []byte, p unsafe.Pointer) []byte { return appendFloat(b, *(*float64)(p)) }
	}
	panic(fmt.Sprintf("archive: a session has a %v", t))
}

func structAppender(t reflect.Type) appender {
	if t == reflect.TypeFor[time.Time]() {
		return func(b []byte, p unsafe.Pointer) []byte {
			t := (*time.Time)(p)
			return binary.AppendVarint(binary.AppendVarint(b, t.Unix()), int64(t.Nanosecond()))
		}
	}
	type field struct {
		offset uintptr
		append appender
	}
	fields := make([]field, t.NumField())
	for i := range fields {
		fields[i] = field{t.Field(i).Offset, appenderOf(t.Field(i).Type)}
	}
	return func(b []byte, p unsafe.Pointer) []byte {
		for i := range fields {
			b = fields[i].append(b, unsafe.Add(p, fields[i].offset))
		}
		return b
	}
}

func appendNumbers(b []byte, p unsafe.Pointer) []byte {
	numbers := *(*map[string]float64)(p)
	b = binary.AppendUvarint(b, uint64(len(numbers)))
	for _, key := range slices.Sorted(maps.Keys(numbers)) {
		b = appendFloat(appendText(b, key), numbers[key])
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f+0)) // -0 + 0 is 0
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

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
	d.buf = appendValue(d.buf[:0], reflect.ValueOf(s).Elem())
	d.sum.Write(d.buf)
}

func (d *digest) String() string { return byValue + hex.EncodeToString(d.sum.Sum(nil)) }

// matches reports whether a segment's digest is this one. One of an earlier version was compared
// as the files were written; that they are the same files, their hashes say.
func (d *digest) matches(segment string) bool {
	return segment == d.String() || len(segment) == hex.EncodedLen(sha256.Size)
}

// appendValue appends v so that two values have the same bytes if and only if they are equal:
// what has no fixed length begins with it.
func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Struct:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			return binary.AppendVarint(binary.AppendVarint(b, t.Unix()), int64(t.Nanosecond()))
		}
		for i := range v.NumField() {
			b = appendValue(b, v.Field(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, 0)
		}
		return appendValue(append(b, 1), v.Elem())
	case reflect.Slice:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return append(b, v.Bytes()...)
		}
		for i := range v.Len() {
			b = appendValue(b, v.Index(i))
		}
	case reflect.Map:
		numbers := v.Interface().(map[string]float64) // the only kind of map that a session has
		b = binary.AppendUvarint(b, uint64(len(numbers)))
		for _, key := range slices.Sorted(maps.Keys(numbers)) {
			b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
			b = appendFloat(b, numbers[key])
		}
	case reflect.String:
		return append(binary.AppendUvarint(b, uint64(v.Len())), v.String()...)
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint64:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.Float64:
		return appendFloat(b, v.Float())
	default:
		panic(fmt.Sprintf("archive: a session has a %v", v.Type())) // TestDigestHasEveryField would fail
	}
	return b
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

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

// digest is the SHA-256 of sessions: what was written is compared with what is read back by
// it. It has every field, value by value. Times are moments, without their zone; what is
// nil and what is empty are the same, as they are in JSON.
type digest struct {
	sum hash.Hash
	buf []byte
}

func newDigest() digest { return digest{sum: sha256.New()} }

func (d *digest) add(s *hobby.Session) {
	d.buf = appendValue(d.buf[:0], reflect.ValueOf(s).Elem())
	d.sum.Write(d.buf)
}

func (d *digest) String() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// appendValue appends v so that two values have the same bytes only if they are equal.
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
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(numbers[key]))
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
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	default:
		panic(fmt.Sprintf("archive: a session has a %v", v.Type())) // TestDigestHasEveryField would fail
	}
	return b
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

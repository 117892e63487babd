// Package rowjson decodes the JSON that encoding/json writes of structs. It takes a third of the time,
// because it knows how that looks: no spaces, and the fields in their order. All other JSON, and
// all types that it does not know, it leaves to encoding/json.
package rowjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Unmarshal is json.Unmarshal for a v that points to a zero value. It is safe for concurrent use.
func Unmarshal(data []byte, v any) error {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return json.Unmarshal(data, v)
	}
	read := readerOf(p.Type().Elem())
	if read == nil {
		return json.Unmarshal(data, v)
	}
	d := decoder{data}
	if read(&d, p.Elem()) && len(d.rest) == 0 {
		return nil
	}
	p.Elem().SetZero()
	return json.Unmarshal(data, v)
}

// reader reads a value into v, which is zero. It reports false where encoding/json is to decide.
type reader func(d *decoder, v reflect.Value) bool

var known sync.Map // of reader by reflect.Type; nil where encoding/json is to read

func readerOf(t reflect.Type) reader {
	if r, ok := known.Load(t); ok {
		return r.(reader)
	}
	r := newReader(t, nil)
	known.Store(t, r)
	return r
}

var (
	timeType    = reflect.TypeFor[time.Time]()
	numbersType = reflect.TypeFor[map[string]float64]()
	special     = []reflect.Type{reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()}
)

// newReader makes the reader of a type that is within others; nil if there is none.
func newReader(t reflect.Type, within []reflect.Type) reader {
	switch t {
	case timeType:
		return (*decoder).time
	case numbersType:
		return (*decoder).numbers
	}
	for _, s := range special {
		if reflect.PointerTo(t).Implements(s) {
			return nil
		}
	}
	switch t.Kind() {
	case reflect.String:
		return (*decoder).text
	case reflect.Int, reflect.Int64:
		return (*decoder).int
	case reflect.Uint64:
		return (*decoder).uint
	case reflect.Float64:
		return (*decoder).float
	case reflect.Bool:
		return (*decoder).bool
	case reflect.Struct, reflect.Slice, reflect.Pointer:
	default:
		return nil
	}
	for _, outer := range within {
		if outer == t {
			return nil // it would not end
		}
	}
	within = append(within, t)
	if t.Kind() == reflect.Struct {
		return structReader(t, within)
	}
	of := newReader(t.Elem(), within)
	switch {
	case of == nil || t.Elem().Kind() == reflect.Uint8:
		return nil
	case t.Kind() == reflect.Slice:
		return func(d *decoder, v reflect.Value) bool { return d.slice(v, of) }
	default:
		return func(d *decoder, v reflect.Value) bool { return d.pointer(v, of) }
	}
}

// field is a field of a struct; key is what comes before its value.
type field struct {
	key   []byte
	index int
	read  reader
}

func structReader(t reflect.Type, within []reflect.Type) reader {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		read := newReader(f.Type, within)
		if f.Anonymous || name == "" || read == nil {
			return nil
		}
		for option := range strings.SplitSeq(options, ",") {
			if option == "string" {
				read = quoted(read)
				if f.Type.Kind() != reflect.Uint64 {
					return nil
				}
			}
		}
		fields = append(fields, field{[]byte(`"` + name + `":`), i, read})
	}
	return func(d *decoder, v reflect.Value) bool { return d.fields(v, fields) }
}

// quoted reads a number in quotes.
func quoted(read reader) reader {
	return func(d *decoder, v reflect.Value) bool { return d.take('"') && read(d, v) && d.take('"') }
}

// decoder has what is not read yet.
type decoder struct{ rest []byte }

// take takes a byte if it is the next one.
func (d *decoder) take(c byte) bool {
	if len(d.rest) == 0 || d.rest[0] != c {
		return false
	}
	d.rest = d.rest[1:]
	return true
}

func (d *decoder) word(w string) bool {
	if len(d.rest) < len(w) || string(d.rest[:len(w)]) != w {
		return false
	}
	d.rest = d.rest[len(w):]
	return true
}

func (d *decoder) fields(v reflect.Value, fields []field) bool {
	if !d.take('{') {
		return false
	}
	if d.take('}') {
		return true
	}
	for n := 0; n < len(fields); n++ {
		f := &fields[n]
		if !bytes.HasPrefix(d.rest, f.key) {
			continue // it is left out
		}
		d.rest = d.rest[len(f.key):]
		if !f.read(d, v.Field(f.index)) {
			return false
		}
		if d.take('}') {
			return true
		}
		if !d.take(',') {
			return false
		}
	}
	return false
}

func (d *decoder) slice(v reflect.Value, of reader) bool {
	if d.word("null") {
		return true
	}
	if !d.take('[') {
		return false
	}
	if d.take(']') {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return true
	}
	for n := 0; ; n++ {
		v.Grow(1)
		v.SetLen(n + 1)
		if e := v.Index(n); !of(d, e) {
			return false
		}
		if d.take(']') {
			return true
		}
		if !d.take(',') {
			return false
		}
	}
}

func (d *decoder) pointer(v reflect.Value, of reader) bool {
	if d.word("null") {
		return true
	}
	v.Set(reflect.New(v.Type().Elem()))
	return of(d, v.Elem())
}

func (d *decoder) numbers(v reflect.Value) bool {
	if d.word("null") {
		return true
	}
	if !d.take('{') {
		return false
	}
	m := map[string]float64{}
	v.Set(reflect.ValueOf(m))
	if d.take('}') {
		return true
	}
	for {
		key, ok := d.string()
		if !ok || !d.take(':') {
			return false
		}
		if m[key], ok = d.number(); !ok {
			return false
		}
		if d.take('}') {
			return true
		}
		if !d.take(',') {
			return false
		}
	}
}

func (d *decoder) text(v reflect.Value) bool {
	s, ok := d.string()
	v.SetString(s)
	return ok
}

// string reads a string. One with escapes encoding/json reads.
func (d *decoder) string() (s string, ok bool) {
	if len(d.rest) == 0 || d.rest[0] != '"' {
		return "", false
	}
	ascii := true
	for n := 1; n < len(d.rest); n++ {
		switch c := d.rest[n]; {
		case c == '"':
			text := d.rest[1:n]
			d.rest = d.rest[n+1:]
			return string(text), ascii || utf8.Valid(text)
		case c == '\\':
			return d.escaped(n)
		case c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", false
}

// escaped reads a string whose first escape is at n.
func (d *decoder) escaped(n int) (s string, ok bool) {
	for ; n < len(d.rest); n++ {
		switch d.rest[n] {
		case '\\':
			n++
		case '"':
			err := json.Unmarshal(d.rest[:n+1], &s)
			d.rest = d.rest[n+1:]
			return s, err == nil
		}
	}
	return "", false
}

func (d *decoder) time(v reflect.Value) bool {
	if len(d.rest) == 0 || d.rest[0] != '"' {
		return false
	}
	end := bytes.IndexByte(d.rest[1:], '"')
	if end < 0 {
		return false
	}
	raw := d.rest[:end+2]
	d.rest = d.rest[end+2:]
	return v.Addr().Interface().(*time.Time).UnmarshalJSON(raw) == nil
}

func (d *decoder) bool(v reflect.Value) bool {
	v.SetBool(d.word("true"))
	return v.Bool() || d.word("false")
}

func (d *decoder) int(v reflect.Value) bool {
	raw, whole := d.digits()
	n, err := strconv.ParseInt(string(raw), 10, v.Type().Bits())
	v.SetInt(n)
	return whole && err == nil
}

func (d *decoder) uint(v reflect.Value) bool {
	raw, whole := d.digits()
	n, err := strconv.ParseUint(string(raw), 10, 64)
	v.SetUint(n)
	return whole && err == nil
}

func (d *decoder) float(v reflect.Value) bool {
	f, ok := d.number()
	v.SetFloat(f)
	return ok
}

func (d *decoder) number() (f float64, ok bool) {
	raw, _ := d.digits()
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil
}

// digits takes a number; nothing where there is none. whole says that it has neither a fraction nor an exponent.
func (d *decoder) digits() (raw []byte, whole bool) {
	b, n := d.rest, 0
	at := func(set string) bool { return n < len(b) && strings.IndexByte(set, b[n]) >= 0 }
	some := func() bool {
		from := n
		for n < len(b) && '0' <= b[n] && b[n] <= '9' {
			n++
		}
		return n > from
	}
	if at("-") {
		n++
	}
	if at("0") {
		n++
	} else if !some() {
		return nil, false
	}
	whole = true
	if at(".") {
		n++
		if whole = false; !some() {
			return nil, false
		}
	}
	if at("eE") {
		n++
		if at("+-") {
			n++
		}
		if whole = false; !some() {
			return nil, false
		}
	}
	d.rest = b[n:]
	return b[:n], whole
}

package constrain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// The bounds of a schema.
const (
	maxSchemaBytes  = 256 << 10
	maxSchemaDepth  = 100
	maxValues       = 2048
	maxAlternatives = 64 << 10
	maxLiterals     = 64 << 10 // bytes of all constants
	maxCount        = 1 << 20  // of minItems, minLength and so on
)

// dict is a JSON object that keeps the order of its names.
type dict struct {
	names []string
	of    map[string]any
}

// parse reads JSON into nil, bool, json.Number, string, []any and *dict.
func parse(raw []byte) (any, error) {
	if len(raw) > maxSchemaBytes {
		return nil, fmt.Errorf("the schema has %d bytes, at most %d are taken", len(raw), maxSchemaBytes)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	v, err := parseValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more after the schema, at offset %d", dec.InputOffset())
	}
	return v, nil
}

func parseValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxSchemaDepth {
		return nil, fmt.Errorf("more than %d levels deep at offset %d", maxSchemaDepth, dec.InputOffset())
	}
	t, err := token(dec)
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := parseValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = token(dec)
		return list, err
	case json.Delim('{'):
		d := &dict{of: map[string]any{}}
		for dec.More() {
			name, err := token(dec)
			if err != nil {
				return nil, err
			}
			v, err := parseValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			key := name.(string)
			if _, ok := d.of[key]; ok {
				return nil, fmt.Errorf("the name %q comes twice, at offset %d", key, dec.InputOffset())
			}
			d.names = append(d.names, key)
			d.of[key] = v
		}
		_, err = token(dec)
		return d, err
	}
	return t, nil
}

// token reads a token that must come.
func token(dec *json.Decoder) (json.Token, error) {
	t, err := dec.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

// write appends a parsed value as compact JSON; ascii escapes all characters
// beyond ASCII.
func write(b *strings.Builder, v any, ascii bool) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		fmt.Fprint(b, v)
	case json.Number:
		b.WriteString(v.String())
	case string:
		writeString(b, v, ascii)
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			write(b, x, ascii)
		}
		b.WriteByte(']')
	case *dict:
		b.WriteByte('{')
		for i, name := range v.names {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, name, ascii)
			b.WriteByte(':')
			write(b, v.of[name], ascii)
		}
		b.WriteByte('}')
	}
}

func writeString(b *strings.Builder, s string, ascii bool) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ':
			fmt.Fprintf(b, `\u%04x`, r)
		case r < 0x7f || !ascii:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
}

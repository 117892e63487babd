package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// formats are huma's, with strict for what comes in.
func formats() map[string]huma.Format {
	all := maps.Clone(huma.DefaultFormats)
	for name, f := range all {
		f.Unmarshal = strict
		all[name] = f
	}
	return all
}

// strict is json.Unmarshal for names in their own case, given once. json.Unmarshal
// takes the last of two values of a name, where another reader takes the first. It
// also takes a name in any case, so that one field could be validated and another
// one of the same name in another case be used. huma decodes a body twice: to an
// any that it validates, and to the struct, whose names are checked here.
func strict(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if _, ok := v.(*any); ok {
		return nil
	}
	var raw any
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if err := checkOnce(json.NewDecoder(bytes.NewReader(data))); err != nil {
		return err
	}
	return checkNames(reflect.TypeOf(v), raw)
}

// checkOnce refuses a name that the next value of d, which is valid, or an object
// within it has twice.
func checkOnce(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, nests := token.(json.Delim)
	if !nests {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '[' {
			if err := checkOnce(d); err != nil {
				return err
			}
			continue
		}
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if seen[name] {
			return fmt.Errorf("%.64s: given twice", name)
		}
		seen[name] = true
		if err := checkOnce(d); err != nil {
			return fmt.Errorf("%.64s: %w", name, err)
		}
	}
	_, err = d.Token()
	return err
}

// checkNames refuses a name that is no field of its struct. Names of maps are
// free.
func checkNames(t reflect.Type, raw any) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch raw := raw.(type) {
	case []any:
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			return nil
		}
		for _, v := range raw {
			if err := checkNames(t.Elem(), v); err != nil {
				return err
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
			return nil
		}
		fields := map[string]reflect.Type{}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				name = f.Name
			}
			if f.IsExported() && (!f.Anonymous || f.Tag.Get("json") != "") {
				fields[name] = f.Type
			}
		}
		for name, v := range raw {
			field, ok := fields[name]
			if !ok {
				return fmt.Errorf("%.64s: unexpected property", name)
			}
			if err := checkNames(field, v); err != nil {
				return fmt.Errorf("%.64s: %w", name, err)
			}
		}
	}
	return nil
}

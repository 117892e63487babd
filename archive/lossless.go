package archive

import (
	"fmt"
	"reflect"
	"time"
)

// lossless compares a value with what its packed row unpacks to. The digests of columns say that a
// file has the rows that were packed; this says that these rows hold what is to be archived. Only
// both together allow the store to delete it. into has room for what is unpacked.
func lossless[V any](v *V, row interface{ unpack() (V, error) }, into *V) (err error) {
	if *into, err = row.unpack(); err != nil {
		return fmt.Errorf("its row does not unpack: %w", err)
	}
	was, is := reflect.ValueOf(v).Elem(), reflect.ValueOf(into).Elem()
	for i := range was.NumField() {
		if !same(was.Field(i), is.Field(i)) {
			t := was.Type()
			return fmt.Errorf("its row loses %s.%s: nothing is deleted", t.Name(), t.Field(i).Name)
		}
	}
	return nil
}

var timeType = reflect.TypeFor[time.Time]()

// same compares two addressable values of one type. Times are moments, without their zone. What is
// nil and what is empty are the same slice or map, as they are in JSON where they are left out.
func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.String:
		return a.String() == b.String()
	case reflect.Int, reflect.Int64:
		return a.Int() == b.Int()
	case reflect.Uint64:
		return a.Uint() == b.Uint()
	case reflect.Float64:
		return a.Float() == b.Float()
	case reflect.Bool:
		return a.Bool() == b.Bool()
	case reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem()))
	case reflect.Struct:
		if a.Type() == timeType {
			return a.Addr().Interface().(*time.Time).Equal(*b.Addr().Interface().(*time.Time))
		}
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		return sameMap(a, b)
	default: // a kind that no session has yet
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
}

func sameMap(a, b reflect.Value) bool {
	if m, ok := a.Interface().(map[string]float64); ok { // all there are, without garbage
		n := b.Interface().(map[string]float64)
		for key, v := range m {
			if w, ok := n[key]; !ok || w != v {
				return false
			}
		}
		return len(m) == len(n)
	}
	return a.Len() == 0 && b.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface())
}

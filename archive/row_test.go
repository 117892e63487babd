package archive

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// fill draws every field of v, so that a field that no column has is noticed.
func fill(t *rapid.T, v reflect.Value, label string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		seconds := rapid.OneOf(rapid.Int64Range(-1e10, 1e11), rapid.Int64Range(1.7e9, 1.8e9), rapid.Just(int64(0))).Draw(t, label)
		v.Set(reflect.ValueOf(time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, label)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), label+"."+v.Type().Field(i).Name)
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, label) {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), label)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 3).Draw(t, label), 3))
		for i := range v.Len() {
			fill(t, v.Index(i), label)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rapid.IntRange(0, 2).Draw(t, label) {
			v.SetMapIndex(reflect.ValueOf(rapid.String().Draw(t, label)), reflect.ValueOf(rapid.Float64Range(-1e9, 1e9).Draw(t, label)))
		}
	case reflect.String:
		v.SetString(rapid.String().Draw(t, label))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, label))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, label))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(-1e300, 1e300).Draw(t, label))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, label))
	default:
		if v.Kind() != reflect.Interface && v.CanSet() {
			t.Fatalf("%s is a %s, which the test cannot fill", label, v.Kind())
		}
	}
}

func raw(t *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// drawn are an activity, an item and an insight with every field set, and their rows.
func drawn(t *rapid.T) (a hobby.Activity, i hobby.Item, in hobby.Insight, ar activityRow, ir itemRow, nr insightRow) {
	fill(t, reflect.ValueOf(&a).Elem(), "activity")
	fill(t, reflect.ValueOf(&i).Elem(), "item")
	fill(t, reflect.ValueOf(&in).Elem(), "insight")
	i.Activity, in.Activity = a.ID, a.ID
	var err error
	if ar, err = packActivity(&a); err != nil {
		t.Fatal(err)
	}
	if ir, err = packItem(&i, &a); err != nil {
		t.Fatal(err)
	}
	if nr, err = packInsight(&in, &a); err != nil {
		t.Fatal(err)
	}
	return a, i, in, ar, ir, nr
}

// TestRowsHoldEverything packs sessions with every field set and reads them back: as
// JSON, which is what the store has, they are the same.
func TestRowsHoldEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, i, in, ar, ir, nr := drawn(t)
		gotA, err := ar.unpack()
		if err != nil {
			t.Fatal(err)
		}
		gotI, err := ir.unpack()
		if err != nil {
			t.Fatal(err)
		}
		gotN, err := nr.unpack()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{raw(t, a), raw(t, i), raw(t, in)}, []string{raw(t, gotA), raw(t, gotI), raw(t, gotN)}); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
	})
}

func TestBloom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.String(), 0, 200).Draw(t, "names")
		f := newBloom(len(names))
		for _, n := range names {
			f.add(hashOf(n))
		}
		for _, n := range names {
			if !f.may(n) {
				t.Fatalf("%q was added, and the filter lacks it", n)
			}
		}
	})
	f := newBloom(20_000)
	for i := range 20_000 {
		f.add(hashOf(time.Unix(int64(i), 0).String()))
	}
	wrong := 0
	for i := range 20_000 {
		if f.may(time.Unix(int64(1_000_000+i), 0).String()) {
			wrong++
		}
	}
	if wrong > 230 { // 164 expected
		t.Errorf("%d of 20,000 strings that were not added are claimed", wrong)
	}
}

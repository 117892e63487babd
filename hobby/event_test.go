package hobby_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestAnEventTellsTheWholeActivity fills every field of an activity. All come back
// from an event, but for those that ActivityEvent says are elsewhere. A field that is
// added to Activity, Plan or Insight and not to events fails here.
func TestAnEventTellsTheWholeActivity(t *testing.T) {
	for version := 1; version <= 2; version++ {
		var b hobby.ActivityEvent
		fill(t, reflect.ValueOf(&b).Elem())
		b.Activity.Version = version
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		e := hobby.Event{Node: b.Activity.Node, ID: b.Activity.ID, Version: version, Body: raw}
		got, err := e.Activity()
		if err != nil {
			t.Fatal(err)
		}
		p := &b.Activity.Plan
		p.Candidates, p.Context, p.Budget, p.Seed = nil, nil, hobby.Budget{}, 0
		if version > 1 {
			b.Activity.Goal, b.Activity.Approach, p.Policy, p.Propensity = "", "", "", 0
		}
		for i := range b.Insights {
			b.Insights[i].Activity, b.Insights[i].Claims = b.Activity.ID, nil
		}
		if diff := cmp.Diff(b, got); diff != "" {
			t.Errorf("version %d (-told +read):\n%s", version, diff)
		}
	}
}

// fill sets every field below v to something that is not zero.
func fill(t *testing.T, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(1_700_000_000, 123).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key)
		fill(t, value)
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.String:
		v.SetString("text")
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Uint64:
		v.SetUint(3)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("%s: a kind that this test does not know", v.Type())
	}
}

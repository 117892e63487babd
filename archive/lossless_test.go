package archive

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestLossless packs drawn sessions. Each row holds what it was made of; a row in which a packer had left a
// column out, or had put JSON there that does not unpack, is found.
func TestLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, i, in, ar, ir, nr := drawn(t)
		// But for the columns that are computed, or the activity's.
		everyColumn(t, &a, &ar, func(r *activityRow) error { return lossless(&a, r, new(hobby.Activity)) }, "Success")
		everyColumn(t, &i, &ir, func(r *itemRow) error { return lossless(&i, r, new(hobby.Item)) }, "Started", "Kind", "Passed")
		everyColumn(t, &in, &nr, func(r *insightRow) error { return lossless(&in, r, new(hobby.Insight)) }, "Started")
	})
}

func everyColumn[R, V any](t *rapid.T, v *V, row *R, check func(*R) error, but ...string) {
	if err := check(row); err != nil {
		t.Fatalf("%v:\n%s", err, raw(t, v))
	}
	all := reflect.ValueOf(row).Elem()
	if whole := all.FieldByName("Whole"); whole.String() != "" {
		but = append(but, names(all.Type())...)
		but = slices.DeleteFunc(but, func(name string) bool { return name == "Whole" })
	}
	for n := range all.NumField() {
		name := all.Type().Field(n).Name
		if slices.Contains(but, name) || all.Field(n).IsZero() {
			continue
		}
		r := *row
		column := reflect.ValueOf(&r).Elem().Field(n)
		if json.Valid([]byte(column.String())) && strings.ContainsAny(column.String(), "{[") {
			column.SetString(column.String()[1:])
			if check(&r) == nil {
				t.Fatalf("a row whose %s begins with a letter less is taken", name)
			}
		}
		if column.SetZero(); check(&r) == nil && all.Field(n).String() != "[]" { // of no messages
			t.Fatalf("a row without %s is taken: %s", name, raw(t, v))
		}
	}
}

func names(of reflect.Type) (all []string) {
	for i := range of.NumField() {
		all = append(all, of.Field(i).Name)
	}
	return all
}

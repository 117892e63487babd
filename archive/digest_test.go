package archive

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestDigestHasEveryColumn draws two rows and changes one value of them, or moves a part of a text to the
// next row: the digest is another one if and only if the rows are.
func TestDigestHasEveryColumn(t *testing.T) {
	t.Run("activities", digestHasEveryColumn[activityRow])
	t.Run("items", digestHasEveryColumn[itemRow])
	t.Run("insights", digestHasEveryColumn[insightRow])
}

func digestHasEveryColumn[R comparable](t *testing.T) {
	digest := func(rows ...R) string {
		all := digests[R]()
		for _, r := range rows {
			addRow(all, reflect.ValueOf(r))
		}
		return digestOf(all)
	}
	rapid.Check(t, func(t *rapid.T) {
		var rows [2]R
		fill(t, reflect.ValueOf(&rows[0]).Elem(), "first")
		fill(t, reflect.ValueOf(&rows[1]).Elem(), "second")
		was, now := rows, rows
		n := rapid.IntRange(0, reflect.TypeFor[R]().NumField()-1).Draw(t, "field")
		first, second := reflect.ValueOf(&now[0]).Elem().Field(n), reflect.ValueOf(&now[1]).Elem().Field(n)
		if text := first.String(); first.Kind() == reflect.String && text != "" && rapid.Bool().Draw(t, "move") {
			first.SetString(text[:len(text)-1])
			second.SetString(text[len(text)-1:] + second.String())
		} else {
			fill(t, first, "changed")
		}
		if same := was == now; same != (digest(was[:]...) == digest(now[:]...)) {
			t.Fatalf("the digest is the same: %v (-was +now):\n%s", !same, cmp.Diff(was, now))
		}
	})
}

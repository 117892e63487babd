package subagent

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzExtent compares the extent of any JSON text with that of what it decodes
// to. A repeated name is decoded once and counted each time.
func FuzzExtent(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,2,{"b":[]}],"c":"\"[{,"}`, `[[[]],[{},{}],"\\",",\\\"]"]`, `"[,]"`, `0`, `{"A":{"a":{},"a":{}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := extentOf(data) // of any bytes without a panic
		var v any
		if json.Unmarshal(data, &v) != nil {
			return
		}
		want := extent{}
		want.add(v, 0)
		if compact, err := json.Marshal(v); err != nil || extentOf(compact) != want {
			t.Errorf("%s: %+v, want %+v", compact, extentOf(compact), want)
		}
		if got.depth < want.depth || got.length < want.length || got.values < want.values {
			t.Errorf("%q decodes to more (-want +got):\n%s", data, cmp.Diff(want, got, cmp.AllowUnexported(extent{})))
		}
	})
}

// add counts a decoded value.
func (e *extent) add(v any, depth int) {
	var parts []any
	switch v := v.(type) {
	case []any:
		parts = v
	case map[string]any:
		for _, part := range v {
			parts = append(parts, part)
		}
	default:
		return
	}
	e.depth, e.length, e.values = max(e.depth, depth+1), max(e.length, len(parts), 1), e.values+max(1, len(parts))
	for _, part := range parts {
		e.add(part, depth+1)
	}
}

package rowjson

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// session is all that a store keeps of a session.
type session struct {
	Activity hobby.Activity       `json:"activity"`
	Items    []hobby.Item         `json:"items"`
	Insights []hobby.Insight      `json:"insights"`
	Told     *hobby.ActivityEvent `json:"told,omitempty"`
}

// same decodes data both ways.
func same(t interface {
	Helper()
	Fatalf(string, ...any)
}, data []byte) {
	t.Helper()
	var got, want session
	gotErr, wantErr := Unmarshal(data, &got), json.Unmarshal(data, &want)
	if (gotErr == nil) != (wantErr == nil) {
		t.Fatalf("of %.300q: %v, want %v", data, gotErr, wantErr)
	}
	if diff := cmp.Diff(want, got); wantErr == nil && diff != "" {
		t.Fatalf("of %.300q (-want +got):\n%s", data, diff)
	}
}

// TestAsEncodingJSON decodes what encoding/json writes of any session: with no help of encoding/json, the same comes out.
func TestAsEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s session
		fill(t, reflect.ValueOf(&s).Elem())
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		same(t, data)
		var read session
		d := decoder{data}
		if !readerOf(reflect.TypeFor[session]())(&d, reflect.ValueOf(&read).Elem()) || len(d.rest) > 0 {
			t.Fatalf("it is left to encoding/json from %.60q on", d.rest)
		}
	})
}

// TestOtherJSON has JSON that encoding/json does not write.
func TestOtherJSON(t *testing.T) {
	for _, data := range []string{
		"", "null", "{}", "{} ", "{}}", "[]", "{", `{"activity"`, `{"activity":{}`, `{"activity":null}`, ` {"activity":{"id":"a"}}`,
		`{"items":[{"id":"a"},{"id":"b"}],"activity":{"id":"c"}}`, `{"activity":{"id":"a"},"activity":{"version":2}}`,
		`{"ACTIVITY":{"ID":"a"}}`, `{"activity":{"id":"a","more":1}}`, `{"activity":{"id":"a\u00e9\ud800\"b\\"}}`, `{"activity":{"id":"\x"}}`,
		"{\"activity\":{\"id\":\"\xff\"}}", "{\"activity\":{\"id\":\"\n\"}}", `{"activity":{"id":1}}`, `{"activity":{"version":1.0}}`,
		`{"activity":{"version":01}}`, `{"activity":{"version":-0}}`, `{"activity":{"version":-}}`, `{"activity":{"version":1e2}}`,
		`{"activity":{"version":9223372036854775808}}`, `{"activity":{"plan":{"seed":"1"}}}`, `{"activity":{"plan":{"seed":1}}}`,
		`{"activity":{"plan":{"seed":"-1"}}}`, `{"activity":{"plan":{"seed":"01"}}}`, `{"activity":{"plan":{"seed":""}}}`,
		`{"activity":{"plan":{"propensity":1.}}}`, `{"activity":{"plan":{"propensity":.5}}}`, `{"activity":{"plan":{"propensity":1E+3}}}`,
		`{"activity":{"plan":{"propensity":1e999}}}`, `{"activity":{"plan":{"propensity":0x1}}}`, `{"activity":{"started":"2026"}}`,
		`{"activity":{"started":null}}`, `{"activity":{"metrics":{}}}`, `{"activity":{"metrics":null}}`, `{"activity":{"metrics":{"a":1,"a":2}}}`,
		`{"activity":{"improved":[]}}`, `{"activity":{"improved":null}}`, `{"activity":{"improved":["a",]}}`, `{"items":[null]}`,
		`{"told":null}`, `{"told":{"activity":{"id":"a"}}}`, `{"items":[{"redacted":true}]}`, `{"items":[{"redacted":tru}]}`,
	} {
		same(t, []byte(data))
	}
}

// TestOfOtherTypes leaves types to encoding/json.
func TestOfOtherTypes(t *testing.T) {
	type tree struct {
		Name string `json:"name"`
		Next []tree `json:"next"`
	}
	type other struct {
		Any  any             `json:"any"`
		Raw  json.RawMessage `json:"raw"`
		Tree tree            `json:"tree"`
	}
	var got other
	if err := Unmarshal([]byte(`{"any":[1],"raw":{},"tree":{"name":"a","next":[{"name":"b"}]}}`), &got); err != nil {
		t.Fatal(err)
	}
	want := other{[]any{1.0}, json.RawMessage("{}"), tree{"a", []tree{{Name: "b"}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var n int
	if err := Unmarshal([]byte("7"), &n); err != nil || n != 7 {
		t.Errorf("%d, %v", n, err)
	}
	if err := Unmarshal([]byte("7"), n); err == nil {
		t.Error("it decodes into what is no pointer")
	}
}

func FuzzUnmarshal(f *testing.F) {
	s := session{
		Activity: hobby.Activity{
			ID: "é\n", Started: time.Unix(1e9, 5), Metrics: map[string]float64{"a": 1e-9}, Improved: []string{"b"},
		},
		Items: []hobby.Item{{Seed: 7, Messages: []hobby.Message{{Content: "<c>"}}}},
	}
	data, err := json.Marshal(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) { same(t, data) })
}

// fill draws a value.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(time.Unix(rapid.Int64Range(-1e10, 1e11).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "there") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.Slice:
		if n := rapid.IntRange(-1, 2).Draw(t, "n"); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(rapid.MapOfN(rapid.String(), rapid.Float64(), 0, 2).Draw(t, "map")))
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(t, "float"))
	}
}

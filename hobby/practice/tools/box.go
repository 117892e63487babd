package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// The bounds of a box: the bytes of a name, of a text and of what a call tells, and how
// many entries there may be of each sort.
const (
	maxName    = 100
	maxText    = 2000
	maxTold    = 2000
	maxEntries = 64
	maxCall    = 8000
)

// Box is what tools work on: all that they can read and change.
type Box struct {
	Files  map[string]string
	Values map[string]string
	Notes  map[string]string // by title
	Clocks map[string]int    // by city, in minutes since midnight
	Timers []int             // in minutes
	// Moved are other names of notes and cities, which a call is told when it fails.
	Moved map[string]string
	// Rows are statements that fill the table of Database.
	Rows []string

	open     func() (Database, error)
	database Database
}

// Database runs the statements of run_sql. It is private to a box.
type Database interface {
	// Run carries out one statement, which is not trusted, and returns its rows, one on
	// a line. It bounds its own time and memory.
	Run(statement string) (string, error)
	// Dump is all that the database holds, in an order of its own.
	Dump() (string, error)
	Close() error
}

func newBox() *Box {
	return &Box{
		Files: map[string]string{}, Values: map[string]string{}, Notes: map[string]string{}, Clocks: map[string]int{}, Moved: map[string]string{},
	}
}

// copy is a box of its own in the same state. Its database is not open yet.
func (b *Box) copy() *Box {
	return &Box{
		Files: maps.Clone(b.Files), Values: maps.Clone(b.Values), Notes: maps.Clone(b.Notes), Clocks: b.Clocks, Timers: slices.Clone(b.Timers),
		Moved: b.Moved, Rows: b.Rows, open: b.open,
	}
}

// close frees the database.
func (b *Box) close() {
	if b.database != nil {
		_ = b.database.Close() // it is in memory, and nothing is kept
		b.database = nil
	}
}

// sql is the database, opened and filled when it is first needed.
func (b *Box) sql() (Database, error) {
	if b.database != nil {
		return b.database, nil
	}
	d, err := b.open()
	if err != nil {
		return nil, err
	}
	for _, s := range b.Rows {
		if _, err := d.Run(s); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	b.database = d
	return d, nil
}

// state is what the box holds. Equal states are equal texts. The error is that of a
// database which cannot be read: such a state equals none.
func (b *Box) state() (string, error) {
	var s strings.Builder
	for _, m := range []map[string]string{b.Files, b.Values, b.Notes} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&s, "%q: %q\n", k, m[k])
		}
		s.WriteString("\n")
	}
	fmt.Fprintln(&s, slices.Sorted(slices.Values(b.Timers)))
	if b.open != nil {
		d, err := b.sql()
		if err != nil {
			return "", err
		}
		rows, err := d.Dump()
		if err != nil {
			return "", err
		}
		s.WriteString(rows)
	}
	return s.String(), nil
}

// failure is why a call failed. The note is the same for each failure of its sort, and
// says nothing of what the call said.
type failure struct{ note, detail string }

func (f *failure) Error() string {
	if f.detail == "" {
		return f.note
	}
	return f.note + ": " + f.detail
}

func fail(note string, detail ...string) (string, error) {
	return "", &failure{note, strings.Join(detail, "")}
}

// call carries out a call. note says what went wrong, and is "" when nothing did.
func (b *Box) call(shown []*tool, c hobby.ToolCall) (told, note string) {
	told, err := b.try(shown, c)
	var f *failure
	switch {
	case errors.As(err, &f):
		return practice.Failed + cut(f.Error()), f.note
	case err != nil:
		return practice.Failed + cut(err.Error()), "failed"
	}
	return cut(told), ""
}

func (b *Box) try(shown []*tool, c hobby.ToolCall) (string, error) {
	i := slices.IndexFunc(shown, func(t *tool) bool { return t.name == c.Name })
	switch {
	case len(c.Arguments) > maxCall:
		return fail("arguments that are too long")
	case c.Name == "":
		return fail("a call that is not JSON")
	case i < 0:
		return fail("no such tool", quoted(c.Name))
	}
	a, err := shown[i].read(c.Arguments)
	if err != nil {
		return "", err
	}
	return shown[i].do(b, a)
}

// cut bounds what a call tells.
func cut(told string) string {
	told = strings.ToValidUTF8(told, "\uFFFD")
	if len(told) <= maxTold {
		return told
	}
	end := maxTold
	for !utf8.RuneStart(told[end]) {
		end--
	}
	return told[:end] + " ... (cut)"
}

// quoted is a name as an error quotes it.
func quoted(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "..."
	}
	return name
}

// tool is one of this package's own.
type tool struct {
	name, description string
	params            []param
	do                func(b *Box, a arguments) (string, error)
}

// param is a parameter. All are required.
type param struct{ name, kind string }

// arguments are those of a call: texts and, for integers, their digits.
type arguments map[string]string

// tool is what a model is shown.
func (t *tool) tool() hobby.Tool {
	var properties, required []string
	for _, p := range t.params {
		properties = append(properties, fmt.Sprintf(`"%s": {"type": "%s"}`, p.name, p.kind))
		required = append(required, `"`+p.name+`"`)
	}
	return hobby.Tool{Name: t.name, Description: t.description, Parameters: json.RawMessage(fmt.Sprintf(
		`{"type": "object", "properties": {%s}, "required": [%s]}`, strings.Join(properties, ", "), strings.Join(required, ", ")))}
}

// read checks arguments against the tool's schema.
func (t *tool) read(text string) (arguments, error) {
	object, err := objectOf(text)
	if err != nil {
		return nil, err
	}
	a := arguments{}
	for _, p := range t.params {
		v, there := object[p.name]
		if !there {
			return nil, &failure{"an argument is missing", p.name}
		}
		delete(object, p.name)
		switch p.kind {
		case "string":
			var s string
			if json.Unmarshal(v, &s) != nil || len(v) > 0 && v[0] != '"' {
				return nil, &failure{"an argument that must be a string", p.name}
			}
			a[p.name] = s
		default:
			if !whole.MatchString(string(v)) {
				return nil, &failure{"an argument that must be an integer", p.name}
			}
			a[p.name] = string(v)
		}
	}
	for name := range object {
		return nil, &failure{"an argument that the tool has not", quoted(name)}
	}
	return a, nil
}

// objectOf reads arguments. Some servers give them as a text that has the object.
func objectOf(text string) (object map[string]json.RawMessage, err error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var inner string
	if json.Unmarshal([]byte(text), &inner) == nil {
		text = inner
	}
	if json.Unmarshal([]byte(text), &object) != nil {
		return nil, &failure{"arguments that are not a JSON object", ""}
	}
	return object, nil
}

// named reports whether a text can be a name in a box: of a file, a key or a title.
func named(s string) bool {
	return s != "" && len(s) <= maxName && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

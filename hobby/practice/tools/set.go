package tools

import (
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The tools of this package. Names and parameters are those of the family calls of
// package practice where that has them.
var (
	text = func(name string) param { return param{name, "string"} }
	num  = func(name string) param { return param{name, "integer"} }

	readFile = &tool{"read_file", "", []param{text("path")}, func(b *Box, a arguments) (string, error) {
		return b.get(b.Files, "file", a["path"])
	}}
	writeFile = &tool{"write_file", "", []param{text("path"), text("text")}, func(b *Box, a arguments) (string, error) {
		return b.putFile(a["path"], a["text"])
	}}
	copyFile = &tool{"copy_file", "", []param{text("source"), text("target")}, func(b *Box, a arguments) (string, error) {
		content, err := b.get(b.Files, "file", a["source"])
		if err != nil {
			return "", err
		}
		return b.putFile(a["target"], content)
	}}
	deleteFile = &tool{"delete_file", "", []param{text("path")}, func(b *Box, a arguments) (string, error) {
		return b.remove(b.Files, "file", a["path"])
	}}
	listFiles = &tool{"list_files", "", nil, func(b *Box, _ arguments) (string, error) { return listed(b.Files) }}

	getValue = &tool{"get_value", "", []param{text("key")}, func(b *Box, a arguments) (string, error) {
		return b.get(b.Values, "value", a["key"])
	}}
	setValue = &tool{"set_value", "", []param{text("key"), num("value")}, func(b *Box, a arguments) (string, error) {
		return b.put(b.Values, "value", a["key"], digits(a["value"]))
	}}
	deleteValue = &tool{"delete_value", "", []param{text("key")}, func(b *Box, a arguments) (string, error) {
		return b.remove(b.Values, "value", a["key"])
	}}
	listKeys = &tool{"list_keys", "", nil, func(b *Box, _ arguments) (string, error) { return listed(b.Values) }}

	searchNotes = &tool{"search_notes", "", []param{text("query")}, search}
	readNote    = &tool{"read_note", "", []param{text("title")}, func(b *Box, a arguments) (string, error) {
		if to := b.Moved[a["title"]]; to != "" {
			return fail("a note that was renamed", a["title"], " is now ", to)
		}
		return b.get(b.Notes, "note", a["title"])
	}}

	squareRoot = &tool{"square_root", "", []param{num("number")}, func(_ *Box, a arguments) (string, error) { return root(a["number"]) }}
	calculate  = &tool{
		"calculate", "Computes one +, -, * or / of two whole numbers, such as 12 * 34.", []param{text("expression")},
		func(_ *Box, a arguments) (string, error) { return compute(a["expression"]) },
	}

	getTime = &tool{"get_time", "", []param{text("city")}, func(b *Box, a arguments) (string, error) {
		if to := b.Moved[a["city"]]; to != "" {
			return fail("a city without a clock", a["city"], " has the time of ", to)
		}
		at, there := b.Clocks[a["city"]]
		if !there {
			return fail("no such city", quoted(a["city"]))
		}
		return clock(at), nil
	}}
	addMinutes = &tool{"add_minutes", "", []param{text("time"), num("minutes")}, func(_ *Box, a arguments) (string, error) {
		m := times.FindStringSubmatch(a["time"])
		n, err := strconv.Atoi(a["minutes"])
		if m == nil || err != nil || n < -10_000 || n > 10_000 {
			return fail("a time that is not like 07:45, or too many minutes")
		}
		h, _ := strconv.Atoi(m[1])
		min, _ := strconv.Atoi(m[2]) // two digits
		return clock(h*60 + min + n), nil
	}}
	setTimer = &tool{"set_timer", "", []param{num("minutes")}, func(b *Box, a arguments) (string, error) {
		n, err := strconv.Atoi(a["minutes"])
		if err != nil || n < 1 || n > 10_000 || len(b.Timers) >= maxEntries {
			return fail("too few or too many minutes")
		}
		b.Timers = append(b.Timers, n)
		return "done", nil
	}}

	runSQL = &tool{
		"run_sql", "Runs one SQLite statement on the table orders.", []param{text("statement")},
		func(b *Box, a arguments) (string, error) {
			if b.open == nil {
				return fail("no database")
			}
			d, err := b.sql()
			if err != nil {
				return "", err
			}
			rows, err := d.Run(a["statement"])
			if err != nil {
				return fail("a statement that fails", err.Error())
			}
			return rows, nil
		},
	}

	set = []*tool{
		readFile, writeFile, copyFile, deleteFile, listFiles, getValue, setValue, deleteValue, listKeys, searchNotes, readNote,
		squareRoot, calculate, getTime, addMinutes, setTimer, runSQL,
	}
)

var (
	whole = regexp.MustCompile(`^-?(?:0|[1-9][0-9]{0,29})$`)
	times = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)
	twoOf = regexp.MustCompile(`^\s*(-?[0-9]{1,30})\s*([-+*/])\s*(-?[0-9]{1,30})\s*$`)
)

func (b *Box) get(from map[string]string, sort, name string) (string, error) {
	v, there := from[name]
	if !there {
		return fail("no such "+sort, quoted(name))
	}
	return v, nil
}

// put adds an entry. It takes the place of none.
func (b *Box) put(to map[string]string, sort, name, v string) (string, error) {
	_, there := to[name]
	switch {
	case there:
		return fail("there is a "+sort+" of this name already", quoted(name))
	case !named(name):
		return fail("a name that no "+sort+" can have", quoted(name))
	case len(v) > maxText:
		return fail("a text that is too long")
	case len(to) >= maxEntries:
		return fail("no room for another " + sort)
	}
	to[name] = v
	return "done", nil
}

// putFile adds a file. A path is a name within the box, and leads nowhere else.
func (b *Box) putFile(path, content string) (string, error) {
	if !fs.ValidPath(path) || path == "." || strings.Contains(path, `\`) {
		return fail("a path that leads elsewhere", quoted(path))
	}
	return b.put(b.Files, "file", path, content)
}

func (b *Box) remove(from map[string]string, sort, name string) (string, error) {
	if _, err := b.get(from, sort, name); err != nil {
		return "", err
	}
	delete(from, name)
	return "done", nil
}

func listed(all map[string]string) (string, error) {
	if len(all) == 0 {
		return "none", nil
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), ", "), nil
}

// search tells the titles of the notes that have all words of a query.
func search(b *Box, a arguments) (string, error) {
	query := strings.Fields(strings.ToLower(a["query"]))
	if len(query) == 0 || len(query) > 10 {
		return fail("a query of no words, or of too many")
	}
	var titles []string
	for _, title := range slices.Sorted(maps.Keys(b.Notes)) {
		has := strings.Fields(strings.ToLower(b.Notes[title]))
		if !slices.ContainsFunc(query, func(w string) bool { return !slices.Contains(has, w) }) {
			titles = append(titles, title)
		}
	}
	if titles == nil {
		return fail("no note has these words")
	}
	return strings.Join(titles, ", "), nil
}

// digits writes a whole number in one way.
func digits(s string) string {
	if s == "-0" {
		return "0"
	}
	return s
}

// root is that of a square number.
func root(s string) (string, error) {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok || n.Sign() < 0 {
		return fail("a number without a root")
	}
	r := new(big.Int).Sqrt(n)
	if new(big.Int).Mul(r, r).Cmp(n) != 0 {
		return fail("a number without a whole root")
	}
	return r.String(), nil
}

func compute(expression string) (string, error) {
	m := twoOf.FindStringSubmatch(expression)
	if m == nil {
		return fail("not one +, -, * or / of two whole numbers", quoted(expression))
	}
	x, _ := new(big.Int).SetString(m[1], 10)
	y, _ := new(big.Int).SetString(m[3], 10) // both are digits
	switch m[2] {
	case "+":
		x.Add(x, y)
	case "-":
		x.Sub(x, y)
	case "*":
		x.Mul(x, y)
	default:
		if y.Sign() == 0 {
			return fail("a division by zero")
		}
		var rest big.Int
		if x.QuoRem(x, y, &rest); rest.Sign() != 0 {
			return fail("a division that leaves a rest")
		}
	}
	return x.String(), nil
}

// clock writes minutes since a midnight.
func clock(at int) string {
	at = (at%1440 + 1440) % 1440
	return fmt.Sprintf("%02d:%02d", at/60, at%60)
}

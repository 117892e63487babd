package practice

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// jsons asks questions about JSON, which are answered in JSON.
var jsons = family{
	hobby.Family{Name: "json", Levels: 4, LevelGuess: []float64{0.21, 0.5, 0, 0.02}},
	func(r *rand.Rand, level int) Task {
		task := func(given, question string, want any, phrases ...string) Task {
			reference, prompt := compact(want), given+"\n"+question+" Answer with JSON only."
			p := Say(append(phrases, "[the] [updated] (JSON|array|object|list)", "here is the [updated|new] JSON [with the "+
				"key renamed]", "[the] [JSON] value")...).About(prompt)
			return ask(question+" "+given, prompt, reference, "json", func(a string) Verdict { return JSON(a, reference, p) })
		}
		keys := some(r, 5, words)
		switch level {
		case 1:
			obj := map[string]any{}
			for _, k := range keys {
				obj[k] = between(r, 10, 999)
			}
			return task(compact(obj), fmt.Sprintf("What is the value of %q?", keys[0]), obj[keys[0]],
				"[the] value [(of|for) [the key] "+keys[0]+"]")
		case 2:
			inner := map[string]any{keys[1]: between(r, 10, 999), keys[2]: pick(r, names)}
			obj := map[string]any{keys[0]: inner, keys[3]: between(r, 10, 999)}
			return task(compact(obj), fmt.Sprintf("What is the value of %q in %q?", keys[1], keys[0]), inner[keys[1]],
				"[the] value [(of|for) "+keys[1]+" [in "+keys[0]+"]]")
		case 3:
			obj := map[string]any{keys[0]: between(r, 10, 99), keys[1]: pick(r, names), keys[2]: r.IntN(2) == 0}
			given := compact(obj)
			obj[keys[3]] = obj[keys[0]]
			delete(obj, keys[0])
			return task(given, fmt.Sprintf("Rename the key %q to %q.", keys[0], keys[3]), obj)
		default:
			var all, kept []any
			limit := between(r, 30, 70)
			for _, name := range some(r, 6, names) {
				age := between(r, 10, 99)
				all = append(all, map[string]any{"name": name, "age": age})
				if age > limit {
					kept = append(kept, name)
				}
			}
			if kept == nil {
				kept = []any{}
			}
			return task(compact(all), fmt.Sprintf("List the names of those whose age is above %d, as an array in the order "+
				"given.", limit), kept,
				fmt.Sprintf("[the] names [of those whose age is above %d]", limit))
		}
	},
}

// compact returns v as JSON, with keys in order.
func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the values are made above
	}
	return string(b)
}

// tables asks questions about a Markdown table.
var tables = family{
	hobby.Family{Name: "tables", Levels: 4, LevelGuess: []float64{0.1, 0.09, 0.01, 0.28}},
	func(r *rand.Rand, level int) Task {
		rows, cols := some(r, 3+level, names), some(r, 3, words)
		cells := make([][]int, len(rows))
		var b strings.Builder
		b.WriteString("| name | " + strings.Join(cols, " | ") + " |\n|---|---|---|---|\n")
		for i, name := range rows {
			b.WriteString("| " + name)
			for range cols {
				v := between(r, 10, 99)
				cells[i] = append(cells[i], v)
				b.WriteString(" | " + strconv.Itoa(v))
			}
			b.WriteString(" |\n")
		}
		c := r.IntN(len(cols))
		column := func() (vs []int) {
			for _, row := range cells {
				vs = append(vs, row[c])
			}
			return vs
		}()
		given := b.String()
		switch level {
		case 1:
			i := r.IntN(len(rows))
			q := fmt.Sprintf("What is %s's %s?", rows[i], cols[c])
			return numeric(q+given, given+q, cells[i][c], "[the [value of]] "+rows[i]+"'s "+cols[c]+" [value]",
				"[the] value [of "+cols[c]+" for "+rows[i]+"|in [the column] "+cols[c]+" for "+rows[i]+"]",
				"[the] "+cols[c]+" (of|for) "+rows[i])
		case 2:
			q := fmt.Sprintf("What is the largest value in the column %s?", cols[c])
			return numeric(q+given, given+q, slices.Max(column),
				"[the] (largest|highest|maximum|greatest) [(value|number)] [in [the column] "+cols[c]+" [column]]", "[the] maximum")
		case 3:
			sum := 0
			for _, v := range column {
				sum += v
			}
			q := fmt.Sprintf("What is the sum of the column %s?", cols[c])
			return numeric(q+given, given+q, sum, "[the] (sum|total) [of [the column] "+cols[c]+" [column]]",
				"[the] (sum|total) of the (column|values)",
				"adding them [up|together]")
		default:
			limit, n := between(r, 20, 80), 0
			for _, v := range column {
				if v > limit {
					n++
				}
			}
			q := fmt.Sprintf("How many rows have more than %d in the column %s?", limit, cols[c])
			return numeric(q+given, given+q, n, append(counts(fmt.Sprintf("rows [(with|that have|having) more than %d [in "+
				"the column %s]]", limit, cols[c]), ""),
				fmt.Sprintf("… rows have more than %d [in the column %s]", limit, cols[c]))...)
		}
	},
}

// oneSet begins what is said of one of the sets.
var oneSet = regexp.MustCompile(`^[\s*_$]*[AB][\s*_]*[:=]`)

// setPhrases are the phrases for sets, by level.
var setPhrases = map[int][]string{
	1: {"[the] [common] (numbers|elements) [(that are|which are|)] [in both [A and B]]", "[the] intersection [of A and B]",
		"[the] common (numbers|elements)",
		"A (∩|\\\\cap) B"},
	2: {"[the] (numbers|elements) [(that are|which are|)] [in A or [in] B [or [in] both]]", "[the] union [of A and B]", "A (∪|\\\\cup) B"},
	3: {"[the] numbers", "[the] numbers [that are] in A and not in B[,] or in B and not in A", "[the] symmetric difference [of A and B]",
		"[the] (numbers|elements) [that are] in exactly one of (A and B|the sets|the two sets)", "A (△|Δ|\\\\triangle) B"},
}

// sets asks for unions, intersections and differences. In version 1 a set in another
// order was another task, and one could be held out and the other not.
var sets = family{
	hobby.Family{Name: "sets", Version: 2, Levels: 3, LevelGuess: []float64{0.12, 0, 0}},
	func(r *rand.Rand, level int) Task {
		pool := make([]int, 40)
		for i := range pool {
			pool[i] = i + 10
		}
		size := 3 + level
		a := some(r, size, pool)
		b := append(some(r, between(r, 1, size-1), a), some(r, 2, []int{90, 91, 92, 93, 94, 95})...)
		r.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
		given := fmt.Sprintf("A = {%s} and B = {%s}", joinInts(a), joinInts(b))
		var want []int
		var q string
		switch level {
		case 1:
			q = "Which numbers are in both A and B?"
			for _, v := range a {
				if slices.Contains(b, v) {
					want = append(want, v)
				}
			}
		case 2:
			q = "Which numbers are in A or in B or in both?"
			want = append(want, a...)
			for _, v := range b {
				if !slices.Contains(a, v) {
					want = append(want, v)
				}
			}
		default:
			q = "Which numbers are in A and not in B, or in B and not in A?"
			for _, v := range a {
				if !slices.Contains(b, v) {
					want = append(want, v)
				}
			}
			for _, v := range b {
				if !slices.Contains(a, v) {
					want = append(want, v)
				}
			}
		}
		entries := strings.Split(joinInts(want), ", ")
		prompt := given + ". " + q + " Answer with the numbers separated by commas, in any order."
		p := Say(setPhrases[level]...).About(prompt)
		slices.Sort(a)
		slices.Sort(b)
		return ask(q+joinInts(a)+"; "+joinInts(b), prompt, strings.Join(entries, ", "), "set",
			func(answer string) Verdict {
				return Read(answer, p, func(a string) Verdict {
					if oneSet.MatchString(a) {
						return Fail("one of the sets")
					}
					return isSet(a, entries)
				})
			})
	},
}

package practice

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// calls is calling functions that are described by a JSON Schema: which one does what
// is asked for, with which arguments, and which of the arguments are nested, optional
// or one of a few values. The key and the functions are written as the chat templates
// of models write them, with a space after each colon and comma.
var calls = family{
	hobby.Family{Name: "calls", Levels: 3},
	func(r *rand.Rand, level int) Task {
		var c call
		shown := 1
		switch level {
		case 1:
			fs := some(r, 3, simple)
			c = fs[0].ask(r)
			shown = len(fs)
			for _, f := range fs[1:] {
				c.functions = append(c.functions, f.describe())
			}
		case 2:
			c = pick(r, []func(*rand.Rand) call{copyFile, writeFile, setValue, sendMessage, addEvent, transfer, bookTable, dimLight})(r)
		default:
			c = pick(r, []func(*rand.Rand) call{orderItem, bookTrip, addTask})(r)
		}
		r.Shuffle(shown, func(i, j int) { c.functions[i], c.functions[j] = c.functions[j], c.functions[i] })
		reference := c.text()
		prompt := strings.Join(c.functions, "\n") + "\nRequest: " + c.request + "\n" +
			`Answer with the call as JSON only, like {"name": ..., "arguments": {...}}. ` +
			"Use the values as the request writes them, and no arguments that it does not name."
		return ask(reference, prompt, reference, "json", func(a string) Verdict {
			return Read(a, aCall, func(a string) Verdict { return isCall(a, reference) })
		})
	},
}

// aCall are the phrases for calls.
var aCall = SayCode("[the] [function] call", "[the] JSON", "[the] [function] call as JSON", "[the] [correct] (function|tool) call")

// tagged is a call in the tags that models were taught to write around it. Words may
// stand before it.
var tagged = regexp.MustCompile(`(?s)^([^{}\[\]<>]*)(?:<tool_call>|<\|python_tag\|>|(\[TOOL_CALLS\]))\s*(.*?)\s*(?:</tool_call>)?$`)

// isCall judges a call, in tags or not.
func isCall(answer, want string) Verdict {
	if m := tagged.FindStringSubmatch(strings.TrimSpace(answer)); m != nil {
		if m[2] != "" { // a list of calls
			return isJSON(m[3], "["+want+"]")
		}
		return isJSON(m[3], want)
	}
	return isJSON(answer, want)
}

// call is a function called as somebody asks for it.
type call struct {
	name      string
	arguments members
	request   string
	functions []string // that are shown, as JSON
}

func (c *call) text() string {
	return members{{"name", c.name}, {"arguments", c.arguments}}.text()
}

// members is a JSON object with its members in this order.
type members []member

type member struct {
	name  string
	value any
}

// text writes an object on one line, with a space after each colon and comma.
func (o members) text() string {
	s := make([]string, len(o))
	for i, m := range o {
		s[i] = compact(m.name) + ": " + written(m.value)
	}
	return "{" + strings.Join(s, ", ") + "}"
}

func written(v any) string {
	switch v := v.(type) {
	case members:
		return v.text()
	case []string:
		s := make([]string, len(v))
		for i := range v {
			s[i] = compact(v[i])
		}
		return "[" + strings.Join(s, ", ") + "]"
	case json.RawMessage:
		return string(v)
	}
	return compact(v)
}

// typed is the schema of a value of a type.
func typed(name string) members { return members{{"type", name}} }

// described is a function as JSON. The first parameters are required.
func described(name string, required int, properties members) string {
	names := make([]string, required)
	for i := range names {
		names[i] = properties[i].name
	}
	return members{{"name", name}, {"parameters", schema(names, properties)}}.text()
}

// schema is that of an object.
func schema(required []string, properties members) members {
	return members{{"type", "object"}, {"properties", properties}, {"required", required}}
}

// function is one of a single argument, with ways to ask for it in other words than
// its name has.
type function struct {
	name, parameter, kind string
	value                 func(r *rand.Rand) any
	ways                  []string
}

func (f *function) describe() string {
	return described(f.name, 1, members{{f.parameter, typed(f.kind)}})
}

func (f *function) ask(r *rand.Rand) call {
	v := f.value(r)
	return call{
		name: f.name, arguments: members{{f.parameter, v}}, request: fmt.Sprintf(pick(r, f.ways), v),
		functions: []string{f.describe()},
	}
}

// What arguments are made of.
func aPath(r *rand.Rand) string {
	return pick(r, words) + pick(r, []string{".txt", ".md", ".csv", ".log"})
}
func aKey(r *rand.Rand) string  { return pick(r, words) + fmt.Sprint(between(r, 1, 9)) }
func aPair(r *rand.Rand) string { return strings.Join(some(r, 2, words), " ") }

// anyOf draws what f does.
func anyOf(f func(*rand.Rand) string) func(*rand.Rand) any {
	return func(r *rand.Rand) any { return f(r) }
}

// integers draws one.
func integers(low, high int) func(*rand.Rand) any {
	return func(r *rand.Rand) any { return between(r, low, high) }
}

func oneOf(list []string) func(*rand.Rand) any {
	return func(r *rand.Rand) any { return pick(r, list) }
}

var (
	devices = strings.Fields("lamp heater fan radio pump printer oven mixer boiler camera charger drill freezer grill iron juicer")

	simple = []*function{
		{"read_file", "path", "string", anyOf(aPath), []string{"What is written in %s?", "Show me the text of %s."}},
		{"delete_file", "path", "string", anyOf(aPath), []string{"Get rid of %s.", "I no longer need %s, remove it."}},
		{"get_value", "key", "string", anyOf(aKey), []string{"What is stored under %s?", "Look up %s in the store."}},
		{"delete_value", "key", "string", anyOf(aKey), []string{"Forget what is stored under %s.", "Clear %s in the store."}},
		{"search_notes", "query", "string", anyOf(aPair), []string{"Which notes speak of %s?", "Find what I noted about %s."}},
		{"play_song", "title", "string", anyOf(aPair), []string{"Put on the song %s.", "I want to hear %s."}},
		{"buy_item", "item", "string", anyOf(aPair), []string{"Put %s on the shopping list.", "We are out of %s, get some."}},
		{"get_weather", "city", "string", oneOf(cities), []string{"Will it rain in %s?", "How warm is it in %s?"}},
		{"get_time", "city", "string", oneOf(cities), []string{"How late is it in %s?", "What does the clock in %s say?"}},
		{"call_person", "person", "string", oneOf(names), []string{"Ring %s.", "I want to speak with %s."}},
		{"switch_on", "device", "string", oneOf(devices), []string{"Start the %s.", "Let the %s run."}},
		{"switch_off", "device", "string", oneOf(devices), []string{"Stop the %s.", "The %s need not run any more."}},
		{"set_timer", "minutes", "integer", integers(2, 180), []string{"Wake me in %d minutes.", "Tell me when %d minutes are over."}},
		{"open_page", "page", "integer", integers(2, 400), []string{"Go to page %d.", "Show me page %d."}},
		{"square_root", "number", "integer", integers(2, 999), []string{"What is the root of %d?", "Which number times itself is %d?"}},
	}
)

// one is a call of the only function that is shown, all of whose arguments are
// required, in the order of the schema.
func one(request, name string, arguments members) call {
	properties := make(members, len(arguments))
	for i, a := range arguments {
		kind := "string"
		switch a.value.(type) {
		case int:
			kind = "integer"
		case bool:
			kind = "boolean"
		}
		properties[i] = member{a.name, typed(kind)}
	}
	return call{name: name, arguments: arguments, request: request, functions: []string{described(name, len(properties), properties)}}
}

func copyFile(r *rand.Rand) call {
	from, to := aPath(r), aPath(r)
	for from == to {
		to = aPath(r)
	}
	return one(fmt.Sprintf("I need %s as a copy of %s.", to, from), "copy_file", members{{"source", from}, {"target", to}})
}

func writeFile(r *rand.Rand) call {
	path, text := aPath(r), aPair(r)
	return one(fmt.Sprintf("Save the text %q as %s.", text, path), "write_file", members{{"path", path}, {"text", text}})
}

func setValue(r *rand.Rand) call {
	key, value := aKey(r), between(r, 10, 9999)
	return one(fmt.Sprintf("Store %d under %s.", value, key), "set_value", members{{"key", key}, {"value", value}})
}

func sendMessage(r *rand.Rand) call {
	to, text := pick(r, names), aPair(r)
	return one(fmt.Sprintf("Write %q to %s.", text, to), "send_message", members{{"to", to}, {"text", text}})
}

func addEvent(r *rand.Rand) call {
	title, day, hour := aPair(r), fmt.Sprintf("20%02d-%02d-%02d", between(r, 20, 39), between(r, 1, 12), between(r, 1, 28)), between(r, 8, 20)
	return one(fmt.Sprintf("On %s at %d o'clock there is %q, put it in the calendar.", day, hour, title),
		"add_event", members{{"title", title}, {"date", day}, {"hour", hour}})
}

func transfer(r *rand.Rand) call {
	who, amount := some(r, 2, names), between(r, 10, 999)
	return one(fmt.Sprintf("Move %d euros from %s to %s.", amount, who[0], who[1]),
		"transfer", members{{"from", who[0]}, {"to", who[1]}, {"euros", amount}})
}

func bookTable(r *rand.Rand) call {
	name, people, hour := pick(r, names), between(r, 2, 12), between(r, 17, 22)
	return one(fmt.Sprintf("We are %d and come at %d o'clock, book a table in the name of %s.", people, hour, name),
		"book_table", members{{"name", name}, {"people", people}, {"hour", hour}})
}

func dimLight(r *rand.Rand) call {
	room, percent, slowly := pick(r, []string{"kitchen", "hall", "cellar", "attic", "office"}), between(r, 5, 95), r.IntN(2) == 0
	how := "all at once"
	if slowly {
		how = "slowly"
	}
	return one(fmt.Sprintf("Dim the light in the %s %s to %d percent.", room, how, percent),
		"dim_light", members{{"room", room}, {"percent", percent}, {"slowly", slowly}})
}

// choice is the schema of one of a few values.
func choice(kind string, values ...any) members {
	s := make([]string, len(values))
	for i, v := range values {
		s[i] = compact(v)
	}
	return members{{"type", kind}, {"enum", json.RawMessage("[" + strings.Join(s, ", ") + "]")}}
}

func orderItem(r *rand.Rand) call {
	item, size := pick(r, words), pick(r, []string{"small", "medium", "large"})
	c := call{name: "order_item", arguments: members{{"item", item}, {"size", size}}, request: fmt.Sprintf("Order a %s %s", size, item)}
	if r.IntN(2) == 0 {
		n := between(r, 2, 99)
		c.arguments = append(c.arguments, member{"count", n})
		c.request += fmt.Sprintf(", %d of them", n)
	}
	if r.IntN(2) == 0 {
		name, city := pick(r, names), pick(r, cities)
		c.arguments = append(c.arguments, member{"address", members{{"name", name}, {"city", city}}})
		c.request += fmt.Sprintf(", for %s in %s", name, city)
	}
	c.request += "."
	c.functions = []string{described(c.name, 2, members{
		{"item", typed("string")}, {"size", choice("string", "small", "medium", "large")}, {"count", typed("integer")},
		{"address", schema([]string{"name", "city"}, members{{"name", typed("string")}, {"city", typed("string")}})},
	})}
	return c
}

func bookTrip(r *rand.Rand) call {
	by, ends := pick(r, []string{"train", "bus", "ship"}), some(r, 2, cities)
	c := call{
		name: "book_trip", arguments: members{{"by", by}, {"from", ends[0]}, {"to", ends[1]}},
		request: fmt.Sprintf("Book a trip from %s to %s by %s", ends[0], ends[1], by),
	}
	if r.IntN(2) == 0 {
		class, window := between(r, 1, 2), r.IntN(2) == 0
		where := "not at the window"
		if window {
			where = "at the window"
		}
		c.arguments = append(c.arguments, member{"seat", members{{"class", class}, {"window", window}}})
		c.request += fmt.Sprintf(", with a seat in class %d, %s", class, where)
	}
	if r.IntN(2) == 0 {
		n := between(r, 2, 60)
		c.arguments = append(c.arguments, member{"people", n})
		c.request += fmt.Sprintf(", for %d people", n)
	}
	c.request += "."
	c.functions = []string{described(c.name, 3, members{
		{"by", choice("string", "train", "bus", "ship")}, {"from", typed("string")}, {"to", typed("string")},
		{"seat", schema([]string{"class", "window"}, members{{"class", choice("integer", 1, 2)}, {"window", typed("boolean")}})},
		{"people", typed("integer")},
	})}
	return c
}

func addTask(r *rand.Rand) call {
	title := aPair(r)
	c := call{name: "add_task", arguments: members{{"title", title}}, request: fmt.Sprintf("Add the task %q", title)}
	if r.IntN(2) == 0 {
		p := pick(r, []string{"low", "high"})
		c.arguments = append(c.arguments, member{"priority", p})
		c.request += " with " + p + " priority"
	}
	if r.IntN(2) == 0 {
		month, day := between(r, 1, 12), between(r, 1, 28)
		c.arguments = append(c.arguments, member{"due", members{{"month", month}, {"day", day}}})
		c.request += fmt.Sprintf(", due in month %d on day %d", month, day)
	}
	if r.IntN(2) == 0 {
		tags := some(r, 2, words)
		c.arguments = append(c.arguments, member{"tags", tags})
		c.request += fmt.Sprintf(", tagged %s and %s", tags[0], tags[1])
	}
	c.request += "."
	c.functions = []string{described(c.name, 1, members{
		{"title", typed("string")}, {"priority", choice("string", "low", "normal", "high")},
		{"due", schema([]string{"month", "day"}, members{{"month", typed("integer")}, {"day", typed("integer")}})},
		{"tags", members{{"type", "array"}, {"items", typed("string")}}},
	})}
	return c
}

package tools

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/vocabulary"
)

// Families returns the families of this package, in a fixed order: tasks for files, values
// under keys, a calculator, clocks and notes, and for tools of several sorts together. At
// level 1, one call is needed and little else than its tool is shown; at level 2, the tool
// is one among others. At level 3 a second call needs what the first told. At level 4 there
// is an error to recover from. The chance to pass is that of a caller that takes a tool and
// words of the request by chance, and passes on what it is told.
func Families() []practice.Family {
	make := func(name string, guess []float64, levels ...asked) practice.Family {
		return &family{info: hobby.Family{Name: name, Levels: len(levels), LevelGuess: guess}, levels: levels}
	}
	files, values := asked{askFile, dropFile, keepCopy, saveText}, asked{askValue, dropValue, storeValue}
	numbers, clocks, notes := asked{askRoot, askResult}, asked{askTime, startTimer}, asked{findNotes}
	combined := make("combined_tools", nil, asked{valueFromFile, fileFromValue}, asked{sumOfValues, rootToFile},
		asked{noteToFile, timeToFile}, asked{replaceFromFile, overwriteFromValue}).(*family)
	combined.info.Requires = []string{"file_tools", "value_tools"}
	return []practice.Family{
		make("file_tools", []float64{0.1, 0.03}, files, files, asked{readNamed, copyNamed, dropNamed}, asked{readOther, overwrite}),
		make("value_tools", []float64{0.21, 0.07}, values, values, asked{storeSame, moveValue}, asked{replaceValue, askKey}),
		make("calculator_tools", []float64{0.25, 0.12}, numbers, numbers, asked{rootOfSum, twoSteps}, asked{power}),
		make("clock_tools", []float64{0.3, 0.15}, clocks, clocks, asked{later}, asked{otherCity}),
		make("note_tools", nil, notes, notes, asked{readFound}, asked{readRenamed}),
		combined,
	}
}

// SQL is the family of tasks for the tool that runs SQL, alone and with others. open
// opens an empty database with a table orders: id, customer, city and amount, as package
// sqltask has it.
func SQL(open func() (Database, error)) practice.Family {
	return &family{
		info:   hobby.Family{Name: "sql_tools", Levels: 4, LevelGuess: []float64{0.14, 0.09}},
		levels: []asked{{countOrders, sumOrders}, {countOrders, changeOrder, cancelOrders}, {storeSum}, {largestToFile}}, open: open,
	}
}

// What requests are made of.
func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

func some(r *rand.Rand, n int, from []string) (out []string) {
	for _, i := range r.Perm(len(from))[:n] {
		out = append(out, from[i])
	}
	return out
}

var endings = []string{".txt", ".md", ".csv", ".log"}

func aPath(r *rand.Rand) string { return pick(r, vocabulary.Words) + pick(r, endings) }
func aKey(r *rand.Rand) string  { return pick(r, vocabulary.Words) + fmt.Sprint(between(r, 1, 9)) }
func aPair(r *rand.Rand) string { return strings.Join(some(r, 2, vocabulary.Words), " ") }

// paths draws the paths of two files with different stems.
func paths(r *rand.Rand) (string, string) {
	s := some(r, 2, vocabulary.Words)
	return s[0] + pick(r, endings), s[1] + pick(r, endings)
}

func keys(r *rand.Rand) (string, string) {
	s := some(r, 2, vocabulary.Words)
	return s[0] + fmt.Sprint(between(r, 1, 9)), s[1] + fmt.Sprint(between(r, 1, 9))
}

func stem(path string) string { return strings.TrimRight(strings.SplitN(path, ".", 2)[0], "123456789") }

// aWord draws a word that is none.
func aWord(r *rand.Rand) string {
	b := make([]byte, between(r, 4, 8))
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

// Files.

// written are the phrases for what a file, a note or a key has.
func written(of string) []string {
	of = practice.Literal(of)
	return []string{
		"[the] [file|note|key] " + of + " (says|contains|reads|holds|has) [the (text|word|words|value)] …",
		"[the] (content|contents|text|value) [(of|in|under|for)] [the] [file|note|key] " + of,
		"[what is] (written|stored) (in|under) [the] [file|note|key] " + of, "… is (written|stored) (in|under) [the] [file|note|key] " + of,
		"[the] [file] (says|contains|reads) …", "[the] (text|value|content)", "in " + of + " (is|stands) [written] …",
	}
}

func askFile(d *draft) {
	path := aPath(d.r)
	d.ask(pick(d.r, []string{"What is written in %s?", "Show me the text of %s."}), path)
	d.box.Files[path] = aWord(d.hidden)
	d.use(readFile, path)
	d.tell(d.box.Files[path], practice.Exact, written(path)...)
}

func dropFile(d *draft) {
	path := aPath(d.r)
	d.ask(pick(d.r, []string{"Get rid of %s.", "I no longer need %s, remove it."}), path)
	d.box.Files[path] = aWord(d.hidden)
	d.use(deleteFile, path)
}

func keepCopy(d *draft) {
	from, to := paths(d.r)
	d.ask("I need %s as a copy of %s.", to, from)
	d.box.Files[from] = aWord(d.hidden)
	d.use(copyFile, from, to)
}

func saveText(d *draft) {
	path, text := aPath(d.r), aPair(d.r)
	d.ask("Save the text %q as %s.", text, path)
	d.use(writeFile, path, text)
}

// named makes a file that names another.
func (d *draft) named(path string) (other string) {
	other = aPath(d.hidden)
	for stem(other) == stem(path) || strings.Contains(d.request, stem(other)) {
		other = aPath(d.hidden)
	}
	d.box.Files[path], d.box.Files[other] = other, aWord(d.hidden)
	d.use(readFile, path)
	return other
}

func readNamed(d *draft) {
	path := aPath(d.r)
	d.ask("The file %s has the name of another file. What is written in that one?", path)
	other := d.named(path)
	d.use(readFile, other)
	d.tell(d.box.Files[other], practice.Exact, append(written(other), "[what is] written in that [other] (one|file)")...)
}

func copyNamed(d *draft) {
	path, to := paths(d.r)
	d.ask("The file %s has the name of another file. I need %s as a copy of that one.", path, to)
	d.use(copyFile, d.named(path), to)
}

func dropNamed(d *draft) {
	path := aPath(d.r)
	d.ask("The file %s has the name of another file. Get rid of that one.", path)
	d.use(deleteFile, d.named(path))
}

func readOther(d *draft) {
	path := aPath(d.r)
	d.ask("What is written in %s? It may have another ending.", path)
	other := path
	for other == path {
		other = stem(path) + pick(d.hidden, endings)
	}
	d.box.Files[other] = aWord(d.hidden)
	d.use(readFile, path)
	d.use(listFiles)
	d.use(readFile, other)
	d.tell(d.box.Files[other], practice.Exact, append(written(other), written(path)...)...)
}

func overwrite(d *draft) {
	path, text := aPath(d.r), aPair(d.r)
	d.ask("Save the text %q as %s, in place of what is there.", text, path)
	d.box.Files[path] = aWord(d.hidden)
	d.use(writeFile, path, text)
	d.use(deleteFile, path)
	d.use(writeFile, path, text)
}

// Values under keys.

// value puts a number under a key.
func (d *draft) value(key string) int {
	v := between(d.hidden, 10, 9999)
	d.box.Values[key] = fmt.Sprint(v)
	return v
}

func askValue(d *draft) {
	key := aKey(d.r)
	d.ask(pick(d.r, []string{"What is stored under %s?", "Look up %s in the store."}), key)
	d.tell(fmt.Sprint(d.value(key)), practice.Number, written(key)...)
	d.use(getValue, key)
}

func dropValue(d *draft) {
	key := aKey(d.r)
	d.ask(pick(d.r, []string{"Forget what is stored under %s.", "Clear %s in the store."}), key)
	d.value(key)
	d.use(deleteValue, key)
}

func storeValue(d *draft) {
	key, v := aKey(d.r), between(d.r, 10, 9999)
	d.ask("Store %d under %s.", v, key)
	d.use(setValue, key, v)
}

func storeSame(d *draft) {
	from, to := keys(d.r)
	d.ask("Store under %s what is stored under %s.", to, from)
	v := d.value(from)
	d.use(getValue, from)
	d.use(setValue, to, v)
}

func moveValue(d *draft) {
	from, to := keys(d.r)
	d.ask("Move what is stored under %s to %s.", from, to)
	v := d.value(from)
	d.use(getValue, from)
	d.use(setValue, to, v)
	d.use(deleteValue, from)
}

func replaceValue(d *draft) {
	key, v := aKey(d.r), between(d.r, 10, 9999)
	d.ask("Store %d under %s, in place of what is there.", v, key)
	d.value(key)
	d.use(setValue, key, v)
	d.use(deleteValue, key)
	d.use(setValue, key, v)
}

func askKey(d *draft) {
	key := pick(d.r, vocabulary.Words)
	d.ask("What is stored under %s? The key ends with a digit.", key)
	full := key + fmt.Sprint(between(d.hidden, 1, 9))
	d.tell(fmt.Sprint(d.value(full)), practice.Number, append(written(full), written(key)...)...)
	d.use(getValue, key)
	d.use(listKeys)
	d.use(getValue, full)
}

// A calculator.

func askRoot(d *draft) {
	n := between(d.r, 12, 99_999)
	d.ask(pick(d.r, []string{"What is the root of %d?", "Which number times itself is %d?"}), n*n)
	d.use(squareRoot, n*n)
	d.show(calculate)
	d.tell(fmt.Sprint(n), practice.Number, "[the] [square] root [of "+fmt.Sprint(n*n)+"]", "[the] number")
}

// operation draws two numbers and what is done with them.
func operation(r *rand.Rand) (expression string, result int) {
	x, y := between(r, 1000, 99_999), between(r, 1000, 99_999)
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf("%d + %d", x, y), x + y
	case 1:
		return fmt.Sprintf("%d - %d", x+y, y), x
	default:
		return fmt.Sprintf("%d * %d", x, y), x * y
	}
}

func askResult(d *draft) {
	e, n := operation(d.r)
	d.ask("What is %s?", e)
	d.use(calculate, e)
	d.show(squareRoot)
	d.tell(fmt.Sprint(n), practice.Number, "[the] (sum|difference|product)", practice.Literal(e))
}

func rootOfSum(d *draft) {
	n := between(d.r, 100, 9999)
	x := between(d.r, 1000, n*n-1)
	d.ask("What is the root of %d + %d?", x, n*n-x)
	d.use(calculate, fmt.Sprintf("%d + %d", x, n*n-x))
	d.use(squareRoot, n*n)
	d.tell(fmt.Sprint(n), practice.Number, "[the] [square] root [of [the sum] ["+fmt.Sprint(n*n)+"]]")
}

func twoSteps(d *draft) {
	e, n := operation(d.r)
	x := between(d.r, 100, 9999)
	d.ask("What is (%s) * %d?", e, x)
	d.use(calculate, e)
	d.use(calculate, fmt.Sprintf("%d * %d", n, x))
	d.tell(fmt.Sprint(n*x), practice.Number, "[the] (result|product)")
}

func power(d *draft) {
	n := between(d.r, 101, 9999)
	d.ask("What is %d ^ 3?", n)
	d.use(calculate, fmt.Sprintf("%d ^ 3", n))
	d.use(calculate, fmt.Sprintf("%d * %d", n, n))
	d.use(calculate, fmt.Sprintf("%d * %d", n*n, n))
	d.tell(fmt.Sprint(n*n*n), practice.Number, "[the] (result|cube) [of "+fmt.Sprint(n)+"]", fmt.Sprint(n)+" (cubed|to the power of 3)")
}

// Clocks.

// hour are the phrases for a time in a city.
func hour(city string) []string {
	return []string{"[in " + city + "] it (is|will be) … [in " + city + "]", "[the] [(current|local)] time [in " + city + "]",
		"the clock in " + city + " says …"}
}

func askTime(d *draft) {
	city := pick(d.r, vocabulary.Cities)
	d.ask(pick(d.r, []string{"How late is it in %s?", "What does the clock in %s say?"}), city)
	d.box.Clocks[city] = d.hidden.IntN(1440)
	d.use(getTime, city)
	d.show(setTimer)
	d.tell(clock(d.box.Clocks[city]), aTime, hour(city)...)
}

func startTimer(d *draft) {
	n := between(d.r, 2, 180)
	d.ask(pick(d.r, []string{"Wake me in %d minutes.", "Tell me when %d minutes are over."}), n)
	d.use(setTimer, n)
	d.show(getTime)
}

func later(d *draft) {
	city, n := pick(d.r, vocabulary.Cities), between(d.r, 20, 600)
	d.ask("How late will it be in %s in %d minutes?", city, n)
	at := d.hidden.IntN(1440)
	d.box.Clocks[city] = at
	d.use(getTime, city)
	d.use(addMinutes, clock(at), n)
	d.tell(clock(at+n), aTime, append(hour(city), fmt.Sprintf("in %d minutes[, it will be …]", n))...)
}

func otherCity(d *draft) {
	s, n := some(d.r, 1, vocabulary.Cities), between(d.r, 20, 600)
	city := s[0]
	d.ask("How late will it be in %s in %d minutes? It may have no clock of its own.", city, n)
	other := city
	for other == city {
		other = pick(d.hidden, vocabulary.Cities)
	}
	at := d.hidden.IntN(1440)
	d.box.Moved[city], d.box.Clocks[other] = other, at
	d.use(getTime, city)
	d.use(getTime, other)
	d.use(addMinutes, clock(at), n)
	d.tell(clock(at+n), aTime, hour(city)...)
}

// Notes.

// notes puts notes into the box that speak of two words, and some that speak of one.
func (d *draft) notes(n int, about []string) (titles []string) {
	others := some(d.hidden, 8, vocabulary.Words)
	others = slices.DeleteFunc(others, func(w string) bool { return slices.Contains(about, w) })
	for i := range n + 2 {
		title := aWord(d.hidden)
		for d.box.Notes[title] != "" {
			title = aWord(d.hidden)
		}
		has := []string{about[0], about[1], others[i]}
		if i >= n {
			has[i-n] = others[5]
		} else {
			titles = append(titles, title)
		}
		d.hidden.Shuffle(len(has), func(i, j int) { has[i], has[j] = has[j], has[i] })
		d.box.Notes[title] = strings.Join(has, " ")
	}
	slices.Sort(titles)
	return titles
}

func findNotes(d *draft) {
	about := some(d.r, 2, vocabulary.Words)
	query := strings.Join(about, " ")
	d.ask(pick(d.r, []string{"Which notes speak of %s?", "Find what I noted about %s."}), query)
	titles := d.notes(between(d.hidden, 1, 2), about)
	d.use(searchNotes, query)
	d.tell(strings.Join(titles, ", "), anyOrder, "[the] (note|notes) [(that speak of|about) "+query+"]", "[the] titles",
		"i found [the notes] …", "… (speak|speaks) of "+query)
}

func readFound(d *draft) {
	about := some(d.r, 2, vocabulary.Words)
	d.ask("What does the note say that speaks of %s?", strings.Join(about, " "))
	title := d.notes(1, about)[0]
	d.use(searchNotes, strings.Join(about, " "))
	d.use(readNote, title)
	d.tell(d.box.Notes[title], practice.Exact, append(written(title), "[the] note [says] …")...)
}

func readRenamed(d *draft) {
	title := pick(d.r, vocabulary.Words) + " " + pick(d.r, vocabulary.Words)
	d.ask("What does the note %s say? It may have another name now.", title)
	now := aWord(d.hidden)
	d.box.Moved[title], d.box.Notes[now] = now, strings.Join(some(d.hidden, 3, vocabulary.Words), " ")
	d.use(readNote, title)
	d.use(readNote, now)
	d.tell(d.box.Notes[now], practice.Exact, append(append(written(title), written(now)...), "[the] note [says] …")...)
}

// Several sorts together.

func valueFromFile(d *draft) {
	path, key := aPath(d.r), aKey(d.r)
	d.ask("Store under %s the number that is written in %s.", key, path)
	v := between(d.hidden, 10, 9999)
	d.box.Files[path] = fmt.Sprint(v)
	d.use(readFile, path)
	d.use(setValue, key, v)
}

func fileFromValue(d *draft) {
	path, key := aPath(d.r), aKey(d.r)
	d.ask("Save what is stored under %s as %s.", key, path)
	v := d.value(key)
	d.use(getValue, key)
	d.use(writeFile, path, fmt.Sprint(v))
}

func sumOfValues(d *draft) {
	a, b := keys(d.r)
	to := "sum" + fmt.Sprint(between(d.r, 1, 999))
	d.ask("Add what is stored under %s and what is stored under %s, and store the sum under %s.", a, b, to)
	x, y := d.value(a), d.value(b)
	d.use(getValue, a)
	d.use(getValue, b)
	d.use(calculate, fmt.Sprintf("%d + %d", x, y))
	d.use(setValue, to, x+y)
}

func rootToFile(d *draft) {
	from, to := paths(d.r)
	d.ask("Save the root of the number that is written in %s as %s.", from, to)
	n := between(d.hidden, 12, 999)
	d.box.Files[from] = fmt.Sprint(n * n)
	d.use(readFile, from)
	d.use(squareRoot, n*n)
	d.use(writeFile, to, fmt.Sprint(n))
}

func noteToFile(d *draft) {
	about, path := some(d.r, 2, vocabulary.Words), aPath(d.r)
	d.ask("Save the text of the note that speaks of %s as %s.", strings.Join(about, " "), path)
	title := d.notes(1, about)[0]
	d.use(searchNotes, strings.Join(about, " "))
	d.use(readNote, title)
	d.use(writeFile, path, d.box.Notes[title])
}

func timeToFile(d *draft) {
	city, n, path := pick(d.r, vocabulary.Cities), between(d.r, 20, 600), aPath(d.r)
	d.ask("Save as %s how late it will be in %s in %d minutes.", path, city, n)
	at := d.hidden.IntN(1440)
	d.box.Clocks[city] = at
	d.use(getTime, city)
	d.use(addMinutes, clock(at), n)
	d.use(writeFile, path, clock(at+n))
}

func replaceFromFile(d *draft) {
	path, key := aPath(d.r), aKey(d.r)
	d.ask("Store under %s the number that is written in %s, in place of what is there.", key, path)
	d.value(key)
	v := between(d.hidden, 10, 9999)
	d.box.Files[path] = fmt.Sprint(v)
	d.use(readFile, path)
	d.use(setValue, key, v)
	d.use(deleteValue, key)
	d.use(setValue, key, v)
}

func overwriteFromValue(d *draft) {
	path, key := aPath(d.r), aKey(d.r)
	d.ask("Save what is stored under %s as %s, in place of what is there.", key, path)
	v := fmt.Sprint(d.value(key))
	d.box.Files[path] = aWord(d.hidden)
	d.use(getValue, key)
	d.use(writeFile, path, v)
	d.use(deleteFile, path)
	d.use(writeFile, path, v)
}

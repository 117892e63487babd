package llama

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby"
)

// writer turns the pieces of tokens into the text of an answer. It writes whole
// characters and no part of a stop string, and separates calls of tools from the
// text.
type writer struct {
	stops []string
	// open is the tag that begins a call. What follows it goes to calls. With
	// bare, a call is a whole answer, which begins with a brace.
	open string
	bare bool
	// read finds the calls in a text that began like one. Nil means that there
	// are no tools.
	read func(text string) []hobby.ToolCall

	text    strings.Builder // final text
	calls   strings.Builder
	pending string // may be a part of a stop string, a tag or a character
	calling bool
	found   []hobby.ToolCall
}

// add takes a token's bytes and returns the text that they complete. done says
// that a stop string has come. Of several stop strings the first complete one
// counts, however the text is cut into tokens.
func (w *writer) add(piece string) (delta string, done bool) {
	if w.bare && w.text.Len() == 0 && strings.HasPrefix(w.pending+piece, "{") {
		w.calling = true
	}
	if w.calling {
		w.calls.WriteString(piece)
		return "", false
	}
	w.pending += piece
	begin, end := -1, 0
	for mark := range w.marks() {
		i := strings.Index(w.pending, mark)
		if n := i + len(mark); i >= 0 && (begin < 0 || n < end || n == end && i < begin) {
			begin, end, w.calling = i, n, mark == w.open && !slices.Contains(w.stops, mark)
		}
	}
	if begin < 0 {
		return w.tell(len(w.pending) - w.held()), false
	}
	if w.calling {
		w.calls.WriteString(w.pending[begin:])
	}
	w.pending = w.pending[:begin]
	return w.tell(begin), !w.calling
}

// marks are the stop strings and the tag, none of them empty.
func (w *writer) marks() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range w.stops {
			if s != "" && !yield(s) {
				return
			}
		}
		if w.open != "" {
			yield(w.open)
		}
	}
}

// held returns how many of the pending bytes may be the beginning of a stop
// string, of a tag or of a character.
func (w *writer) held() int {
	most := 0
	for s := range w.marks() {
		for n := min(len(s)-1, len(w.pending)); n > most; n-- {
			if strings.HasSuffix(w.pending, s[:n]) {
				most = n
			}
		}
	}
	told := w.pending[:len(w.pending)-most]
	for n := 1; n <= min(utf8.UTFMax-1, len(told)); n++ {
		if b := told[len(told)-n]; utf8.RuneStart(b) {
			if !utf8.FullRuneInString(told[len(told)-n:]) {
				most += n
			}
			break
		}
	}
	return most
}

// end returns all pending text, including text that began like a call and is
// none.
func (w *writer) end() string {
	if raw := w.calls.String(); raw != "" && w.read != nil {
		if w.found = w.read(strings.ToValidUTF8(raw, string(utf8.RuneError))); len(w.found) == 0 {
			w.pending += raw
		}
	}
	return w.tell(len(w.pending))
}

func (w *writer) tell(n int) string {
	delta := strings.ToValidUTF8(w.pending[:n], string(utf8.RuneError))
	w.pending = w.pending[n:]
	w.text.WriteString(delta)
	return delta
}

package llama

import (
	"strings"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby"
)

// writer turns the pieces of tokens into the text of an answer: whole characters,
// nothing of a stop string, and calls of tools apart.
type writer struct {
	stops []string
	// open is the tag that begins a call; what follows it goes to calls. With
	// bare, a call is a whole answer, which begins with a brace.
	open string
	bare bool
	// read finds the calls in what began as one; nil when there are none to find.
	read func(text string) []hobby.ToolCall

	text    strings.Builder // what may be told
	calls   strings.Builder
	pending string // not yet text: it may be a part of something
	calling bool
	found   []hobby.ToolCall
}

// add takes a token's bytes and returns what of the text they complete. done
// says that a stop string has come.
func (w *writer) add(piece string) (delta string, done bool) {
	if w.bare && w.text.Len() == 0 && strings.HasPrefix(w.pending+piece, "{") {
		w.calling = true
	}
	if w.calling {
		w.calls.WriteString(piece)
		return "", false
	}
	w.pending += piece
	cut := -1
	for _, stop := range w.stops {
		if i := strings.Index(w.pending, stop); stop != "" && i >= 0 && (cut < 0 || i < cut) {
			cut, done = i, true
		}
	}
	if w.open != "" {
		if i := strings.Index(w.pending, w.open); i >= 0 && (cut < 0 || i < cut) {
			w.calls.WriteString(w.pending[i:])
			cut, done, w.calling = i, false, true
		}
	}
	if cut >= 0 {
		w.pending = w.pending[:cut]
		return w.tell(cut), done
	}
	n := len(w.pending) - w.held()
	return w.tell(n), false
}

// held is how many of the pending bytes may be the beginning of a stop string, of
// a tag or of a character.
func (w *writer) held() int {
	most := 0
	for _, s := range append(w.stops, w.open) {
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

// end tells all that is pending: nothing more comes. What began as a call and is
// none, or was cut before the first was complete, is text too.
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

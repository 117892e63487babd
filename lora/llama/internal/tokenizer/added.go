package tokenizer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is a token that is searched in the text before any other step.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no word goes on
	LStrip     bool   `json:"lstrip"`      // takes the spaces before it
	RStrip     bool   `json:"rstrip"`      // takes the spaces after it
	Normalized bool   `json:"normalized"`  // is looked for after spaces are marked
	Special    bool   `json:"special"`
}

// added are the added tokens, by the stage at which they are searched.
type added struct {
	raw, marked finder
	ids         map[string]int
}

func newAdded(tokens []addedToken, s spaces) *added {
	a := &added{ids: map[string]int{}}
	for _, t := range tokens {
		if t.Content == "" {
			continue
		}
		a.ids[t.Content] = t.ID
		if t.Normalized && s.marked {
			a.marked.add(s.mark(t.Content, true), t)
		} else {
			a.raw.add(t.Content, t)
		}
	}
	return a
}

func (a *added) find(text string) (int, bool) {
	id, ok := a.ids[text]
	return id, ok
}

// finder finds, at each place of a text, the longest token that begins there.
type finder struct {
	tokens map[string]addedToken
	// lengths are those of the tokens that begin with one or two bytes, the
	// longest first.
	lengths map[string][]int
	first   [256]bool // the bytes that tokens begin with
}

func (f *finder) add(text string, token addedToken) {
	if f.tokens == nil {
		f.tokens, f.lengths = map[string]addedToken{}, map[string][]int{}
	}
	f.tokens[text] = token
	f.first[text[0]] = true
	start := text[:min(2, len(text))]
	lengths := f.lengths[start]
	if i, found := slices.BinarySearchFunc(lengths, len(text), func(a, b int) int { return b - a }); !found {
		f.lengths[start] = slices.Insert(lengths, i, len(text))
	}
}

// match returns the longest token that text begins with, and its length, or 0 for
// none.
func (f *finder) match(text string) (token addedToken, n int) {
	for k := min(2, len(text)); k > 0; k-- {
		for _, n := range f.lengths[text[:k]] {
			if n <= len(text) {
				if token, ok := f.tokens[text[:n]]; ok {
					return token, n
				}
			}
		}
	}
	return addedToken{}, 0
}

// cut calls each for the tokens in text and for the parts between them, with the
// token's ID or -1, and the place.
func (f *finder) cut(text string, special bool, each func(part string, id, at int)) {
	done := 0
	for i := 0; i < len(text) && len(f.tokens) > 0; {
		if !f.first[text[i]] {
			i++
			continue
		}
		token, n := f.match(text[i:])
		if n == 0 {
			i++
			continue
		}
		start, end := i, i+n
		i = end
		if token.Special && !special || token.SingleWord && inWord(text, start, end) {
			continue
		}
		if token.LStrip {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if token.RStrip {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		if start < done { // within the spaces that the last token took
			continue
		}
		if done < start {
			each(text[done:start], -1, done)
		}
		each(text[start:end], token.ID, start)
		done = end
		i = max(i, end)
	}
	if done < len(text) {
		each(text[done:], -1, done)
	}
}

// inWord reports whether a word goes on before start or after end.
func inWord(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return start > 0 && wordRune(before) || end < len(text) && wordRune(after)
}

// wordRune is \w, as Unicode's technical standard 18 defines it.
func wordRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc,
		unicode.Other_Alphabetic, unicode.Join_Control, newLetters, newNumbers)
}

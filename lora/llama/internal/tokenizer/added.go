package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is a token that is looked for in the text before any other step.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no word goes on
	LStrip     bool   `json:"lstrip"`      // takes the spaces before it
	RStrip     bool   `json:"rstrip"`      // takes the spaces after it
	Normalized bool   `json:"normalized"`  // is looked for after spaces are marked
	Special    bool   `json:"special"`
}

// added are the added tokens, by the stage at which they are looked for.
type added struct {
	raw, marked trie
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

// trie finds, at each place of a text, the longest token that begins there.
type trie struct {
	nodes []node
	first [256]bool // the bytes that tokens begin with
}

type node struct {
	next  map[byte]int
	token *addedToken
}

func (t *trie) add(text string, token addedToken) {
	if len(t.nodes) == 0 {
		t.nodes = make([]node, 1)
	}
	t.first[text[0]] = true
	at := 0
	for i := range len(text) {
		next, ok := t.nodes[at].next[text[i]]
		if !ok {
			next = len(t.nodes)
			if t.nodes[at].next == nil {
				t.nodes[at].next = map[byte]int{}
			}
			t.nodes[at].next[text[i]] = next
			t.nodes = append(t.nodes, node{})
		}
		at = next
	}
	t.nodes[at].token = &token
}

// match returns the longest token at i and where it ends; nil for none.
func (t *trie) match(text string, i int) (token *addedToken, end int) {
	at := 0
	for ; i < len(text); i++ {
		next, ok := t.nodes[at].next[text[i]]
		if !ok {
			break
		}
		at = next
		if found := t.nodes[at].token; found != nil {
			token, end = found, i+1
		}
	}
	return token, end
}

// cut calls each for the tokens in text and for the parts between them, with the
// token's ID, or -1, and the place.
func (t *trie) cut(text string, special bool, each func(part string, id, at int)) {
	done := 0
	for i := 0; i < len(text) && len(t.nodes) > 0; {
		if !t.first[text[i]] {
			i++
			continue
		}
		token, end := t.match(text, i)
		if token == nil {
			i++
			continue
		}
		start := i
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
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}

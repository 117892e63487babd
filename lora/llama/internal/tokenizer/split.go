package tokenizer

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A splitter cuts text, which is UTF-8, into words that together are the text.
type splitter func(text string, word func(string))

// then returns a splitter that splits the words of a by b.
func (a splitter) then(b splitter) splitter {
	if a == nil {
		return b
	}
	return func(text string, word func(string)) {
		a(text, func(w string) { b(w, word) })
	}
}

// class is the class of a character in the splitters' patterns.
type class uint8

const (
	other class = iota
	space
	letter // \p{L}
	number // \p{N}
)

// classes has the classes of the basic multilingual plane: a search in Unicode's
// ranges for every character of a Chinese text is slow.
var classes = sync.OnceValue(func() *[1 << 16]class {
	var t [1 << 16]class
	for r := range t {
		t[r] = find(rune(r))
	}
	return &t
})

func find(r rune) class {
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.IsLetter(r), unicode.Is(newLetters, r):
		return letter
	case unicode.IsNumber(r), unicode.Is(newNumbers, r):
		return number
	}
	return other
}

// scanner reads the classes of a text's characters.
type scanner struct {
	text  string
	table *[1 << 16]class
}

// at is the class and the size of the character at i; size 0 at the end.
func (s *scanner) at(i int) (class, int) {
	if i >= len(s.text) {
		return other, 0
	}
	if c := s.text[i]; c < utf8.RuneSelf {
		return s.table[c], 1
	}
	r, n := utf8.DecodeRuneInString(s.text[i:])
	if r < 1<<16 {
		return s.table[r], n
	}
	return find(r), n
}

// run is where the characters of class c that begin at i end.
func (s *scanner) run(i int, c class) int {
	for {
		got, n := s.at(i)
		if n == 0 || got != c {
			return i
		}
		i += n
	}
}

// byPattern splits with a function that tells where the word at i ends.
func byPattern(end func(s *scanner, i int) int) splitter {
	return func(text string, word func(string)) {
		s := scanner{text, classes()}
		for i := 0; i < len(text); {
			j := end(&s, i)
			word(text[i:j])
			i = j
		}
	}
}

// The patterns as tokenizer.json and others write them.
const (
	gpt2Pattern   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	llama3Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// gpt2 is the end of gpt2Pattern's match at i.
func gpt2(s *scanner, i int) int {
	if s.text[i] == '\'' {
		if n := contraction(s.text[i+1:]); n > 0 {
			return i + 1 + n
		}
	}
	j := i
	if s.text[i] == ' ' {
		j++
	}
	if c, n := s.at(j); n > 0 && c != space {
		return s.run(j+n, c)
	}
	return blanks(s, i)
}

// llama3 is the end of llama3Pattern's match at i.
func llama3(s *scanner, i int) int {
	if s.text[i] == '\'' {
		if n := foldedContraction(s.text[i+1:]); n > 0 {
			return i + 1 + n
		}
	}
	c, n := s.at(i)
	first := s.text[i]
	switch {
	case c == letter:
		return s.run(i+n, letter)
	case c == number:
		return digits(s, i+n)
	case first != '\r' && first != '\n':
		if next, m := s.at(i + n); m > 0 && next == letter {
			return s.run(i+n+m, letter)
		}
	}
	j := i
	if first == ' ' {
		j++
	}
	if c, n := s.at(j); n > 0 && c == other {
		j = s.run(j+n, other)
		for j < len(s.text) && (s.text[j] == '\r' || s.text[j] == '\n') {
			j++
		}
		return j
	}
	if k := strings.LastIndexAny(s.text[i:s.run(i, space)], "\r\n"); k >= 0 {
		return i + k + 1
	}
	return blanks(s, i)
}

// digits ends a number of at most three digits, one of which is before i.
func digits(s *scanner, i int) int {
	for range 2 {
		c, n := s.at(i)
		if n == 0 || c != number {
			break
		}
		i += n
	}
	return i
}

// blanks ends a run of spaces. When a word follows, it ends before the last
// space, which belongs to the word.
func blanks(s *scanner, i int) int {
	end := s.run(i, space)
	if end == len(s.text) {
		return end
	}
	_, n := utf8.DecodeLastRuneInString(s.text[:end])
	if end-n > i {
		return end - n
	}
	return end
}

// contraction is the length of the English ending that s, which follows an
// apostrophe, begins with; 0 for none.
func contraction(s string) int {
	for _, e := range [...]string{"s", "t", "re", "ve", "m", "ll", "d"} {
		if strings.HasPrefix(s, e) {
			return len(e)
		}
	}
	return 0
}

// foldedContraction is contraction in any case.
func foldedContraction(s string) int {
	if n := len("ſ"); strings.HasPrefix(s, "ſ") { // folds to s
		return n
	}
	var low [2]byte
	n := min(len(s), 2)
	for i := range n {
		low[i] = s[i]
		if low[i] >= 'A' && low[i] <= 'Z' {
			low[i] += 'a' - 'A'
		}
	}
	return contraction(string(low[:n]))
}

// eachDigit makes a word of every number character.
func eachDigit(text string, word func(string)) {
	s := scanner{text, classes()}
	start := 0
	for i := 0; i < len(text); {
		c, n := s.at(i)
		if c == number {
			if start < i {
				word(text[start:i])
			}
			word(text[i : i+n])
			start = i + n
		}
		i += n
	}
	if start < len(text) {
		word(text[start:])
	}
}

// digitRuns makes a word of every run of number characters.
func digitRuns(text string, word func(string)) {
	s := scanner{text, classes()}
	for i := 0; i < len(text); {
		c, n := s.at(i)
		j := i + n
		for j < len(text) {
			next, n := s.at(j)
			if (next == number) != (c == number) {
				break
			}
			j += n
		}
		word(text[i:j])
		i = j
	}
}

// whole is text as one word.
func whole(text string, word func(string)) {
	if text != "" {
		word(text)
	}
}

// beforeRuns cuts before each run of spaces. It changes no result for
// vocabularies without a token that has a space after something else, because no
// merge crosses the cuts.
func beforeRuns(text string, word func(string)) {
	start := 0
	for i := 1; i < len(text); i++ {
		if text[i] == ' ' && text[i-1] != ' ' {
			word(text[start:i])
			start = i
		}
	}
	whole(text[start:], word)
}

// beforeSpaces cuts before each space.
func beforeSpaces(text string, word func(string)) {
	start := 0
	for i := 1; i < len(text); i++ {
		if text[i] == ' ' {
			word(text[start:i])
			start = i
		}
	}
	whole(text[start:], word)
}

// withSpace puts a space before text that begins with none.
func withSpace(text string, word func(string)) {
	if text != "" && text[0] != ' ' {
		text = " " + text
	}
	whole(text, word)
}

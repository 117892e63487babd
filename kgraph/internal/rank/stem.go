package rank

import (
	"slices"
	"strings"
)

// porter takes the endings off an English word in lower case, by Porter's second algorithm
// (Porter 2001, "English" of Snowball), so that "connects", "connected" and "connection" are
// the same. A word with other letters or with digits stays as it is.
func porter(word string) string {
	if len(word) < 3 || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return word
	}
	if s, ok := irregular[word]; ok {
		return s
	}
	w := newStem(word)
	w.plural()
	if slices.Contains(finished, w.text) {
		return w.text
	}
	w.past()
	w.finalY()
	w.replace(doubles, w.r1)
	w.replace(singles, w.r1)
	w.replace(bare, w.r2)
	w.last()
	return strings.ToLower(w.text)
}

var (
	irregular = map[string]string{
		"skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl", "ugly": "ugli",
		"early": "earli", "only": "onli", "singly": "singl", "sky": "sky", "news": "news", "howe": "howe", "atlas": "atlas",
		"cosmos": "cosmos", "bias": "bias", "andes": "andes",
	}
	finished = []string{"inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"}
	// begun are beginnings behind which endings begin at once.
	begun = []string{"gener", "commun", "arsen"}
)

// ending is one that is replaced; the longest that a word has decides.
type ending struct {
	is, by string
	// after are the letters of which one must stand before it; "" for any.
	after string
	// second says that it must be in the second region.
	second bool
}

// The endings of three steps, longer ones before those that end them.
var (
	doubles = []ending{
		{is: "ational", by: "ate"}, {is: "tional", by: "tion"}, {is: "enci", by: "ence"}, {is: "anci", by: "ance"}, {is: "abli", by: "able"},
		{is: "entli", by: "ent"}, {is: "ization", by: "ize"}, {is: "izer", by: "ize"}, {is: "ation", by: "ate"}, {is: "ator", by: "ate"},
		{is: "alism", by: "al"}, {is: "aliti", by: "al"}, {is: "alli", by: "al"}, {is: "fulness", by: "ful"}, {is: "ousness", by: "ous"},
		{is: "ousli", by: "ous"}, {is: "iveness", by: "ive"}, {is: "iviti", by: "ive"}, {is: "biliti", by: "ble"}, {is: "bli", by: "ble"},
		{is: "ogi", by: "og", after: "l"}, {is: "fulli", by: "ful"}, {is: "lessli", by: "less"}, {is: "li", after: "cdeghkmnrt"},
	}
	singles = []ending{
		{is: "ational", by: "ate"}, {is: "tional", by: "tion"}, {is: "alize", by: "al"}, {is: "icate", by: "ic"}, {is: "iciti", by: "ic"},
		{is: "ical", by: "ic"}, {is: "ful"}, {is: "ness"}, {is: "ative", second: true},
	}
	bare = []ending{
		{is: "ement"}, {is: "ance"}, {is: "ence"}, {is: "able"}, {is: "ible"}, {is: "ment"}, {is: "ant"}, {is: "ent"}, {is: "ism"},
		{is: "ate"}, {is: "iti"}, {is: "ous"}, {is: "ive"}, {is: "ize"}, {is: "ion", after: "st"}, {is: "al"}, {is: "er"}, {is: "ic"},
	}
)

// stemming is a word of which endings are taken. A y that is no vowel is a Y.
type stemming struct {
	text string
	// r1 and r2 are where the regions begin in which endings are: behind the first
	// consonant that follows a vowel, and the same once more.
	r1, r2 int
}

func newStem(word string) *stemming {
	b := []byte(word)
	for i := range b {
		if b[i] == 'y' && (i == 0 || vowel(b[i-1])) {
			b[i] = 'Y'
		}
	}
	w := &stemming{text: string(b)}
	w.r1 = w.region(0)
	for _, p := range begun {
		if strings.HasPrefix(word, p) {
			w.r1 = len(p)
		}
	}
	w.r2 = w.region(w.r1)
	return w
}

func vowel(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }

func hasVowel(s string) bool { return strings.ContainsAny(s, "aeiouy") }

func (w *stemming) region(from int) int {
	for i := from + 1; i < len(w.text); i++ {
		if !vowel(w.text[i]) && vowel(w.text[i-1]) {
			return i + 1
		}
	}
	return len(w.text)
}

// short reports whether a text ends in a short syllable: "rap", "bed", "at".
func short(s string) bool {
	n := len(s)
	if n == 2 {
		return vowel(s[0]) && !vowel(s[1])
	}
	return n > 2 && !vowel(s[n-1]) && !strings.ContainsRune("wxY", rune(s[n-1])) && vowel(s[n-2]) && !vowel(s[n-3])
}

// plural takes an s off.
func (w *stemming) plural() {
	s := w.text
	switch n := len(s); {
	case strings.HasSuffix(s, "sses"):
		w.text = s[:n-2]
	case strings.HasSuffix(s, "ied") || strings.HasSuffix(s, "ies"):
		w.text = s[:n-1-int(min(1, max(0, n-4)))] // "tie", "cri"
	case strings.HasSuffix(s, "us") || strings.HasSuffix(s, "ss"):
	case strings.HasSuffix(s, "s") && hasVowel(s[:n-2]):
		w.text = s[:n-1]
	}
}

// past takes off what makes a verb a participle.
func (w *stemming) past() {
	for _, e := range []string{"eedly", "eed"} {
		if s, ok := strings.CutSuffix(w.text, e); ok {
			if len(s) >= w.r1 {
				w.text = s + "ee"
			}
			return
		}
	}
	for _, e := range []string{"ingly", "edly", "ing", "ed"} {
		s, ok := strings.CutSuffix(w.text, e)
		if !ok {
			continue
		}
		if !hasVowel(s) {
			return
		}
		switch n := len(s); {
		case strings.HasSuffix(s, "at"), strings.HasSuffix(s, "bl"), strings.HasSuffix(s, "iz"), short(s) && w.r1 >= n:
			s += "e"
		case n > 1 && s[n-1] == s[n-2] && strings.IndexByte("bdfgmnprt", s[n-1]) >= 0:
			s = s[:n-1]
		}
		w.text = s
		return
	}
}

// finalY makes an i of a y behind a consonant.
func (w *stemming) finalY() {
	if n := len(w.text); n > 2 && (w.text[n-1] == 'y' || w.text[n-1] == 'Y') && !vowel(w.text[n-2]) {
		w.text = w.text[:n-1] + "i"
	}
}

func (w *stemming) replace(endings []ending, from int) {
	for _, e := range endings {
		s, ok := strings.CutSuffix(w.text, e.is)
		if !ok {
			continue
		}
		if e.second {
			from = w.r2
		}
		if len(s) >= from && (e.after == "" || s != "" && strings.IndexByte(e.after, s[len(s)-1]) >= 0) {
			w.text = s + e.by
		}
		return
	}
}

// last takes off an e, and one l of two.
func (w *stemming) last() {
	if s, ok := strings.CutSuffix(w.text, "e"); ok {
		if len(s) >= w.r2 || len(s) >= w.r1 && !short(s) {
			w.text = s
		}
	} else if s, ok := strings.CutSuffix(w.text, "l"); ok && len(s) >= w.r2 && strings.HasSuffix(s, "l") {
		w.text = s
	}
}

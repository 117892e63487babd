package practice

import (
	"regexp"
	"strconv"
	"strings"
)

// sentence is where one ends.
var sentence = regexp.MustCompile(`[.!?。]["'”)*]*\s+|\n+`)

// open ends what belongs to what comes next: a colon, the number of an item, a sign, and
// words such as "ca" that are short for "about". Behind a number "min" is minutes.
var open = regexp.MustCompile(`(?:^|\n)\s*[0-9]+$|:[*_ ]*$|[=<>≠≈~]$|(?:^|[^\pL])(?:ca|approx|est|max|cf)$|` +
	`(?:^|[^\pL\pN\s]|[^\pN\s*_$]\s+)min$|^\W*(?:\pL+\s+)?c$`)

// sentences are the sentences of a text.
func sentences(s string) (all []string) {
	from := 0
	for _, at := range sentence.FindAllStringIndex(s, -1) {
		if open.MatchString(end(s[from:at[0]])) || numbered(s[from:at[0]]) {
			continue
		}
		if part := strings.TrimSpace(s[from:at[1]]); part != "" {
			all = append(all, part)
		}
		from = at[1]
	}
	if part := strings.TrimSpace(s[from:]); part != "" {
		all = append(all, part)
	}
	return all
}

// end is a text's last bytes, behind a letter where they are not all of it.
func end(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return "x" + s[len(s)-most:]
}

// items is a text that begins as an item of a list does, and ends with a number.
var items = regexp.MustCompile(`(?:^|\n)\W*([0-9]{1,3})[.)]\s[^\n]*\s([0-9]{1,3})$`)

// numbered reports whether a text is an item of a list and the number of the next one.
func numbered(s string) bool {
	m := items.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	this, err1 := strconv.Atoi(m[1])
	next, err2 := strconv.Atoi(m[2])
	return err1 == nil && err2 == nil && next == this+1
}

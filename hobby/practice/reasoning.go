package practice

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/regular"
)

// ordering asks puzzles with one solution: who is taller than whom.
var ordering = family{
	hobby.Family{Name: "ordering", Levels: 4, Guess: 0.05},
	func(r *rand.Rand, level int) Task {
		people := some(r, level+3, names) // tallest first
		var clues []string
		for i := 1; i < len(people); i++ {
			if r.IntN(2) == 0 {
				clues = append(clues, people[i-1]+" is taller than "+people[i]+".")
			} else {
				clues = append(clues, people[i]+" is shorter than "+people[i-1]+".")
			}
		}
		r.Shuffle(len(clues), func(i, j int) { clues[i], clues[j] = clues[j], clues[i] })
		given := strings.Join(clues, " ")
		return listed(given, given+" List everybody from tallest to shortest. Answer with the names separated by commas.",
			people, tallest...)
	},
}

// tallest are the phrases for a list that begins with the tallest.
var tallest = []string{
	"[the] [final|correct] (order|ordering|list|ranking) [[is] from [the] tallest to [the] shortest]",
	"[from] [the] tallest to [the] shortest", "tallest first",
	"[in] order from [the] tallest to [the] shortest", "everybody from tallest to shortest", "from tallest to shortest, " +
		"[the order is|they are|we have][:] …",
	"[the] (people|names) from [the] tallest to [the] shortest",
}

// part is a piece of a pattern: its name, how often it comes, and what it is made
// of.
type part struct {
	name, class, chars string
	low, high          int
}

// patterns asks to write a regular expression from a description. The answer
// passes when it matches the same texts as the key. Package regular decides that
// for all texts.
//
// Version 1 tried the answer on some texts, which had only the key's characters,
// and did not say which letters it meant.
var patterns = family{
	hobby.Family{Name: "patterns", Version: 2, Levels: 3},
	func(r *rand.Rand, level int) Task {
		classes := []part{
			{name: "digits from 0 to 9", class: "[0-9]", chars: "0123456789"},
			{name: "lower-case letters from a to z", class: "[a-z]", chars: "abcdefghijklmnopqrstuvwxyz"},
			{name: "upper-case letters from A to Z", class: "[A-Z]", chars: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
			{name: "characters, each x or y", class: "[xy]", chars: "xy"},
			{name: "digits from 0 to 4", class: "[0-4]", chars: "01234"},
		}
		var parts []part
		var say []string
		last := -1
		for range level + 1 {
			i := r.IntN(len(classes))
			for i == last {
				i = r.IntN(len(classes))
			}
			last = i
			p := classes[i]
			p.low = between(r, 2, 9)
			count := strconv.Itoa(p.low)
			if p.high = p.low; level > 1 && r.IntN(2) == 0 {
				p.high = p.low + between(r, 1, 4)
				count += " to " + strconv.Itoa(p.high)
			}
			say = append(say, count+" "+p.name)
			parts = append(parts, p)
		}
		sep := ""
		if level == 3 {
			sep = pick(r, []string{"-", ":", "#", "/"})
			say[len(parts)/2-1] += ", then the character " + strconv.Quote(sep)
		}
		reference := expression(parts, sep)
		description := strings.Join(say, ", then ")
		prompt := "Write a regular expression (RE2 syntax) that matches a whole text exactly when it is: " + description +
			". For example, it matches " + sample(r, parts, sep) + ". Answer with the expression only."
		return ask(description, prompt, reference, "regexp", func(a string) Verdict {
			return Read(a, aPattern, func(a string) Verdict { return matches(a, reference) })
		})
	},
}

// aPattern are the phrases for patterns.
var aPattern = SayCode("[the|a] [RE2] (regular expression|regex|pattern|expression) [(that matches|for) this [description]]", "use …")

// sample returns a text that fits the parts.
func sample(r *rand.Rand, parts []part, sep string) string {
	var b strings.Builder
	for i, p := range parts {
		if i == len(parts)/2 {
			b.WriteString(sep)
		}
		for range between(r, p.low, p.high) {
			b.WriteByte(p.chars[r.IntN(len(p.chars))])
		}
	}
	return b.String()
}

// expression returns the pattern of parts, with a separator in the middle.
func expression(parts []part, sep string) string {
	s := ""
	for i, p := range parts {
		if sep != "" && i == len(parts)/2 {
			s += regexp.QuoteMeta(sep)
		}
		s += fmt.Sprintf("%s{%d,%d}", p.class, p.low, p.high)
	}
	return s
}

// maxPattern is the length of the longest expression that is compared, in bytes.
const maxPattern = 256

// marked is an expression in backticks, bold or quotes. A full stop may follow these;
// one after a bare expression is of the expression.
var marked = regexp.MustCompile("^(?:`([^`]+)`|\\*\\*([^*]+)\\*\\*|\"([^\"]+)\")\\.?$")

// matches compares an expression with the key.
func matches(answer, key string) Verdict {
	s := strings.TrimSpace(answer)
	if m := fenced.FindStringSubmatch(s); m != nil {
		s = strings.TrimSpace(m[1])
	}
	s = strings.TrimPrefix(s, "A: ")
	if inner, ok := between2(s, [2]string{"/^", "$/"}); ok { // as it would match no text
		s = inner
	}
	if m := marked.FindStringSubmatch(s); m != nil {
		s = m[1] + m[2] + m[3]
	}
	if s == "" || len(s) > maxPattern {
		return Fail("empty, or more than the answer")
	}
	if strings.ContainsAny(s, " \n") { // words with an expression in them may be one, too: "it is $|[0-9]|"
		return Fail("not an expression alone")
	}
	if !strings.ContainsAny(s, `[\(+*?{|`) {
		return Fail("not an expression of more than one text")
	}
	same, witness, err := regular.Compare(key, s)
	switch {
	case errors.Is(err, regular.ErrTooLarge):
		return Fail("an expression that is too large to be compared with the key")
	case err != nil:
		return Fail("not a regular expression")
	case same:
		return Pass()
	case regexp.MustCompile(`^(?:` + key + `)$`).MatchString(witness):
		return Fail("an expression that misses texts")
	default:
		return Fail("an expression that matches too much")
	}
}

package sqltask

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A query could have a constant that nobody asked for, as in "amount <> 98765": no database
// that is tried has such an order, and on another one the query is wrong. So each number and
// text of a query must be the question's, 0 or 1, and so must all be that it computes without
// the table.

const (
	// maxComputed bounds what a query computes without the table, maxMade its operations: with
	// more of them it could make any number of those that were asked for.
	maxComputed = 200
	maxMade     = 5
)

var (
	digits = regexp.MustCompile(`[0-9]+`)
	// operations make a number of others, or a text.
	operations = regexp.MustCompile(`^(?:[-+*/%&|~]|<<|>>|\|\|)$`)
	// rowed are the functions whose value is of many rows.
	rowed = set("COUNT SUM TOTAL AVG MIN MAX ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST NTILE LAG LEAD " +
		"FIRST_VALUE LAST_VALUE NTH_VALUE")
	// ordinal are the words that may follow the number of a column in ORDER BY.
	ordinal = set("ASC DESC NULLS COLLATE LIMIT ORDER HAVING ROWS RANGE GROUPS")
	// within are the words of an expression, and selecting those that begin a query.
	within    = set("AND OR NOT IS IN LIKE GLOB ESCAPE BETWEEN CASE WHEN THEN ELSE END ISNULL NOTNULL NULL TRUE FALSE")
	selecting = set("SELECT VALUES WITH")
)

// says tells whether a value is the question's, or one that says nothing.
func (q *question) says(value string) bool {
	if value == "" || strings.EqualFold(value, q.city) && strings.Contains(q.text, q.city) {
		return true
	}
	v, err := strconv.ParseFloat(value, 64)
	return err == nil && q.counts(v)
}

// counts tells whether a number is 0 or 1, or differs from one of the question's by 1 or a half
// at most. It may have another sign.
func (q *question) counts(v float64) bool {
	if v = math.Abs(v); v != math.Trunc(v) && 2*v != math.Trunc(2*v) {
		return false
	}
	return v == 0 || v == 1 || slices.ContainsFunc(digits.FindAllString(q.text, -1), func(s string) bool {
		n, err := strconv.ParseFloat(s, 64)
		return err == nil && math.Abs(v-n) <= 1
	})
}

// place is what an open bracket of a query is about.
type place struct {
	function          string // before the bracket, in capitals
	order, kind, most bool   // behind ORDER BY or GROUP BY, the AS of a CAST, LIMIT or OFFSET
}

// limited tells whether a query has a limit of anything but a digit, with a sign or not. No
// database here has so many rows that each such limit would show.
func limited(tokens []token) bool {
	most := false
	for i, t := range tokens {
		switch k := t.keyword(); {
		case k == "LIMIT", k == "OFFSET":
			most = true
		case t.is(")"):
			most = false
		case most && t.kind == number:
			if v, err := t.value(); err != nil || v > 9 {
				return true
			}
		case most && !t.is(",") && (!t.is("-") || tokens[i-1].ends()):
			return true
		}
	}
	return false
}

// foreign tells whether a query has a number or a text that nobody asked for. The number of a
// column, of a limit, of decimal places or of a type's length is none, and a name is no text.
func (q *question) foreign(tokens []token) bool {
	at := []place{{}}
	made := 0
	for i, t := range tokens {
		here := &at[len(at)-1]
		var before, after token
		if i > 0 {
			before = tokens[i-1]
		}
		if i+1 < len(tokens) {
			after = tokens[i+1]
		}
		switch k := t.keyword(); {
		case t.is("("):
			at = append(at, place{function: before.keyword(), kind: here.kind})
		case t.is(")") && len(at) > 1:
			at = at[:len(at)-1]
		case t.kind == sign && operations.MatchString(t.text) && before.ends():
			made++
		case k == "BY":
			here.order = true
		case k == "AS":
			here.kind = here.function == "CAST"
		case k == "LIMIT", k == "OFFSET":
			here.most, here.order = true, false
		case k == "SELECT", k == "HAVING", k == "ROWS", k == "RANGE", k == "GROUPS":
			here.order = false
		case t.kind == blob:
			return true
		case t.kind == number:
			v, err := t.value()
			column := here.order && (before.keyword() == "BY" || before.is(",")) &&
				(after.text == "" || after.is(",") || after.is(")") || ordinal[after.keyword()])
			places := here.function == "ROUND" && before.is(",") && after.is(")")
			if err != nil || !q.counts(v) && !here.kind && !here.most && !(v <= 9 && (column || places)) {
				return true
			}
		case t.kind == text && !named(before):
			if !q.says(t.unquoted()) {
				return true
			}
		}
	}
	return made > maxMade
}

// named tells whether a text behind a token is a name.
func named(before token) bool {
	k := before.keyword()
	return before.ends() || k == "AS" || k == "FROM" || k == "JOIN" || before.is(".")
}

// computes tells whether a query computes without the table what nobody asked for, as
// "9*abs(9)*abs(9)" does, or makes rows without it, which could be counted. e has no table.
func (q *question) computes(e *engine, tokens []token, steps *int32) bool {
	with := ""
	if tokens[0].keyword() == "WITH" {
		with = joined(tokens[:main(tokens)]) + " "
	}
	tried := map[string]bool{}
	for i := range tokens {
		if i > 0 && tokens[i-1].ends() {
			continue
		}
		for _, end := range constants(tokens[i:]) {
			s := with + "SELECT "
			if tokens[i].is("(") && selecting[tokens[i+1].keyword()] && matching(tokens[i:]) == end-1 {
				s += "* FROM " // all rows
			}
			if s += joined(tokens[i : i+end]); tried[s] {
				continue
			}
			if tried[s] = true; len(tried) > maxComputed {
				return true
			}
			rows, err := e.guarded(s, steps)
			if err != nil && !errors.Is(err, errUnread) || len(rows) > 1 || len(rows) == 1 && !q.saysAll(rows[0]) {
				return true
			}
		}
	}
	return false
}

// saysAll is says of each value of a row.
func (q *question) saysAll(row string) bool {
	for row != "" {
		if rest, null := strings.CutPrefix(row, "NULL|"); null {
			row = rest
			continue
		}
		s, err := strconv.QuotedPrefix(row)
		if err != nil {
			return false
		}
		value, _ := strconv.Unquote(s)
		if !q.says(value) {
			return false
		}
		row = row[len(s)+1:]
	}
	return true
}

// main is where the query begins that follows WITH.
func main(tokens []token) int {
	for i := 0; i < len(tokens); i++ {
		if k := tokens[i].keyword(); k == "SELECT" || k == "VALUES" {
			return i
		}
		if tokens[i].is("(") {
			i += matching(tokens[i:])
		}
	}
	return len(tokens)
}

// matching is where the bracket ends with which tokens begin, the last of them if it does not.
func matching(tokens []token) int {
	depth := 0
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	return len(tokens) - 1
}

// constants are the ends of the expressions of more than a token with which tokens begin, and
// which may need no table: they have no name and no function of many rows but in brackets.
func constants(tokens []token) (ends []int) {
	for i := 0; i < len(tokens); i++ {
		t, k := tokens[i], tokens[i].keyword()
		calls := i+1 < len(tokens) && tokens[i+1].is("(")
		switch {
		case t.is("("):
			i += matching(tokens[i:])
		case k == "COLLATE":
			i = min(i+1, len(tokens)-1)
		case t.is(")"), t.is(","), t.is("."), t.kind == name, rowed[k] && calls, t.kind == word && !within[k] && !calls:
			return ends
		}
		if i > 0 && tokens[i].ends() {
			ends = append(ends, i+1)
		}
	}
	return ends
}

// cited is a query in which the question's city stands in single quotes where a text in double
// ones, which SQLite reads as a name here, can only be meant as it.
func (q *question) cited(tokens []token) []token {
	tokens = slices.Clone(tokens)
	for i, t := range tokens {
		if t.kind == name && t.unquoted() == q.city && (i == 0 || !named(tokens[i-1])) {
			tokens[i] = token{text, quoted(q.city)}
		}
	}
	return tokens
}

// smallest is the number that stands for a large one of a question. All that a few operations
// make of it are numbers of orders, of rows, or of letters that some database has.
const smallest = 4

// small is a question with a small number in place of a large one, if it has one. A
// query in which the number stands for something else, as in "(SELECT count(*) FROM orders) <
// 330", is wrong for it.
func (q *question) small() *question {
	large := strconv.Itoa(q.limit)
	if !slices.Contains(digits.FindAllString(q.text, -1), large) {
		return q
	}
	shrunk := func(s string) string { return strings.ReplaceAll(s, large, strconv.Itoa(smallest)) }
	small := *q
	small.limit, small.text, small.queries = smallest, shrunk(q.text), nil
	for _, query := range q.queries {
		small.queries = append(small.queries, shrunk(query))
	}
	return &small
}

// smaller is a query with the small number in place of the large one. One that is by up to 1
// larger or smaller stays so.
func (q *question) smaller(tokens []token) []token {
	tokens = slices.Clone(tokens)
	for i, t := range tokens {
		if t.kind != number && (t.kind != text || i > 0 && named(tokens[i-1])) {
			continue
		}
		if v, err := t.value(); err == nil && math.Abs(math.Abs(v)-float64(q.limit)) <= 1 {
			less := v - math.Copysign(float64(q.limit-smallest), v)
			tokens[i].text = strconv.FormatFloat(less, 'f', -1, 64)
			if t.kind == text {
				tokens[i].text = quoted(tokens[i].text)
			}
		}
	}
	return tokens
}

package sqltask

import (
	"regexp"
	"strconv"
	"strings"
)

// kind is the kind of a token.
type kind int

const (
	blob   kind = iota // bytes, as in x'41'
	word               // a keyword, or a name without quotes
	name               // a name in quotes
	text               // in single quotes
	number             // without a sign
	sign               // an operator or a mark
)

// token is a token of a query as SQLite reads it.
type token struct {
	kind kind
	text string
}

// lexemes are SQLite's tokens: space, comments, and a group for each kind. A number goes on to
// the last letter behind it, and is none then.
var lexemes = regexp.MustCompile(`(?s)([ \t\n\f\r\x{FEFF}]+)|(--[^\n]*|/\*.*?(?:\*/|$))|([xX]'[^']*')|` +
	`([A-Za-z_\x{80}-\x{10FFFF}][0-9A-Za-z_$\x{80}-\x{10FFFF}]*)|` +
	`("(?:[^"]|"")*"|` + "`(?:[^`]|``)*`" + `|\[[^\]]*\])|('(?:[^']|'')*')|` +
	`((?:0[xX][0-9a-fA-F]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?)[0-9A-Za-z_$\x{80}-\x{10FFFF}]*)|` +
	`(<<|>>|\|\||<=|>=|<>|!=|==|->>?|.)`)

// scan reads a query. What it says in comments is kept apart.
func scan(query string) (tokens []token, comments []string) {
	for _, m := range lexemes.FindAllStringSubmatchIndex(query, -1) {
		group := 1
		for m[2*group] < 0 {
			group++
		}
		switch s := query[m[0]:m[1]]; group {
		case 1:
		case 2:
			comments = append(comments, s)
		default:
			tokens = append(tokens, token{kind(group - 3), s})
		}
	}
	return tokens, comments
}

// joined is a query of tokens.
func joined(tokens []token) string {
	all := make([]string, len(tokens))
	for i, t := range tokens {
		all[i] = t.text
	}
	return strings.Join(all, " ")
}

// keyword is a word in capitals, and "" for what is none.
func (t token) keyword() string {
	if t.kind != word {
		return ""
	}
	return strings.ToUpper(t.text)
}

func (t token) is(mark string) bool { return t.kind == sign && t.text == mark }

// unquoted is what stands in the quotes of a text or a name.
func (t token) unquoted() string {
	quote := t.text[len(t.text)-1:]
	return strings.ReplaceAll(t.text[1:len(t.text)-1], quote+quote, quote)
}

// value is the number that a token is, or that a text has.
func (t token) value() (float64, error) {
	switch {
	case t.kind == text:
		return strconv.ParseFloat(strings.TrimSpace(t.unquoted()), 64)
	case len(t.text) > 2 && strings.ContainsAny(t.text[1:2], "xX"):
		n, err := strconv.ParseUint(strings.ReplaceAll(t.text[2:], "_", ""), 16, 64)
		return float64(int64(n)), err
	default:
		return strconv.ParseFloat(strings.ReplaceAll(t.text, "_", ""), 64)
	}
}

// ends tells whether an operand may end with a token: a sign behind it has two sides, and a
// text behind it is a name.
func (t token) ends() bool {
	return t.kind != sign && t.text != "" && !keywords[t.keyword()] || t.is(")")
}

// keywords are SQLite's that are no operands and end none.
var keywords = set(`
	ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY
	CASCADE CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT DATABASE DEFAULT
	DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS
	EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE
	IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT LIKE
	LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER
	PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME
	REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO
	TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH
	WITHIN WITHOUT`)

// set is the words of a text.
func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(words) {
		all[w] = true
	}
	return all
}

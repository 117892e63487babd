package cypher

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// The bounds of a query's text.
const (
	// MaxText is in bytes.
	MaxText    = 16 << 10
	maxDepth   = 100 // of expressions in each other
	maxPattern = 32  // relationships in all patterns
	maxNodes   = 64  // in all patterns
)

func digitRune(r rune) bool { return unicode.IsDigit(r) }

// reserved are the words that are no names unless they are in backticks.
var reserved = []string{
	"ALL", "AND", "AS", "ASC", "ASCENDING", "BY", "CALL", "CASE", "CONTAINS", "CREATE", "DELETE", "DESC", "DESCENDING", "DETACH", "DISTINCT",
	"DROP", "ENDS", "EXISTS", "EXPLAIN", "FALSE", "FOREACH", "IN", "IS", "LIMIT", "LOAD", "MATCH", "MERGE", "NOT", "NULL", "OPTIONAL", "OR",
	"ORDER", "REMOVE", "RETURN", "SET", "SKIP", "STARTS", "TRUE", "UNION", "UNWIND", "WHERE", "WITH", "XOR",
}

// Parse reads a query. An error is a [*SyntaxError].
func Parse(query string) (*Query, error) {
	p := &parser{lexer: lexer{src: query}}
	if len(query) > MaxText {
		p.lexer.src = query[:MaxText]
		return nil, p.lexer.fail(0, "a query of at most "+strconv.Itoa(MaxText)+" bytes", strconv.Itoa(len(query)))
	}
	q, err := p.parse()
	var failed failure
	if errors.As(err, &failed) {
		return nil, failed.error
	}
	return q, err
}

// parser reads by recursive descent. It gives up by a panic with a failure, which parse
// turns into an error.
type parser struct {
	lexer lexer
	token token
	depth int
	rels  int
	nodes int
}

type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

func (p *parser) parse() (q *Query, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			q, err = nil, f
		}
	}()
	p.advance()
	q = p.query()
	p.check(q)
	return q, nil
}

func (p *parser) advance() {
	t, err := p.lexer.next()
	if err != nil {
		panic(failure{err})
	}
	p.token = t
}

// fail says that something else was expected than the token.
func (p *parser) fail(expected string) {
	found := "the end of the query"
	switch p.token.kind {
	case end:
	case text:
		found = "the string " + literal(p.token.text)
	default:
		found = strconv.Quote(p.lexer.src[p.token.begin:p.token.end])
	}
	panic(failure{p.lexer.fail(p.token.begin, expected, found)})
}

func (p *parser) isWord(w string) bool {
	return p.token.kind == word && strings.EqualFold(p.token.text, w)
}
func (p *parser) is(s string) bool { return p.token.kind == symbol && p.token.text == s }

// word takes the next of some words, all of them or none.
func (p *parser) word(words ...string) bool {
	if !p.isWord(words[0]) {
		return false
	}
	p.advance()
	for _, w := range words[1:] {
		if !p.isWord(w) {
			p.fail(w)
		}
		p.advance()
	}
	return true
}

func (p *parser) take(s string) bool {
	if !p.is(s) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) need(s string) {
	if !p.take(s) {
		p.fail(strconv.Quote(s))
	}
}

// name takes an identifier.
func (p *parser) name(what string) string {
	n, ok := p.isName()
	if !ok {
		p.fail(what)
	}
	p.advance()
	return n
}

func (p *parser) isName() (string, bool) {
	switch {
	case p.token.kind == quoted:
		return p.token.text, true
	case p.token.kind == word && !slices.Contains(reserved, strings.ToUpper(p.token.text)):
		return p.token.text, true
	}
	return "", false
}

// key takes a name after a point, a colon or a brace, where no keyword can stand.
func (p *parser) key(what string) string {
	if p.token.kind != word && p.token.kind != quoted {
		p.fail(what)
	}
	n := p.token.text
	p.advance()
	return n
}

func (p *parser) query() *Query {
	q := &Query{Explain: p.word("EXPLAIN")}
	for p.word("MATCH") {
		m := Match{Patterns: []Pattern{p.pattern()}}
		for p.take(",") {
			m.Patterns = append(m.Patterns, p.pattern())
		}
		if p.word("WHERE") {
			m.Where = p.expr()
		}
		q.Matches = append(q.Matches, m)
	}
	if len(q.Matches) == 0 {
		p.fail("MATCH")
	}
	if !p.word("RETURN") {
		p.fail("MATCH, WHERE or RETURN")
	}
	q.Distinct = p.word("DISTINCT")
	if p.take("*") {
		q.Items = p.all(q)
	} else {
		q.Items = []Item{p.item()}
		for p.take(",") {
			q.Items = append(q.Items, p.item())
		}
	}
	if p.word("ORDER", "BY") {
		q.OrderBy = []Sort{p.sort()}
		for p.take(",") {
			q.OrderBy = append(q.OrderBy, p.sort())
		}
	}
	if p.word("SKIP") {
		q.Skip = p.expr()
	}
	if p.word("LIMIT") {
		q.Limit = p.expr()
	}
	p.take(";")
	if p.token.kind != end {
		p.fail("the end of the query")
	}
	return q
}

// all are the items of RETURN *: the variables by name.
func (p *parser) all(q *Query) (items []Item) {
	for _, v := range variables(q) {
		items = append(items, Item{Expr: &Expr{op: opVar, Name: v}, Name: v})
	}
	if len(items) == 0 {
		p.fail("a variable in the patterns of RETURN *")
	}
	return items
}

func variables(q *Query) (names []string) {
	add := func(v string) {
		if v != "" {
			names = append(names, v)
		}
	}
	for _, m := range q.Matches {
		for _, pattern := range m.Patterns {
			add(pattern.Path)
			for _, n := range pattern.Nodes {
				add(n.Var)
			}
			for _, r := range pattern.Rels {
				add(r.Var)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (p *parser) item() Item {
	begin := p.token.begin
	e := p.expr()
	name := strings.TrimSpace(p.lexer.src[begin:p.token.begin])
	as := p.word("AS")
	if as {
		name = p.name("a column's name")
	}
	return Item{e, name, as}
}

func (p *parser) sort() Sort {
	s := Sort{Expr: p.expr()}
	switch {
	case p.word("DESC"), p.word("DESCENDING"):
		s.Desc = true
	case p.word("ASC"), p.word("ASCENDING"):
	}
	return s
}

func (p *parser) pattern() (out Pattern) {
	out.at = p.token.begin
	if n, ok := p.isName(); ok {
		out.Path = n
		p.advance()
		p.need("=")
	}
	out.Nodes = []NodePattern{p.node()}
	for p.is("-") || p.is("<") {
		if p.rels++; p.rels > maxPattern {
			p.fail("at most " + strconv.Itoa(maxPattern) + " relationships")
		}
		out.Rels = append(out.Rels, p.rel())
		out.Nodes = append(out.Nodes, p.node())
	}
	return out
}

func (p *parser) node() (n NodePattern) {
	n.at = p.token.begin
	if p.nodes++; p.nodes > maxNodes {
		p.fail("at most " + strconv.Itoa(maxNodes) + " nodes")
	}
	p.need("(")
	if v, ok := p.isName(); ok {
		n.Var = v
		p.advance()
	}
	if p.take(":") {
		n.Labels = []string{p.key("a label")}
		for p.take("|") {
			n.Labels = append(n.Labels, p.key("a label"))
		}
	}
	if p.is("{") {
		n.Props = p.literalMap()
	}
	if !p.take(")") {
		p.fail(`a variable, a label, properties or ")"`)
	}
	return n
}

func (p *parser) rel() (r RelPattern) {
	r.at = p.token.begin
	left := p.take("<")
	p.need("-")
	r.Min, r.Max = 1, 1
	if p.take("[") {
		if v, ok := p.isName(); ok {
			r.Var = v
			p.advance()
		}
		if p.take(":") {
			r.Types = []string{p.key("a relation")}
			for p.take("|") {
				p.take(":")
				r.Types = append(r.Types, p.key("a relation"))
			}
		}
		if p.take("*") {
			p.length(&r)
		}
		if p.is("{") {
			r.Props = p.literalMap()
		}
		if !p.take("]") {
			p.fail(`a variable, a relation, a length, properties or "]"`)
		}
	}
	p.need("-")
	right := p.take(">")
	switch {
	case left && !right:
		r.Direction = rows.In
	case right && !left:
		r.Direction = rows.Out
	}
	return r
}

func (p *parser) length(r *RelPattern) {
	r.Variable, r.Max = true, unbounded
	number := func() (int, bool) {
		if p.token.kind != integer {
			return 0, false
		}
		n, err := strconv.Atoi(p.token.text)
		if err != nil || n >= unbounded {
			p.fail("a length below 2147483647")
		}
		p.advance()
		return n, true
	}
	n, ok := number()
	if ok {
		r.Min, r.Max = n, n
	}
	if p.take("..") {
		r.Max = unbounded
		if n, ok := number(); ok {
			r.Max = n
		}
	}
}

func (p *parser) literalMap() *Expr {
	e := &Expr{op: opMap, at: p.token.begin}
	p.need("{")
	for !p.is("}") {
		if len(e.Args) > 0 {
			p.need(",")
		}
		key := p.key("a property's name")
		if slices.Contains(e.Keys, key) {
			p.fail("another name than " + key + ", which is there already")
		}
		p.need(":")
		e.Keys = append(e.Keys, key)
		e.Args = append(e.Args, p.expr())
	}
	p.need("}")
	return e
}

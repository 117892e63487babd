package cypher

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// expr reads an expression. From weakest to strongest: OR, XOR, AND, NOT, comparisons,
// + -, * / %, signs, and what follows a value.
func (p *parser) expr() *Expr {
	if p.depth++; p.depth > maxDepth {
		p.fail("at most " + strconv.Itoa(maxDepth) + " expressions in each other")
	}
	defer func() { p.depth-- }()
	return p.or()
}

func (p *parser) binary(next func() *Expr, is func() string) *Expr {
	e := next()
	for n := 0; ; n++ {
		at := p.token.begin
		name := is()
		if name == "" {
			return e
		}
		if n == maxChain {
			p.fail("at most " + strconv.Itoa(maxChain) + " operations in a row")
		}
		e = &Expr{op: opBinary, Name: name, Args: []*Expr{e, next()}, at: at}
	}
}

// maxChain bounds how deep a chain of operations is as a tree.
const maxChain = 500

func (p *parser) words(w string) func() string {
	return func() string {
		if p.word(w) {
			return w
		}
		return ""
	}
}

func (p *parser) signs(all ...string) func() string {
	return func() string {
		for _, s := range all {
			if p.take(s) {
				return s
			}
		}
		return ""
	}
}

func (p *parser) or() *Expr  { return p.binary(p.xor, p.words("OR")) }
func (p *parser) xor() *Expr { return p.binary(p.and, p.words("XOR")) }
func (p *parser) and() *Expr { return p.binary(p.not, p.words("AND")) }

func (p *parser) not() *Expr {
	at := p.token.begin
	odd := false
	for p.word("NOT") {
		odd = !odd
	}
	e := p.comparison()
	if odd {
		e = &Expr{op: opNot, Args: []*Expr{e}, at: at}
	}
	return e
}

// comparison reads a comparison. A chain, a < b < c, means that all of it holds.
func (p *parser) comparison() *Expr {
	e := &Expr{op: opCompare, Args: []*Expr{p.nulls()}}
	for {
		at := p.token.begin
		name := p.comparator()
		if name == "" {
			break
		}
		if len(e.Keys) == maxChain {
			p.fail("at most " + strconv.Itoa(maxChain) + " comparisons in a row")
		}
		if e.Keys == nil {
			e.at = at
		}
		e.Keys, e.Args = append(e.Keys, name), append(e.Args, p.nulls())
	}
	if e.Keys == nil {
		return e.Args[0]
	}
	return e
}

func (p *parser) nulls() *Expr {
	e := p.sum()
	for at := p.token.begin; p.word("IS"); at = p.token.begin {
		e = &Expr{op: opIsNull, Args: []*Expr{e}, at: at}
		if p.word("NOT") {
			e.op = opIsNotNull
		}
		if !p.word("NULL") {
			p.fail("NULL")
		}
		if p.isWord("IS") {
			p.fail("one IS, the next in parentheses")
		}
	}
	return e
}

func (p *parser) comparator() string {
	switch {
	case p.word("IN"):
		return "IN"
	case p.word("CONTAINS"):
		return "CONTAINS"
	case p.word("STARTS", "WITH"):
		return "STARTS WITH"
	case p.word("ENDS", "WITH"):
		return "ENDS WITH"
	}
	return p.signs("=", "<>", "<=", ">=", "<", ">")()
}

func (p *parser) sum() *Expr     { return p.binary(p.product, p.signs("+", "-")) }
func (p *parser) product() *Expr { return p.binary(p.sign, p.signs("*", "/", "%")) }

func (p *parser) sign() *Expr {
	at := p.token.begin
	minus := false
	for {
		switch {
		case p.take("-"):
			minus = !minus
		case p.take("+"):
		default:
			if minus && p.token.kind == integer && p.token.text == "9223372036854775808" {
				p.advance()
				return p.after(&Expr{op: opLiteral, Value: int64(math.MinInt64), at: at})
			}
			e := p.after(p.atom())
			if !minus {
				return e
			}
			if n, ok := e.Value.(int64); ok && e.op == opLiteral {
				return &Expr{op: opLiteral, Value: -n, at: at}
			}
			if f, ok := e.Value.(float64); ok && e.op == opLiteral {
				return &Expr{op: opLiteral, Value: -f, at: at}
			}
			return &Expr{op: opMinus, Args: []*Expr{e}, at: at}
		}
	}
}

// after reads what follows a value: properties, elements and labels.
func (p *parser) after(e *Expr) *Expr {
	for n := 0; ; n++ {
		at := p.token.begin
		if n > maxDepth {
			p.fail("at most " + strconv.Itoa(maxDepth) + " properties of each other")
		}
		switch {
		case p.take("."):
			e = &Expr{op: opProp, Name: p.key("a property's name"), Args: []*Expr{e}, at: at}
		case p.take("["):
			e = &Expr{op: opIndex, Args: []*Expr{e, p.expr()}, at: at}
			p.need("]")
		case e.op == opVar && p.take(":"):
			e = &Expr{op: opLabel, Name: p.key("a label"), Args: []*Expr{e}, at: at}
		default:
			return e
		}
	}
}

func (p *parser) atom() *Expr {
	e := &Expr{at: p.token.begin}
	switch p.token.kind {
	case integer:
		n, err := strconv.ParseInt(p.token.text, 10, 64)
		if err != nil {
			p.fail("a whole number below 2^63")
		}
		e.Value = n
	case float:
		f, err := strconv.ParseFloat(p.token.text, 64)
		if err != nil {
			p.fail("a number below 1.8e308")
		}
		e.Value = f
	case text:
		e.Value = p.token.text
	case parameter:
		e.op, e.Name = opParam, p.token.text
	default:
		return p.compound(e)
	}
	p.advance()
	return e
}

func (p *parser) compound(e *Expr) *Expr {
	switch {
	case p.word("TRUE"):
		e.Value = true
		return e
	case p.word("FALSE"):
		e.Value = false
		return e
	case p.word("NULL"):
		return e
	case p.take("("):
		e = p.expr()
		p.need(")")
		return e
	case p.is("["):
		e.op = opList
		p.advance()
		for !p.is("]") {
			if len(e.Args) > 0 {
				p.need(",")
			}
			e.Args = append(e.Args, p.expr())
		}
		p.advance()
		return e
	case p.is("{"):
		return p.literalMap()
	}
	quotedName := p.token.kind == quoted
	e.op, e.Name = opVar, p.name("an expression")
	if !p.is("(") || quotedName {
		return e
	}
	return p.call(e)
}

func (p *parser) call(e *Expr) *Expr {
	name := strings.ToLower(e.Name)
	f, isFunction := functions[name]
	isAggregate := slices.Contains(aggregates, name)
	if !isFunction && !isAggregate {
		panic(failure{p.lexer.fail(e.at, "a function: "+known(), strconv.Quote(e.Name))})
	}
	p.need("(")
	e.op, e.Name, e.call = opCall, name, f.call
	if isAggregate {
		e.op = opAggregate
		if name == "count" && p.is("*") {
			e.Args = []*Expr{{op: opStar, at: p.token.begin}}
			p.advance()
			p.need(")")
			return e
		}
		e.Distinct = p.word("DISTINCT")
		f.min, f.max = 1, 1
	}
	for !p.is(")") {
		if len(e.Args) > 0 {
			p.need(",")
		}
		e.Args = append(e.Args, p.expr())
	}
	if n := len(e.Args); n < f.min || n > f.max {
		p.fail("as many arguments as " + e.Name + " takes, " + f.count() + ", before this")
	}
	p.need(")")
	return e
}

// aggregates are the functions of a group of rows.
var aggregates = []string{"avg", "collect", "count", "max", "min", "sum"}

func known() string {
	names := slices.Clone(aggregates)
	for n := range functions {
		names = append(names, n)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

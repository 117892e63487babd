package constrain

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// kinds are the types of JSON values. A number with an integral value is integer,
// and any other is fractional.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBool
	kindInteger
	kindFractional
	kindString
	kindArray
	kindObject

	kindNumber = kindInteger | kindFractional
	kindAny    = kindObject<<1 - 1
)

var kindNames = map[string]kinds{
	"null": kindNull, "boolean": kindBool, "integer": kindInteger, "number": kindNumber,
	"string": kindString, "array": kindArray, "object": kindObject,
}

// Schema compiles a JSON Schema.
func Schema(raw []byte, v *Vocab) (*Grammar, error) {
	c := newCompiler(v)
	root, err := c.schema(raw)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return c.grammar(root)
}

// compiler turns schemas into values.
type compiler struct {
	vocab    *Vocab
	doc      any               // the schema being compiled
	at       map[string]*value // compiled, by place
	all      []*value
	literals int
	oneOf    []func() error // checks to make when all is known
	anything *value
}

func newCompiler(v *Vocab) *compiler { return &compiler{vocab: v} }

func (c *compiler) schema(raw []byte) (*value, error) {
	doc, err := parse(raw)
	if err != nil {
		return nil, err
	}
	c.doc, c.at = doc, map[string]*value{}
	return c.compile(doc, "#")
}

// grammar finishes the compilation.
func (c *compiler) grammar(root *value) (*Grammar, error) {
	if err := settle(c.all); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	for _, check := range c.oneOf {
		if err := check(); err != nil {
			return nil, fmt.Errorf("schema: %w", err)
		}
	}
	if root.need >= never {
		return nil, fmt.Errorf("schema: %w", errUnwritable)
	}
	return &Grammar{newMachine(root, c.vocab)}, nil
}

func (c *compiler) add(v *value) *value {
	c.all = append(c.all, v)
	return v
}

// annotations are the keywords that do not decide which values match.
var annotations = []string{
	"$schema", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
	"format", "readOnly", "writeOnly", "deprecated", "contentMediaType", "contentEncoding",
}

// speaks has the types whose values a keyword restricts.
var speaks = map[string]kinds{
	"properties": kindObject, "required": kindObject, "additionalProperties": kindObject,
	"items": kindArray, "prefixItems": kindArray, "minItems": kindArray, "maxItems": kindArray,
	"minLength": kindString, "maxLength": kindString, "pattern": kindString,
	"minimum": kindNumber, "maximum": kindNumber, "exclusiveMinimum": kindNumber, "exclusiveMaximum": kindNumber,
}

// wholes are the keywords that describe a value alone: only type may be beside them.
var wholes = []string{"enum", "const", "anyOf", "oneOf", "allOf", "$ref"}

// compile compiles the schema s at a place, such as "#/properties/a".
func (c *compiler) compile(s any, place string) (*value, error) {
	if v := c.at[place]; v != nil {
		return v, nil
	}
	if len(c.all) >= maxValues {
		return nil, fmt.Errorf("at %s: more than %d schemas", place, maxValues)
	}
	v := c.add(&value{})
	c.at[place] = v
	switch s := s.(type) {
	case bool:
		if s {
			v.of = []*value{c.any()}
			v.accepts, v.writes = kindAny, kindAny
		}
		return v, nil
	case *dict:
		if err := c.object(v, s, place); err != nil {
			return nil, err
		}
		return v, nil
	}
	return nil, fmt.Errorf("at %s: want a schema, an object or a boolean", place)
}

func (c *compiler) object(v *value, s *dict, place string) error {
	whole, spoken := "", kinds(0)
	for _, name := range s.names {
		switch {
		case name == "type" || name == "$id" && place == "#" || slices.Contains(annotations, name) || strings.HasPrefix(name, "x-"):
		case name == "discriminator" && (s.of["oneOf"] != nil || s.of["anyOf"] != nil): // of OpenAPI; it says nothing new
		case name == "uniqueItems" && s.of[name] == false:
		case slices.Contains(wholes, name):
			if whole != "" {
				return fmt.Errorf("at %s: %s beside %s is not supported", place, name, whole)
			}
			whole = name
		case speaks[name] != 0:
			spoken |= speaks[name]
		default:
			return fmt.Errorf("at %s: the keyword %q is not supported", place, name)
		}
	}
	types, err := typesOf(s, place)
	if err != nil {
		return err
	}
	if whole != "" {
		if spoken != 0 {
			return fmt.Errorf("at %s: other keywords than type beside %s are not supported", place, whole)
		}
		return c.whole(v, s, whole, types, place)
	}
	v.accepts = types
	if _, ok := s.of["type"]; !ok && spoken != 0 {
		types = spoken
	}
	v.writes = types
	return c.kinds(v, s, types, place)
}

// typesOf reads type.
func typesOf(s *dict, place string) (kinds, error) {
	t, ok := s.of["type"]
	if !ok {
		return kindAny, nil
	}
	list, ok := t.([]any)
	if !ok {
		list = []any{t}
	}
	var all kinds
	for _, x := range list {
		name, _ := x.(string)
		k := kindNames[name]
		if k == 0 {
			return 0, fmt.Errorf("at %s/type: want one or more of null, boolean, integer, number, string, array, object", place)
		}
		all |= k
	}
	return all, nil
}

// whole compiles one of wholes.
func (c *compiler) whole(v *value, s *dict, keyword string, types kinds, place string) error {
	arg, place := s.of[keyword], place+"/"+keyword
	switch keyword {
	case "const":
		return c.constants(v, []any{arg}, types, place)
	case "enum":
		list, ok := arg.([]any)
		if !ok || len(list) == 0 {
			return fmt.Errorf("at %s: want a list of values", place)
		}
		return c.constants(v, list, types, place)
	case "$ref":
		ref, _ := arg.(string)
		target, at, err := c.resolve(ref)
		if err != nil {
			return fmt.Errorf("at %s: %w", place, err)
		}
		inner, err := c.compile(target, at)
		if err != nil {
			return err
		}
		v.of = []*value{inner}
	default:
		list, ok := arg.([]any)
		if !ok || len(list) == 0 {
			return fmt.Errorf("at %s: want a list of schemas", place)
		}
		if keyword == "allOf" && len(list) > 1 {
			return fmt.Errorf("at %s: more than one schema is not supported", place)
		}
		for i, x := range list {
			inner, err := c.compile(x, place+"/"+strconv.Itoa(i))
			if err != nil {
				return err
			}
			v.of = append(v.of, inner)
		}
	}
	c.oneOf = append(c.oneOf, func() error {
		if w := v.allWrites(); w&^types != 0 {
			return fmt.Errorf("at %s: the type beside it leaves some of it out, which is not supported", place)
		}
		if keyword == "oneOf" {
			return distinct(v.of, place)
		}
		return nil
	})
	return nil
}

// resolve finds what a reference within the schema points to (RFC 6901).
func (c *compiler) resolve(ref string) (target any, place string, err error) {
	if ref != "#" && !strings.HasPrefix(ref, "#/") {
		return nil, "", fmt.Errorf("%q: want a reference within the schema, such as #/$defs/name", ref)
	}
	ref, err = url.PathUnescape(ref)
	if err != nil {
		return nil, "", err
	}
	at := c.doc
	for _, name := range strings.Split(ref, "/")[1:] {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		switch x := at.(type) {
		case *dict:
			next, ok := x.of[name]
			if !ok {
				return nil, "", fmt.Errorf("%q points to nothing", ref)
			}
			at = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(x) {
				return nil, "", fmt.Errorf("%q points to nothing", ref)
			}
			at = x[i]
		default:
			return nil, "", fmt.Errorf("%q points to nothing", ref)
		}
	}
	return at, ref, nil
}

// constants compiles an enumeration of those values that are of the types.
func (c *compiler) constants(v *value, list []any, types kinds, place string) error {
	d := newDFA()
	v.literals = map[string]bool{}
	for _, x := range list {
		k, canonical := kindOf(x)
		if k&types == 0 {
			continue
		}
		var b strings.Builder
		write(&b, x, !c.vocab.wide)
		if c.literals += b.Len(); c.literals > maxLiterals {
			return fmt.Errorf("at %s: constants of more than %d bytes", place, maxLiterals)
		}
		d.literal(b.String())
		v.literals[canonical] = true
		v.writes |= k
	}
	v.accepts = v.writes
	v.nodes = []node{d.measure(&c.vocab.can)}
	return nil
}

// kindOf returns a value's type, and a text that is the same for equal values.
func kindOf(x any) (kinds, string) {
	var b strings.Builder
	write(&b, x, false)
	switch x := x.(type) {
	case nil:
		return kindNull, b.String()
	case bool:
		return kindBool, b.String()
	case string:
		return kindString, b.String()
	case []any:
		return kindArray, "" // taken for equal to any other array
	case *dict:
		return kindObject, ""
	case json.Number:
		if r, err := rational(x); err == nil && r.IsInt() {
			return kindInteger, r.RatString()
		} else if err == nil {
			return kindFractional, r.RatString()
		}
	}
	return kindNumber, "number"
}

// kinds compiles one node for each of the types.
func (c *compiler) kinds(v *value, s *dict, types kinds, place string) error {
	if types&(kindNull|kindBool) != 0 {
		d := newDFA()
		if types&kindNull != 0 {
			d.literal("null")
		}
		if types&kindBool != 0 {
			d.literal("true")
			d.literal("false")
		}
		v.nodes = append(v.nodes, d.measure(&c.vocab.can))
	}
	for _, k := range []struct {
		of      kinds
		compile func(s *dict, types kinds, place string) (node, error)
	}{
		{kindNumber, c.number}, {kindString, c.text}, {kindArray, c.list}, {kindObject, c.members},
	} {
		if types&k.of == 0 {
			continue
		}
		n, err := k.compile(s, types, place)
		if err != nil {
			return err
		}
		v.nodes = append(v.nodes, n)
	}
	return nil
}

// nothing is the node that no text matches.
func nothing() node { return newDFA().measure(&[256]bool{}) }

func (c *compiler) text(s *dict, _ kinds, place string) (node, error) {
	lo, hi, err := counts(s, place, "minLength", "maxLength")
	if err != nil {
		return nil, err
	}
	if hi >= 0 && lo > hi {
		return nothing(), nil
	}
	x, ok := s.of["pattern"]
	if !ok {
		return &text{min: lo, max: hi, wide: c.vocab.wide}, nil
	}
	expr, ok := x.(string)
	if !ok {
		return nil, fmt.Errorf("at %s/pattern: want a regular expression", place)
	}
	d, err := pattern(expr, lo, hi)
	if err != nil {
		return nil, fmt.Errorf("at %s/pattern: %w", place, err)
	}
	return d.measure(&c.vocab.can), nil
}

// any is the value of the schema true.
func (c *compiler) any() *value {
	if c.anything == nil {
		v := c.add(&value{accepts: kindAny, writes: kindAny})
		c.anything = v
		if err := c.kinds(v, &dict{}, kindAny, ""); err != nil {
			panic(err) // no keyword, no error
		}
	}
	return c.anything
}

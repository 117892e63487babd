package constrain

import (
	"fmt"
	"strings"
)

func (c *compiler) list(s *dict, _ kinds, place string) (node, error) {
	a := &array{items: c.any()}
	var err error
	if a.min, a.max, err = counts(s, place, "minItems", "maxItems"); err != nil {
		return nil, err
	}
	if prefix, given := s.of["prefixItems"]; given {
		list, ok := prefix.([]any)
		if !ok || len(list) == 0 {
			return nil, fmt.Errorf("at %s/prefixItems: want a list of schemas", place)
		}
		for i, x := range list {
			v, err := c.compile(x, fmt.Sprintf("%s/prefixItems/%d", place, i))
			if err != nil {
				return nil, err
			}
			a.prefix = append(a.prefix, v)
		}
	}
	if items, ok := s.of["items"]; ok {
		if a.items, err = c.compile(items, place+"/items"); err != nil {
			return nil, err
		}
	}
	if a.max >= 0 && a.min > a.max {
		return nothing(), nil
	}
	return a, nil
}

func (c *compiler) members(s *dict, _ kinds, place string) (node, error) {
	props, ok := s.of["properties"].(*dict)
	if _, given := s.of["properties"]; given && !ok {
		return nil, fmt.Errorf("at %s/properties: want an object of schemas", place)
	}
	if props == nil {
		props = &dict{}
	}
	required, err := requiredNames(s, place)
	if err != nil {
		return nil, err
	}
	d := declared{c: c, o: &object{open: true}, place: place, names: newDFA(), required: map[string]bool{}}
	for _, name := range required {
		d.required[name] = true
	}
	extra, err := d.additional(s)
	if err != nil {
		return nil, err
	}
	for _, name := range props.names {
		v, err := c.compile(props.of[name], place+"/properties/"+escape(name))
		if err != nil {
			return nil, err
		}
		if err := d.add(name, v); err != nil {
			return nil, err
		}
	}
	for _, name := range required { // but not declared
		switch {
		case !d.required[name]:
			continue
		case !d.o.open:
			return nil, fmt.Errorf("at %s/required: %q is neither declared nor allowed as an additional property", place, name)
		}
		v := extra
		if v == nil {
			v = c.any()
		}
		if err := d.add(name, v); err != nil {
			return nil, err
		}
	}
	if extra != nil {
		d.o.extra = extra
		d.o.extraKey = c.add(&value{nodes: []node{&extraKey{d.names}}})
	}
	return d.o, nil
}

func requiredNames(s *dict, place string) (names []string, err error) {
	list, ok := s.of["required"].([]any)
	if _, given := s.of["required"]; given && !ok {
		return nil, fmt.Errorf("at %s/required: want a list of names", place)
	}
	for _, x := range list {
		name, ok := x.(string)
		if !ok {
			return nil, fmt.Errorf("at %s/required: want a list of names", place)
		}
		names = append(names, name)
	}
	return names, nil
}

// declared collects the properties of an object.
type declared struct {
	c        *compiler
	o        *object
	place    string
	names    *dfa
	required map[string]bool // required and not yet added
}

// additional returns the schema of the properties that are not declared, or nil
// when there must be none.
func (d *declared) additional(s *dict) (*value, error) {
	x, ok := s.of["additionalProperties"]
	if !ok {
		if _, given := s.of["properties"]; given {
			return nil, nil
		}
		return d.c.any(), nil
	}
	v, err := d.c.compile(x, d.place+"/additionalProperties")
	if d.o.open = x != false; !d.o.open {
		return nil, err
	}
	return v, err
}

func (d *declared) add(name string, v *value) error {
	c, key := d.c, newDFA()
	var b strings.Builder
	writeString(&b, name, !c.vocab.wide)
	if c.literals += b.Len(); c.literals > maxLiterals {
		return fmt.Errorf("at %s: constants of more than %d bytes", d.place, maxLiterals)
	}
	key.literal(b.String() + ":")
	d.names.literal(name)
	d.o.props = append(d.o.props, property{
		name: name, val: v, required: d.required[name],
		key: c.add(&value{nodes: []node{key.measure(&c.vocab.can)}}),
	})
	delete(d.required, name)
	return nil
}

func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

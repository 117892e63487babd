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
	o := &object{open: true}
	props, ok := s.of["properties"].(*dict)
	if _, given := s.of["properties"]; given && !ok {
		return nil, fmt.Errorf("at %s/properties: want an object of schemas", place)
	}
	var extra *value
	if x, ok := s.of["additionalProperties"]; ok {
		v, err := c.compile(x, place+"/additionalProperties")
		if err != nil {
			return nil, err
		}
		o.open = x != false
		if o.open {
			extra = v
		}
	} else if props == nil {
		extra = c.any()
	}
	need := map[string]bool{}
	required, ok := s.of["required"].([]any)
	if _, given := s.of["required"]; given && !ok {
		return nil, fmt.Errorf("at %s/required: want a list of names", place)
	}
	for _, x := range required {
		name, ok := x.(string)
		if !ok {
			return nil, fmt.Errorf("at %s/required: want a list of names", place)
		}
		need[name] = true
	}
	names := newDFA()
	declare := func(name string, v *value) error {
		key := newDFA()
		var b strings.Builder
		writeString(&b, name, !c.vocab.wide)
		if c.literals += b.Len(); c.literals > maxLiterals {
			return fmt.Errorf("at %s: constants of more than %d bytes", place, maxLiterals)
		}
		key.literal(b.String() + ":")
		names.literal(name)
		o.props = append(o.props, property{
			name: name, val: v, required: need[name],
			key: c.add(&value{nodes: []node{key.measure(&c.vocab.can)}}),
		})
		delete(need, name)
		return nil
	}
	if props != nil {
		for _, name := range props.names {
			v, err := c.compile(props.of[name], place+"/properties/"+escape(name))
			if err != nil {
				return nil, err
			}
			if err := declare(name, v); err != nil {
				return nil, err
			}
		}
	}
	for _, x := range required { // names that are required but not declared
		name := x.(string)
		if !need[name] {
			continue
		}
		v := extra
		switch {
		case !o.open:
			return nil, fmt.Errorf("at %s/required: %q is neither declared nor allowed as an additional property", place, name)
		case v == nil:
			v = c.any()
		}
		if err := declare(name, v); err != nil {
			return nil, err
		}
	}
	if extra != nil {
		o.extra = extra
		o.extraKey = c.add(&value{nodes: []node{&extraKey{names}}})
	}
	return o, nil
}

func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

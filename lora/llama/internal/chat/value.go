package chat

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/ardanlabs/jinja"

	"github.com/pastime-go/pastime/hobby"
)

// dict is a dictionary with its entries in this order. Templates that print a
// tool as JSON show the order.
func dict(entries ...any) jinja.Value {
	d := jinja.NewDict()
	for i := 0; i < len(entries); i += 2 {
		d.AsDict().Set(entries[i].(string), jinja.FromGoValue(entries[i+1]))
	}
	return d
}

func values[T any](list []T, value func(T) jinja.Value) jinja.Value {
	items := make([]jinja.Value, len(list))
	for i, v := range list {
		items[i] = value(v)
	}
	return jinja.NewList(items)
}

func message(m hobby.Message) jinja.Value {
	v := dict("role", string(m.Role), "content", m.Content)
	if len(m.ToolCalls) > 0 {
		v.AsDict().Set("tool_calls", values(m.ToolCalls, toolCall))
	}
	if m.ToolCallID != "" {
		v.AsDict().Set("tool_call_id", jinja.NewString(m.ToolCallID))
	}
	return v
}

// toolCall returns a call with its arguments as an object, as templates expect.
// Arguments that are no JSON stay a text.
func toolCall(c hobby.ToolCall) jinja.Value {
	args, ok := fromJSON([]byte(c.Arguments))
	if !ok {
		args = jinja.NewString(c.Arguments)
	}
	function := dict("name", c.Name)
	function.AsDict().Set("arguments", args)
	v := dict("type", "function", "id", c.ID)
	v.AsDict().Set("function", function)
	return v
}

func tool(t hobby.Tool) jinja.Value {
	parameters, ok := fromJSON(t.Parameters)
	if !ok {
		parameters = dict("type", "object")
		parameters.AsDict().Set("properties", jinja.NewDict())
	}
	function := dict("name", t.Name, "description", t.Description)
	function.AsDict().Set("parameters", parameters)
	v := dict("type", "function")
	v.AsDict().Set("function", function)
	return v
}

// fromJSON reads JSON and keeps the order of its objects. ok is false when data
// is no JSON.
func fromJSON(data []byte) (v jinja.Value, ok bool) {
	if !json.Valid(data) { // which also bounds how deep it nests
		return v, false
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := decode(dec)
	return v, err == nil
}

func decode(dec *json.Decoder) (jinja.Value, error) {
	t, err := dec.Token()
	if err != nil {
		return jinja.Value{}, err
	}
	switch t {
	case json.Delim('{'):
		d := jinja.NewDict()
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return jinja.Value{}, err
			}
			v, err := decode(dec)
			if err != nil {
				return jinja.Value{}, err
			}
			d.AsDict().Set(key.(string), v)
		}
		_, err = dec.Token()
		return d, err
	case json.Delim('['):
		var items []jinja.Value
		for dec.More() {
			v, err := decode(dec)
			if err != nil {
				return jinja.Value{}, err
			}
			items = append(items, v)
		}
		_, err = dec.Token()
		return jinja.NewList(items), err
	}
	return jinja.FromGoValue(t), nil
}

// indented writes v as JSON with line breaks, like Python.
func indented(w io.StringWriter, v jinja.Value, indent, margin string) error {
	inner := margin + indent
	switch {
	case v.IsDict() && v.AsDict().Len() > 0:
		separator := "{\n"
		d := v.AsDict()
		for _, key := range d.Keys {
			w.WriteString(separator + inner)
			if err := scalar(w, jinja.NewString(key)); err != nil {
				return err
			}
			w.WriteString(": ")
			if err := indented(w, d.Data[key], indent, inner); err != nil {
				return err
			}
			separator = ",\n"
		}
		w.WriteString("\n" + margin + "}")
	case v.IsList() && v.AsList().Len() > 0:
		separator := "[\n"
		for _, item := range v.AsList().Items {
			w.WriteString(separator + inner)
			if err := indented(w, item, indent, inner); err != nil {
				return err
			}
			separator = ",\n"
		}
		w.WriteString("\n" + margin + "]")
	case v.IsDict():
		w.WriteString("{}")
	case v.IsList():
		w.WriteString("[]")
	default:
		return scalar(w, v)
	}
	return nil
}

// scalar writes a value without line breaks. It escapes only the characters that
// JSON must escape.
func scalar(w io.StringWriter, v jinja.Value) error {
	var x any
	switch {
	case v.IsString():
		x = v.AsString()
	case v.IsBool():
		x = v.AsBool()
	case v.IsInt():
		x = v.AsInt()
	case v.IsFloat():
		x = v.AsFloat()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return err
	}
	_, err := w.WriteString(string(bytes.TrimRight(b.Bytes(), "\n")))
	return err
}

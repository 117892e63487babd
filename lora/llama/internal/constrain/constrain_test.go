package constrain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// testVocab has every byte, pieces of JSON and of words as models have them,
// a token that is never to come up, and an end.
func testVocab(t testing.TB) (v *Vocab, end int) {
	pieces := make([][]byte, 256, 600)
	for b := range pieces {
		pieces[b] = []byte{byte(b)}
	}
	for _, s := range []string{
		`{"`, `":`, `": `, `": "`, `", "`, `","`, `"}`, `"}}`, `"]`, `}]`, `},{`, `[{"`, `[]`, `{}`, `""`, `\"`, `\n`, `\u`,
		"true", "false", "null", "tr", "ue", " the", "the", "name", "age", "kind", "circle", "square", "10", "100", "2026", "-1", "0.5",
		"é", "日本", "日", "\xe6\x97", "\xa5", "🙂", "\xf0\x9f", `é"`, "\n\n", "  ", "\t",
		"<tool_call>", "</tool_call>", "</", "tool", "_call", ">{", `{"name": "`,
	} {
		pieces = append(pieces, []byte(s))
	}
	pieces = append(pieces, nil)
	end = len(pieces)
	pieces = append(pieces, []byte("</s>"))
	v, err := NewVocab(len(pieces), func(id int) []byte { return pieces[id] }, []int{end})
	if err != nil {
		t.Fatal(err)
	}
	return v, end
}

// write lets a random model answer with at most budget tokens, and returns the
// answer and whether it was ended.
func writeRandom(t testing.TB, g *Grammar, v *Vocab, end int, r *rand.Rand, budget int) (string, bool) {
	t.Helper()
	m := g.Start()
	certain := m.Need()+1 <= budget
	var out []byte
	eager := r.Float64() // how fond of ending this model is
	for left := budget; left > 0; left-- {
		if m.Done() {
			return string(out), true
		}
		mask, err := m.Mask(left)
		if err != nil {
			t.Fatalf("after %q with %d left (needs %d): %v", out, left, m.Need(), err)
		}
		id := draw(mask, r, eager, end)
		if !m.Accept(id) {
			t.Fatalf("after %q: token %d %q is in the mask but not accepted", out, id, v.pieces[id])
		}
		if id == end {
			return string(out), true
		}
		out = append(out, v.pieces[id]...)
	}
	if certain && !m.CanEnd() {
		t.Fatalf("%d tokens were not enough for %q although %d were certain to be", budget, out, g.Start().Need())
	}
	return string(out), m.CanEnd()
}

func draw(mask []uint64, r *rand.Rand, eager float64, end int) int {
	if mask[end>>6]&(1<<(end&63)) != 0 && r.Float64() < eager {
		return end
	}
	var ids []int
	for i, w := range mask {
		for ; w != 0; w &= w - 1 {
			ids = append(ids, i*64+bits.TrailingZeros64(w))
		}
	}
	return ids[r.IntN(len(ids))]
}

// validator is an independent implementation of JSON Schema.
func validator(raw string) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(raw))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

func validate(s *jsonschema.Schema, text string) error {
	if !json.Valid([]byte(text)) {
		return fmt.Errorf("%q is no JSON", text)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

var schemas = []string{
	`true`,
	`{}`,
	`{"type":"object"}`,
	`{"type":"string"}`,
	`{"type":"string","minLength":3,"maxLength":5}`,
	`{"type":"string","maxLength":0}`,
	`{"type":"string","pattern":"^[a-z]+-[0-9]{2}$"}`,
	`{"type":"string","pattern":"o.o"}`,
	`{"type":"string","pattern":"^(a|bb)*$","minLength":4,"maxLength":7}`,
	`{"type":"string","pattern":"\\bfoo\\b"}`,
	`{"type":"string","pattern":"[\"\\\\]{2}"}`,
	`{"type":"integer"}`,
	`{"type":"integer","minimum":-12,"maximum":105}`,
	`{"type":"integer","exclusiveMinimum":99,"exclusiveMaximum":101}`,
	`{"type":"integer","minimum":1000}`,
	`{"type":"integer","maximum":-7}`,
	`{"type":"number"}`,
	`{"type":"number","minimum":0,"maximum":1}`,
	`{"type":"number","exclusiveMinimum":-0.05,"maximum":0.125}`,
	`{"type":"number","minimum":3.25,"maximum":3.25}`,
	`{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.01}`,
	`{"type":["string","null"]}`,
	`{"type":["integer","boolean"],"minimum":5}`,
	`{"enum":["a","ab",1,null,true,{"x":[1,2.5]},"日本 \"q\""]}`,
	`{"type":"string","enum":["red","green",3]}`,
	`{"const":{"k":"v"}}`,
	`{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":4}`,
	`{"type":"array","items":{"type":"array","items":{"type":"integer"},"minItems":1},"minItems":1}`,
	`{"type":"array","maxItems":0}`,
	`{"type":"array","items":false}`,
	`{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":2,"maxItems":2}`,
	`{"type":"array","prefixItems":[{"type":"integer"},{"type":"boolean"}],"items":false}`,
	`{"type":"array","prefixItems":[{"type":"null"},false],"items":{"type":"integer"}}`,
	`{"type":"array","prefixItems":[{"enum":["a","bcd"]}],"items":{"type":"array","prefixItems":[{"type":"boolean"}]},"minItems":3,"maxItems":5}`,
	`{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0}},"required":["name"],` +
		`"additionalProperties":false}`,
	`{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"required":["b"]}`,
	`{"type":"object","properties":{"a":{"type":"null"},"ab":{"type":"null"}},"additionalProperties":{"type":"boolean"}}`,
	`{"type":"object","additionalProperties":{"type":"integer"},"required":["x","y z"]}`,
	`{"type":"object","properties":{"né \"":{"const":1}},"required":["né \""]}`,
	`{"properties":{"a":false,"b":true},"required":["b"]}`,
	`{"anyOf":[{"type":"string","maxLength":2},{"type":"array","items":{"$ref":"#"}}]}`,
	`{"oneOf":[{"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"number"}},"required":["kind","r"]},` +
		`{"type":"object","properties":{"kind":{"const":"square"},"side":{"type":"number"}},"required":["kind","side"]}]}`,
	`{"oneOf":[{"type":"integer"},{"type":"string"},{"enum":[null,true]}]}`,
	`{"discriminator":{"propertyName":"k","mapping":{"a":"#/$defs/A","b":"#/$defs/B"}},"oneOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}],
	"$defs":{"A":{"type":"object","properties":{"k":{"const":"a"}},"required":["k"]},` +
		`"B":{"type":"object","properties":{"k":{"const":"b"}},"required":["k"]}}}`,
	`{"$defs":{"tree":{"type":"object","properties":{"v":{"type":"integer"},"kids":{"type":"array",` +
		`"items":{"$ref":"#/$defs/tree"}}},"required":["v","kids"]}},"$ref":"#/$defs/tree"}`,
	`{"$defs":{"a/b":{"type":"boolean"}},"allOf":[{"$ref":"#/$defs/a~1b"}]}`,
	`{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Order","type":"object","properties":{"id":{"type":"string",` +
		`"pattern":"^[A-Z]{3}\\d{4}$"},"items":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"object",` +
		`"properties":{"sku":{"type":"string","minLength":1},"n":{"type":"integer","minimum":1,"maximum":99},` +
		`"note":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null}},"required":["sku","n"],"additionalProperties":false}}},` +
		`"required":["id","items"],"additionalProperties":false}`,
}

// TestAnswersMatch lets random models answer, with many tokens and with just as
// many as are certain to be enough; every answer must match by an independent
// validator.
func TestAnswersMatch(t *testing.T) {
	v, end := testVocab(t)
	for i, raw := range schemas {
		s, err := validator(raw)
		if err != nil {
			t.Fatalf("the reference does not take %s: %v", raw, err)
		}
		g, err := Schema([]byte(raw), v)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		r := rand.New(rand.NewPCG(uint64(i), 1))
		need := g.Start().Need()
		seen := map[string]bool{}
		for k := range 60 {
			budget := []int{need + 1, need + 2, need + 5, need + 40, need + 150}[k%5]
			text, ended := writeRandom(t, g, v, end, r, budget)
			if !ended {
				t.Errorf("%s: %q is not complete", raw, text)
			} else if err := validate(s, text); err != nil {
				t.Errorf("%s: %s: %v", raw, text, err)
			}
			seen[text] = true
		}
		t.Logf("%s: %d different answers", raw, len(seen))
	}
}

// TestAccepts feeds texts that a model may write and texts that it must not.
func TestAccepts(t *testing.T) {
	v, _ := testVocab(t)
	const person = `{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name"]}`
	for _, c := range []struct {
		schema, text string
		want         bool
	}{
		{person, `{"name":"a"}`, true},
		{person, `{"name": "a", "age": 3}`, true},
		{person, `{"age":3}`, false},
		{person, `{"name":"a","name":"b"}`, false},
		{person, `{"name":"a","x":1}`, false},
		{person, `{}`, false},
		{`{"type":"string"}`, `"é\u00e9\n"`, true},
		{`{"type":"string"}`, "\"\xc3\"", false},
		{`{"type":"string"}`, `"\ud800"`, false},
		{`{"type":"string"}`, `"\uD7FF"`, true},
		{`{"type":"string"}`, "\"\n\"", false},
		{`{"type":"string"}`, `"\x"`, false},
		{`{"type":"string","maxLength":1}`, `"日"`, true},
		{`{"type":"string","maxLength":1}`, `"日日"`, false},
		{`{"type":"number"}`, `-0.5e-10`, true},
		{`{"type":"number"}`, `01`, false},
		{`{"type":"number"}`, `1.`, false},
		{`{"type":"integer"}`, `-0`, false},
		{`{"type":"integer"}`, `10`, true},
		{`{"type":"integer","minimum":10,"maximum":20}`, `21`, false},
		{`{"type":"integer","minimum":10,"maximum":20}`, `20`, true},
		{`{"type":"integer","minimum":10,"maximum":20}`, `200`, false},
		{`{"type":"number","minimum":-1,"maximum":1}`, `-1.000`, true},
		{`{"type":"number","minimum":-1,"maximum":1}`, `-1.001`, false},
		{`{"type":"object","properties":{"a":{}},"additionalProperties":true}`, `{"a":1,"ab":2,"":3}`, true},
		{`{"type":"object","properties":{"a":{}},"additionalProperties":true}`, `{"b":1,"a":2}`, false},
		{`true`, `{"a":[1,{"b":null}],"c":"d"}`, true},
		{`true`, `[1,]`, false},
		{`{"pattern":"^a+$"}`, `"aaa"`, true},
		{`{"pattern":"^a+$"}`, `"ab"`, false},
	} {
		g, err := Schema([]byte(c.schema), v)
		if err != nil {
			t.Errorf("%s: %v", c.schema, err)
			continue
		}
		m := g.Start()
		got := true
		for i := range len(c.text) {
			got = got && m.Accept(int(c.text[i]))
		}
		if got = got && m.CanEnd(); got != c.want {
			t.Errorf("%s accepts %s: %v, want %v", c.schema, c.text, got, c.want)
		}
	}
}

// TestBadSchemas checks that what is not supported is named, with its place.
func TestBadSchemas(t *testing.T) {
	v, _ := testVocab(t)
	for _, c := range []struct{ schema, want string }{
		{``, "unexpected EOF"},
		{`[`, "unexpected EOF"},
		{`3`, "at #: want a schema"},
		{`{"a":1,"a":2}`, `the name "a" comes twice`},
		{`{} {}`, "more after the schema"},
		{`{"type":"strin"}`, "at #/type: want one or more of"},
		{`{"properties":{"a":{"not":{}}}}`, `at #/properties/a: the keyword "not" is not supported`},
		{`{"properties":{"a/b":{"uniqueItems":true}}}`, `at #/properties/a~1b: the keyword "uniqueItems"`},
		{`{"type":"string","nullable":true}`, `at #: the keyword "nullable" is not supported`},
		{`{"type":"array","prefixItems":{}}`, "at #/prefixItems: want a list of schemas"},
		{`{"prefixItems":[false],"minItems":1,"type":"array"}`, "no text"},
		{`{"properties":3}`, "at #/properties: want an object"},
		{`{"required":["a",3]}`, "at #/required: want a list of names"},
		{`{"type":"object","properties":{},"required":["a"],"additionalProperties":false}`, `"a" is neither declared nor allowed`},
		{`{"anyOf":[{"type":"string"}],"minLength":3}`, "other keywords than type beside anyOf"},
		{`{"anyOf":[{"type":"string"}],"$ref":"#"}`, "beside"},
		{`{"type":"string","anyOf":[{"type":"string"},{"type":"null"}]}`, "leaves some of it out"},
		{`{"allOf":[{},{}]}`, "at #/allOf: more than one schema"},
		{`{"enum":[]}`, "at #/enum: want a list of values"},
		{`{"$ref":"http://x/y"}`, "want a reference within the schema"},
		{`{"$ref":"#/$defs/a"}`, "points to nothing"},
		{`{"$ref":"#"}`, "no text of the model's vocabulary matches it"},
		{`{"$ref":"#/$defs/a","$defs":{"a":{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"required":["a"]}}}`, "no text"},
		{`{"oneOf":[{"type":"integer"},{"type":"number"}]}`, "at #/oneOf: a value of schema 0 may match schema 1 too"},
		{`{"oneOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"a":{"const":2}}}]}`, "may match"},
		{`{"oneOf":[{"minLength":3},{"type":"object"}]}`, "may match"},
		{`{"type":"object","discriminator":{"propertyName":"a"}}`, `the keyword "discriminator" is not supported`},
		{`{"type":"string","pattern":"(?=x)"}`, "at #/pattern"},
		{`{"type":"string","pattern":"("}`, "at #/pattern"},
		{`{"type":"string","pattern":"^([ab]*a[ab]{16})$"}`, "automaton is too large"},
		{`{"type":"string","pattern":"é"}`, "no text"},
		{`{"type":"string","minLength":-1}`, "at #/minLength: want a whole number"},
		{`{"type":"array","minItems":1e30}`, "at most"},
		{`{"type":"integer","minimum":1e999999999}`, "out of range"},
		{`{"type":"integer","minimum":5,"maximum":4}`, "no text"},
		{strings.Repeat(`{"items":`, 200) + `{}` + strings.Repeat(`}`, 200), "levels deep"},
	} {
		_, err := Schema([]byte(c.schema), v)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s: %v, want an error with %q", c.schema, err, c.want)
		}
	}
}

// TestNeed holds the numbers of bytes against a search over all texts.
func TestNeed(t *testing.T) {
	v, _ := testVocab(t)
	for _, raw := range schemas {
		g, err := Schema([]byte(raw), v)
		if err != nil {
			t.Fatal(err)
		}
		// From a state, some byte leads to one with a need that is one less, and
		// none to one with even less.
		r := rand.New(rand.NewPCG(3, 4))
		m := g.m
		for range 20 {
			for s, n := m.first, 0; n < 300; n++ {
				least := never
				var next []*state
				for b := range 256 {
					to := m.step(s, byte(b))
					least = min(least, to.need)
					if to != dead && to.need < never {
						next = append(next, to)
					}
				}
				if s.need > 0 && least != s.need-1 {
					t.Fatalf("%s: a state needs %d bytes, the best next one %d", raw, s.need, least)
				}
				if (s.need == 0) != s.final {
					t.Fatalf("%s: a state needs %d bytes; final: %v", raw, s.need, s.final)
				}
				if len(next) == 0 {
					break
				}
				s = next[r.IntN(len(next))]
			}
		}
	}
}

// TestMasks compares the masks with trying each token.
func TestMasks(t *testing.T) {
	v, end := testVocab(t)
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SampledFrom(schemas).Draw(t, "schema")
		g, err := Schema([]byte(raw), v)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		m := g.Start()
		for left := m.Need() + 1 + rapid.IntRange(0, 30).Draw(t, "more"); left > 0 && !m.Done(); left-- {
			mask, err := m.Mask(left)
			if err != nil {
				t.Fatal(err)
			}
			mask = slices.Clone(mask)
			for id := range v.size {
				try := *m
				want := try.Accept(id) && (id == end || try.Need() <= left-2)
				if got := mask[id>>6]&(1<<(id&63)) != 0; got != want {
					t.Fatalf("%s: token %q with %d left: %v, want %v", raw, v.pieces[id], left, got, want)
				}
			}
			if id := draw(mask, r, 0.2, end); id == end || !m.Accept(id) {
				break
			}
		}
	})
}

// TestPattern compares the automaton of a pattern with the regular expression.
func TestPattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expr := rapid.StringMatching(`[ab.^$|]{0,4}(\(a\|b\)|\\b|\[\^a\]|a\{1,2\})?[ab*+?]{0,2}`).Draw(t, "expression")
		re, err := regexp.Compile(expr)
		if err != nil {
			t.Skip()
		}
		lo := rapid.IntRange(0, 3).Draw(t, "least")
		hi := rapid.IntRange(-1, 5).Draw(t, "most")
		d, err := pattern(expr, lo, hi)
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.StringMatching(`[ab "\\]{0,6}`).Draw(t, "text")
		raw, _ := json.Marshal(text)
		at := int32(0)
		for _, b := range raw {
			if at >= 0 {
				at = d.next(at, b)
			}
		}
		got := at >= 0 && d.accept[at]
		want := re.MatchString(text) && len(text) >= lo && (hi < 0 || len(text) <= hi)
		if got != want {
			t.Fatalf("%q with %d to %d characters on %q: %v, want %v", expr, lo, hi, text, got, want)
		}
	})
}

// TestBounds compares the reading of bounded numbers with arithmetic.
func TestBounds(t *testing.T) {
	v, _ := testVocab(t)
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Int64Range(-3000, 3000).Draw(t, "least")
		hi := lo + rapid.Int64Range(0, 500).Draw(t, "width")
		x := rapid.Int64Range(lo-100, hi+100).Draw(t, "number")
		for _, c := range []struct {
			format string
			scale  float64
		}{{`{"type":"integer","minimum":%v,"maximum":%v}`, 1}, {`{"type":"number","minimum":%v,"maximum":%v}`, 100}} {
			g, err := Schema(fmt.Appendf(nil, c.format, float64(lo)/c.scale, float64(hi)/c.scale), v)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := json.Marshal(float64(x) / c.scale)
			m := g.Start()
			got := true
			for _, b := range text {
				got = got && m.Accept(int(b))
			}
			if got = got && m.CanEnd(); got != (lo <= x && x <= hi) {
				t.Fatalf("%s from %d to %d (over %v): %v", text, lo, hi, c.scale, got)
			}
		}
	})
}

func TestTools(t *testing.T) {
	v, end := testVocab(t)
	tools := []Tool{
		{Name: "weather", Parameters: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`)},
		{Name: "now"},
	}
	accepts := func(g *Grammar, text string) bool {
		m := g.Start()
		for i := range len(text) {
			if !m.Accept(int(text[i])) {
				return false
			}
		}
		return m.CanEnd()
	}
	tagged, err := Tools(tools, Tagged, nil, v)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := Tools(tools, Bare, nil, v)
	if err != nil {
		t.Fatal(err)
	}
	both, err := Tools(tools, Tagged, json.RawMessage(`{"type":"integer"}`), v)
	if err != nil {
		t.Fatal(err)
	}
	const call = `<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>`
	for _, c := range []struct {
		name string
		g    *Grammar
		text string
		want bool
	}{
		{"tagged", tagged, "just text, a < b, <tool_cal", true},
		{"tagged", tagged, "", true},
		{"tagged", tagged, call, true},
		{"tagged", tagged, "Let me see.<<tool_call>\n{\"name\":\"now\",\"arguments\":{}}\n</tool_call>\n" + call, true},
		{"tagged", tagged, call + " and more", false},
		{"tagged", tagged, `<tool_call>{"name": "weather", "arguments": {}}</tool_call>`, false},
		{"tagged", tagged, `<tool_call>{"name": "rain"`, false},
		{"bare", bare, "text { more", true},
		{"bare", bare, `{"name": "now", "parameters": {}}`, true},
		{"bare", bare, `{"name": "now", "parameters": {}}x`, false},
		{"bare", bare, `{"x`, false},
		{"both", both, `12`, true},
		{"both", both, call, true},
		{"both", both, `text`, false},
	} {
		if got := accepts(c.g, c.text); got != c.want {
			t.Errorf("%s accepts %q: %v, want %v", c.name, c.text, got, c.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		text, ended := writeRandom(t, both, v, end, r, both.Start().Need()+100)
		if !ended {
			t.Errorf("%q is not complete", text)
		}
	}
	for _, params := range []string{`{"type":"string"}`, `{"type":"object","properties":{"a":false},"required":["a"]}`, `[]`, `{"not":1}`} {
		_, err := Tools([]Tool{{Name: "odd", Parameters: json.RawMessage(params)}}, Tagged, nil, v)
		if err == nil || !strings.Contains(err.Error(), `tool "odd"`) {
			t.Errorf("parameters %s: %v", params, err)
		}
	}
}

// TestSmallVocabulary uses printable ASCII only: what lies beyond is escaped.
func TestSmallVocabulary(t *testing.T) {
	v, err := NewVocab(96, func(id int) []byte {
		if id == 95 {
			return nil
		}
		return []byte{byte(' ' + id)}
	}, []int{95})
	if err != nil {
		t.Fatal(err)
	}
	const raw = `{"type":"object","properties":{"é":{"enum":["日","🙂"]},"s":{"type":"string","maxLength":3}},"required":["é","s"]}`
	s, err := validator(raw)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Schema([]byte(raw), v)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		text, ended := writeRandom(t, g, v, 95, r, g.Start().Need()+1+r.IntN(20))
		if err := validate(s, text); !ended || err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := NewVocab(10, func(id int) []byte { return []byte{byte('a' + id)} }, nil); err == nil {
		t.Error("a vocabulary without braces was taken for one that can write JSON")
	}
}

// TestForgetting drives a machine past the number of states that it keeps.
func TestForgetting(t *testing.T) {
	v, end := testVocab(t)
	const raw = `{"type":"array","items":{"type":"string","maxLength":6000},"minItems":1,"maxItems":500}`
	s, err := validator(raw)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Schema([]byte(raw), v)
	if err != nil {
		t.Fatal(err)
	}
	text, ended := writeRandom(t, g, v, end, rand.New(rand.NewPCG(5, 5)), 5000)
	if err := validate(s, text); !ended || err != nil {
		t.Error(err)
	}
	if n := len(g.m.states); n > 2*maxStates {
		t.Errorf("%d states are kept", n)
	}
}

func FuzzSchema(f *testing.F) {
	for _, s := range schemas {
		f.Add([]byte(s), uint64(1))
	}
	f.Add([]byte(`{"oneOf":[{"properties":{"a":{"const":1}}},{"type":"object"}]}`), uint64(2))
	v, end := testVocab(f)
	f.Fuzz(func(t *testing.T, raw []byte, seed uint64) {
		g, err := Schema(raw, v)
		if err != nil {
			return
		}
		if need := g.Start().Need(); need > 2000 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 0))
		s, err := validator(string(raw))
		for range 3 {
			text, ended := writeRandom(t, g, v, end, r, g.Start().Need()+1+r.IntN(50))
			if !ended {
				t.Fatalf("%s: %q is not complete", raw, text)
			}
			if err != nil { // the reference does not take the schema
				if !json.Valid([]byte(text)) {
					t.Fatalf("%s: %q is no JSON", raw, text)
				}
			} else if err := validate(s, text); err != nil {
				t.Fatalf("%s: %s: %v", raw, text, err)
			}
		}
	})
}

// bigVocab has as many tokens as SmolLM2, of random lowercase words and the test
// vocabulary's.
func bigVocab(b *testing.B) *Vocab {
	r := rand.New(rand.NewPCG(1, 2))
	small, _ := testVocab(b)
	v, err := NewVocab(49152, func(id int) []byte {
		if id < small.size {
			return []byte(small.pieces[id])
		}
		w := bytes.Repeat([]byte{' '}, 1+r.IntN(9))
		for i := r.IntN(2); i < len(w); i++ {
			w[i] = byte('a' + min(r.IntN(26), r.IntN(26)))
		}
		return w
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func BenchmarkMask(b *testing.B) {
	v := bigVocab(b)
	for name, raw := range map[string]string{
		"a string, again":       `{"type":"string"}`,
		"a string, first time":  `{"type":"string"}`,
		"limited, first time":   `{"type":"string","maxLength":200}`,
		"any value, first time": `true`,
	} {
		b.Run(name, func(b *testing.B) {
			g, err := Schema([]byte(raw), v)
			if err != nil {
				b.Fatal(err)
			}
			m := g.Start()
			m.Accept('"')
			for b.Loop() {
				if strings.HasSuffix(name, "first time") {
					g.m.forget()
					m = g.Start()
					m.Accept('"')
				}
				if _, err := m.Mask(1000); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

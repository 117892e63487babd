package tokenizer

import "fmt"

// steps sets up the steps before and after the model.
func (f *file) steps(t *Tokenizer) error {
	for _, n := range f.Normalizer.list() {
		if err := n.normalizer(t); err != nil {
			return fmt.Errorf("normalizer: %w", err)
		}
	}
	if t.spaces.prefix != noPrefix && !t.spaces.marked {
		return fmt.Errorf("normalizer: Prepend without Replace is not supported")
	}
	for _, p := range f.PreTokenizer.list() {
		if err := p.preTokenizer(t); err != nil {
			return fmt.Errorf("pre_tokenizer: %w", err)
		}
	}
	for _, d := range f.Decoder.list() {
		if err := d.decoder(t); err != nil {
			return fmt.Errorf("decoder: %w", err)
		}
	}
	return nil
}

// list is the steps of a sequence, of sequences within it too, or the only step.
func (c *component) list() []component {
	if c == nil {
		return nil
	}
	if c.Type != "Sequence" {
		return []component{*c}
	}
	var all []component
	for _, parts := range [][]component{c.Normalizers, c.PreTokenizers, c.Processors, c.Decoders} {
		for i := range parts {
			all = append(all, parts[i].list()...)
		}
	}
	return all
}

// is returns the value of a switch that is on by default.
func is(b *bool) bool { return b == nil || *b }

func (c *component) normalizer(t *Tokenizer) error {
	switch {
	case c.Type == "Prepend" && c.Prepend == mark && t.spaces.prefix == noPrefix && !t.spaces.marked:
		t.spaces.prefix = alwaysPrefix
	case c.Type == "Replace" && c.Pattern.String != nil && *c.Pattern.String == " " && c.Content == mark:
		t.spaces.marked = true
	default:
		return fmt.Errorf("%s; Prepend and Replace of spaces by %q are supported", c.Type, mark)
	}
	return nil
}

func (c *component) preTokenizer(t *Tokenizer) error {
	switch c.Type {
	case "ByteLevel":
		t.bpe.byteLevel = true
		if is(c.AddPrefixSpace) {
			t.split = t.split.then(withSpace)
		}
		if is(c.UseRegex) {
			t.split = t.split.then(byPattern(gpt2))
		}
	case "Digits":
		if c.IndividualDigits {
			t.split = t.split.then(eachDigit)
		} else {
			t.split = t.split.then(digitRuns)
		}
	case "Split":
		if c.Pattern.Regex == nil || c.Behavior != "Isolated" || c.Invert {
			return fmt.Errorf("a Split that is not Isolated by a Regex is not supported")
		}
		switch *c.Pattern.Regex {
		case gpt2Pattern:
			t.split = t.split.then(byPattern(gpt2))
		case llama3Pattern:
			t.split = t.split.then(byPattern(llama3))
		default:
			return fmt.Errorf("a Split by %q; GPT-2's and Llama 3's patterns are supported", *c.Pattern.Regex)
		}
	case "Metaspace":
		return c.metaspace(t)
	default:
		return fmt.Errorf("%s; ByteLevel, Digits, Split and Metaspace are supported", c.Type)
	}
	return nil
}

func (c *component) metaspace(t *Tokenizer) error {
	if c.Replacement != mark || t.spaces.marked {
		return fmt.Errorf("a Metaspace of %q; one of %q was expected", c.Replacement, mark)
	}
	t.spaces.marked, t.spaces.missing = true, true
	scheme := "always"
	if c.PrependScheme != nil {
		scheme = *c.PrependScheme
	} else if !is(c.AddPrefixSpace) {
		scheme = "never"
	}
	switch scheme {
	case "always":
		t.spaces.prefix = alwaysPrefix
	case "first":
		t.spaces.prefix = firstPrefix
	case "never":
	default:
		return fmt.Errorf("prepend_scheme is %q; always, first or never was expected", scheme)
	}
	if is(c.Split) {
		t.split = t.split.then(beforeSpaces)
	}
	return nil
}

func (c *component) decoder(t *Tokenizer) error {
	switch c.Type {
	case "ByteLevel", "Replace", "ByteFallback", "Fuse":
	case "Metaspace":
		t.spaces.strip = t.spaces.prefix != noPrefix
	case "Strip":
		t.spaces.strip = c.Content == " " && c.Start == 1
	default:
		return fmt.Errorf("%s; ByteLevel, Replace, ByteFallback, Fuse, Strip and Metaspace are supported", c.Type)
	}
	return nil
}

// ends finds the token that a post-processor puts first.
func (c *component) ends(t *Tokenizer) error {
	for _, p := range c.list() {
		if p.Type != "TemplateProcessing" || len(p.Single) == 0 || p.Single[0].SpecialToken == nil {
			continue
		}
		name := p.Single[0].SpecialToken.ID
		ids := p.SpecialTokens[name].IDs
		if len(ids) != 1 {
			return fmt.Errorf("post_processor: %q has %d tokens; one was expected", name, len(ids))
		}
		if err := t.SetEnds(Ends{BOS: ids[0], AddBOS: true}); err != nil {
			return fmt.Errorf("post_processor: %w", err)
		}
	}
	return nil
}

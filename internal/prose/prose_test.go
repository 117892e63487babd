package prose

import (
	"strings"
	"testing"
)

func TestRules(t *testing.T) {
	for text, want := range map[string]string{
		"guide.md defines fence":                                              "few_words",
		"The guide defines a fence as a guard on commits":                     "",
		"Der Leitfaden nennt einen Zaun eine Bedingung":                       "",
		"(*example.org/m/pkg.Type).Method calls example.org/m/pkg.Func twice": "",
		"guide.md has 12 links, 3 of which lead nowhere":                      "",
		strings.Repeat("many words ", 501):                                    "many_words",
		"a b c d e f":                                                         "word_length",
		"x" + strings.Repeat("y", 200) + " is one word":                       "word_length",
		"12 + 30 = 42 and 7 8 9":                                              "letters",
		"see #this #and #that now":                                            "symbols",
		"The guide defines a fence as a guard on…":                            "truncated",
		"The guide says \"the fence is ...\")":                                "truncated",
		"- one fine day\n- two fine days\n* three":                            "bullets",
		"They say:\n- one fine day\n- two fine days":                          "",
		"no no no no no no no no no no no no":                                 "repetition",
		"Lorem ipsum dolor sit amet, as they say":                             "filler",
		"": "few_words",
	} {
		got := ""
		for _, r := range Rules {
			if !r.Good(text) {
				got = r.Name
				break
			}
		}
		if len(text) > 60 {
			text = text[:60]
		}
		if got != want {
			t.Errorf("%q breaks %q, want %q", text, got, want)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add("a b c\n- d…")
	f.Add("\xff\xfe 日本語")
	f.Fuzz(func(_ *testing.T, text string) {
		for _, r := range Rules {
			r.Good(text)
		}
	})
}

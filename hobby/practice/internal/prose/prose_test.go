package prose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func said(text string) (all []string) {
	for _, m := range Mistakes(text) {
		all = append(all, m.Said)
	}
	return all
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string][]string{
		"This is seperate from the rest.":                        {"seperate"},
		"Recieve, the first of all (recieved).":                  {"Recieve", "recieved"},
		"It is in the the map":                                   {"the the"},
		"The file does not exists, and it's own name is a error": {"does not exists", "it's own", "a error"},
		"This is an user of the API.":                            {"an user"},
		// None of these is a mistake.
		"Call recieve_all, my.recieve, recieve() and `recieve` of the API.": nil,
		"The option RECIEVE is a name.":                                     nil,
		"It is of AND and of OR.":                                           nil,
		"It is what we had had: the, the end.":                              nil,
		"It can has: the a option":                                          {"a option"},
		"An unusual hour of a user, an hour of a union is a one-off.":       nil,
		"Il recieve un message":                                             nil,
		"What is the result? It does not. Exists is a word.":                nil,
		"This setting is on. This settings.":                                nil,
		"Use this settings if these option are it":                          {"this settings", "these option are"},
		// These are correct, though words of them look like mistakes.
		"It is an A entry of a class A address.":                                 nil,
		"What should results look like, and where should includes go if it is":   nil,
		"It's type safe, and it's value semantics of the language":               nil,
		"If it is greater then the rest is dropped":                              nil,
		"The convention is call by value, and each requests it":                  nil,
		"Log in in a browser if it tells you you have the rights":                nil,
		"May has the 31 days of free will exists, and might makes right":         nil,
		"To do this settings of it are read":                                     nil,
		"The wether is a ram of the herd":                                        nil,
		"Documentos: a interface e a API do programa, com o nome e a hora de If": nil,
		"We append the slice of it to to":                                        nil,
		"We append the slice that it is of to to. Then it is":                    nil,
		"The keywords and and or are of the language":                            nil,
		"The film is of Recieve and Teh":                                         nil,
		// What is quoted is an example, or of somebody else.
		"Untrue is that “and and” is a mistake, and of “at at time” it is the first": nil,
		"The form \"does not exists\" is told, and ‘an user’ of the text is, too":    nil,
		"It is said that «a error» is of the text, and ''the the'' is for it":        nil,
		"It is the \"first\" of the the \"last\"":                                    {"the the"},
		`It is a 19" rack of the the sort, and 24" for it`:                           {"the the"},
		"It is said (\"of the the,\" it is) and \"for for it?\" is it":               nil,
		"It is \"what\n\nis of the the form\" that it is":                            {"the the"},
		"It is “what\n\nis of the the form” that it is":                              {"the the"},
		"It is with a other features":                                                nil,
	} {
		if diff := cmp.Diff(want, said(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestWhatIsMeant(t *testing.T) {
	for said, want := range map[string]string{
		"It may has one": "may have", "It does not matches": "does not match", "It will raises it": "will raise", "A example of it": "An example",
		"It is an user": "a user", "It's own": "Its own", "It is rather then the": "rather than the", "It is the the one": "the",
		"For every values of": "every value",
		"They are use by it":  "are used by", "It is call by it": "is called by", "It is an other": "another", "It is a other one": "another",
		"Use this options of": "these options", "I ask wether it is": "whether",
		"It should of been": "should have been", "these function are it": "these functions are",
	} {
		if got := Mistakes(said); len(got) != 1 || got[0].Should != want {
			t.Errorf("%q: %+v, want %q", said, got, want)
		}
	}
}

// TestListOfWords: no word of the list is right elsewhere in it, and each right one differs.
func TestListOfWords(t *testing.T) {
	if n := len(spelling); n < 800 || n != strings.Count(list, "\n") {
		t.Errorf("%d words in %d lines", n, strings.Count(list, "\n"))
	}
	for wrong, right := range spelling {
		if again := spelling[right]; again != "" || wrong == right || strings.ToLower(wrong) != wrong {
			t.Errorf("%q is to be %q, which is to be %q", wrong, right, again)
		}
	}
}

// TestMistakesAreWhereTheyStand: each mistake is the text at its place, and no two overlap.
func TestMistakesAreWhereTheyStand(t *testing.T) {
	piece := rapid.SampledFrom([]string{"the", "the", "seperate",
		"a", "error", "does", "not", "exists", "é", ".", "`", "it's", "own", "_", "of"})
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(r, "pieces"), rapid.SampledFrom([]string{" ", "", "  "}).Draw(r, "between"))
		end := 0
		for _, m := range Mistakes(text) {
			if m.At < end || text[m.At:m.At+len(m.Said)] != m.Said || m.Should == "" {
				r.Errorf("%q: %+v after %d", text, m, end)
			}
			end = m.At + len(m.Said)
		}
	})
}

func FuzzMistakes(f *testing.F) {
	f.Add("It is seperate of the the")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range Mistakes(text) {
			if text[m.At:m.At+len(m.Said)] != m.Said {
				t.Errorf("%+v", m)
			}
		}
	})
}

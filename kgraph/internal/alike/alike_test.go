package alike

import (
	_ "embed"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/stat"
)

// pairs are names of which a person said whether they are of the same thing, most of them
// hard to tell. The rules were written before them; what comes of lines with odd numbers
// was then looked at, and what comes of the others was only counted.
//
//go:embed testdata/pairs.txt
var pairs string

// TestPairs measures the operating point on written pairs: how many of the same things are
// found, and how many different ones are taken for the same.
func TestPairs(t *testing.T) {
	merged := 0
	for line := range strings.Lines(pairs) {
		label, names, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		a, b, _ := strings.Cut(names, "\t")
		switch one := Key(a) == Key(b); {
		case one && label == "same":
			merged++
		case one:
			t.Errorf("%q and %q have the same key and are different", a, b)
		}
	}
	if t.Logf("%d of the same thing have the same key", merged); merged < 44 {
		t.Error("that are fewer than there were")
	}
	for half, name := range []string{"held back", "looked at"} {
		var found, same, wrong, different, n int
		for line := range strings.Lines(pairs) {
			if n++; n%2 != half {
				continue
			}
			label, names, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			a, b, _ := strings.Cut(names, "\t")
			ok := Same(a, b)
			if label == "same" {
				same++
			} else {
				different++
			}
			switch {
			case label == "same" && ok:
				found++
			case ok:
				wrong++
			}
			if half == 1 && ok != (label == "same") {
				t.Logf("%q and %q are %s", a, b, label)
			}
		}
		least, most := stat.Proportion(found, same, .95)
		low, high := stat.Proportion(wrong, different, .95)
		t.Logf("%s: %d of %d of the same thing are found (%.2f to %.2f), %d of %d hard different ones are taken for the same (%.2f to %.2f)",
			name, found, same, least, most, wrong, different, low, high)
		if found*100 < 75*same || wrong*100 > 10*different {
			t.Errorf("%s: that is worse than it was", name)
		}
	}
}

var spellings = flag.String("spellings", "", "measure with codespell's dictionary.txt")

// TestSpellings measures misspelt words against all correct words of a dictionary of
// misspellings, most of which have fewer than seven letters, two errors, or one at an end.
func TestSpellings(t *testing.T) {
	if *spellings == "" {
		t.Skip("without -spellings")
	}
	raw, err := os.ReadFile(*spellings)
	if err != nil {
		t.Fatal(err)
	}
	right := map[string]string{}
	var words []string
	for line := range strings.Lines(string(raw)) {
		wrong, to, ok := strings.Cut(strings.TrimSpace(line), "->")
		if ok && !strings.ContainsAny(to, ", -") && !strings.ContainsAny(wrong, " -") {
			right[wrong] = to
			words = append(words, to)
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	names := NewNames()
	for _, w := range words {
		names.Add(w)
	}
	var found, alone, other int
	for wrong, to := range right {
		all := names.Find(wrong)
		hit := slices.ContainsFunc(all, func(a Alike) bool { return words[a.ID] == to })
		if hit {
			found++
		}
		if hit && len(all) == 1 {
			alone++
		}
		if len(all) > 0 && !hit {
			other++
		}
	}
	twins := map[[2]string]bool{}
	for i, w := range words {
		for _, a := range names.Find(w) {
			if int(a.ID) > i && Key(w) != Key(words[a.ID]) {
				twins[[2]string{w, words[a.ID]}] = true
			}
		}
	}
	t.Logf("of %d misspellings %d find their word, %d of them it alone; %d find only others; "+
		"among the %d words are %d pairs that are alike, %.1g of all",
		len(right), found, alone, other, len(words), len(twins), float64(len(twins))/float64(len(words)*(len(words)-1)/2))
	n := 0
	for p := range twins {
		if n++; n > 40 {
			break
		}
		t.Log(p)
	}
}

// TestIsKey has what is known at once be what is found out word by word.
func TestIsKey(t *testing.T) {
	for _, b := range british {
		if strings.IndexByte("nedrgl", b.ending[len(b.ending)-1]) < 0 || b.least < 5 {
			t.Errorf("a word that ends with %q is not looked at", b.ending)
		}
	}
	word := rapid.OneOf(rapid.SampledFrom([]string{"the", "colour", "precise", "labelled", "maps", "DNS", "https", "x.y", "it's", "&", "é",
		"12", "serialisation"}),
		rapid.StringMatching(`[a-zA-Z.'-]{0,4}(ise|our|s|es|ies)?`))
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "words"), rapid.SampledFrom([]string{" ", "  ", "-"}).Draw(t, "between"))
		if isKey(name) {
			// A capital letter is no key, and changes nothing else.
			if slow := Key(strings.ToUpper(name[:1]) + name[1:]); len(name) > 1 && slow != name {
				t.Fatalf("%q is its key, and its key is %q", name, slow)
			}
		}
	})
}

// TestFindIsSame compares finding among many names with comparing two, in any spelling.
func TestFindIsSame(t *testing.T) {
	word := rapid.StringMatching(`[a-c]{0,2}(formation|formatin|frmation|formetion|set|sets|of|the|x1|x2|é)`)
	name := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 1, 3).Draw(t, "words"), rapid.SampledFrom([]string{" ", "-", "_"}).Draw(t, "between"))
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(name, 1, 12).Draw(t, "names")
		names := NewNames()
		for _, n := range all {
			names.Add(n)
		}
		asked := name.Draw(t, "asked")
		var found []int32
		for _, a := range names.Find(asked) {
			if a.Score <= 0 || a.Score > 1 {
				t.Fatalf("%q for %q has the score %v", all[a.ID], asked, a.Score)
			}
			found = append(found, a.ID)
		}
		slices.Sort(found)
		var want []int32
		for i, n := range all {
			if Same(n, asked) != Same(asked, n) {
				t.Fatalf("%q and %q are alike one way round only", n, asked)
			}
			if Same(n, asked) {
				want = append(want, int32(i))
			}
			if Key(n) == Key(asked) && !Same(n, asked) {
				t.Fatalf("%q and %q have the same key and are not alike", n, asked)
			}
		}
		if diff := cmp.Diff(want, found, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q among %q (-two by two +found):\n%s", asked, all, diff)
		}
		if k := Key(Key(asked)); k != Key(asked) && !strings.Contains(Key(asked), "sets") && !strings.HasPrefix(Key(asked), "the") {
			t.Fatalf("the key of %q is %q, and that of this %q", asked, Key(asked), k)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for _, count := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			names := NewNames()
			syllables := []string{"par", "ser", "tion", "con", "ver", "gra", "pho", "lex", "ton", "mer", "dis", "tri", "bu", "net", "wor", "cal"}
			r := rand.New(rand.NewPCG(1, 2))
			name := func() string {
				var s strings.Builder
				for w := range 2 {
					if w > 0 {
						s.WriteByte(' ')
					}
					for range 4 {
						s.WriteString(syllables[r.IntN(len(syllables))])
					}
				}
				return s.String()
			}
			var asked []string
			for range count {
				n := name()
				names.Add(n)
				if len(asked) < 1000 {
					asked = append(asked, n[:3]+n[4:])
				}
			}
			b.ResetTimer()
			for i := range b.N {
				names.Find(asked[i%len(asked)])
			}
		})
	}
}

// TestEndlessWords are found when they are the same, and are not kept once for each letter.
func TestEndlessWords(t *testing.T) {
	n, word := NewNames(), strings.Repeat("wordy", 100)
	n.Add(word)
	if len(n.near) > 0 || len(n.Find(word)) != 1 {
		t.Errorf("a word of %d letters is kept %d times, and found %d times", len(word), len(n.near), len(n.Find(word)))
	}
}

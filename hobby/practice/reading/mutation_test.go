package reading

import (
	"context"
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/nearmiss"
	"github.com/pastime-go/pastime/internal/race"
)

var mutants = flag.Int("mutants", 500, "how many near misses of keys are judged for each family")

// TestNearMissesFail judges answers made from the keys of each family by rules: one
// off, other letters, more and less words, what stands beside the key in the passage,
// two answers at once, another question's key. None may pass unless it is what the
// prompt, read by other means, gives.
func TestNearMissesFail(t *testing.T) {
	if race.Enabled {
		t.Skip("making and judging questions starts nothing")
	}
	for _, dir := range []string{"testdata/harbour", "../../.."} {
		shelf := newShelf(context.Background(), opened(t, dir))
		for n, family := range families {
			r := rand.New(rand.NewPCG(uint64(n), 5))
			judged, passed, wrong, last := 0, 0, 0, "nothing"
			for level, none := 1, 0; judged < *mutants && wrong < 5 && none < 50; level = level%family.Levels + 1 {
				task, ok := shelf.ask(r, family, level)
				if !ok {
					none++
					continue
				}
				none = 0
				want := unquoted(plain(answer(t, family.Name, task.Messages[0].Content)))
				if strings.EqualFold(last, task.Reference) {
					last = "nothing"
				}
				for _, m := range misses(r, family.Name, &task, last) {
					judged++
					v := task.Verify(m)
					if v.Score < 1 {
						continue
					}
					passed++
					if !strings.EqualFold(stripped(m, family.Name, task.Messages[0].Content), want) {
						wrong++
						t.Errorf("%s: %s level %d: %q passes, the key is %q", dir, family.Name, level, m, task.Reference)
					}
				}
				last = task.Reference
			}
			if judged == 0 && dir != "../../.." {
				t.Errorf("%s: no question of %s", dir, family.Name)
			}
			t.Logf("%-16s %-12s %7d near misses, %5d passed and are right", dir, family.Name, judged, passed-wrong)
		}
	}
}

// TestWording has answers with words of a document, in the ways in which models say
// them, and in ways that say something else.
func TestWording(t *testing.T) {
	for key, all := range map[string]struct {
		say, right, wrong []string
	}{
		"Fuel and `oil`": {
			[]string{
				"[the] section", "[the] [next] heading [after [the heading] Water]", "[the] heading after What is not said",
				"[the] heading that comes next",
				"[the] section is titled …", "the sentence is [contained] in the section [titled] …", "the passage says …",
			},
			[]string{
				"Fuel and oil", "fuel and `oil`", "## Fuel and `oil`", "**Fuel and oil**", "“Fuel and oil”", "The next heading is “Fuel and oil”.",
				"The next heading is **Fuel and `oil`**.", "The heading that comes next is: Fuel and oil", "It is Fuel and oil.",
				"The section is titled \"Fuel and oil\".", "The answer is Fuel and oil.", "Answer: Fuel and oil",
				"The next heading after the heading “Water” is “Fuel and oil”.", "The heading after “Water” is:\n\n**Fuel and oil**",
				"The sentence is in the section “Fuel and oil”.",
				"The heading after “What is not said” is “Fuel and oil”.", "Fuel and oil.\n\nExplanation: it follows Water.",
				"<think>Water?</think>Fuel and oil",
				"Heading: Fuel and oil", "**Section:** Fuel and oil", "Next heading: **Fuel and oil**",
				"The sentence is contained in the section titled \"Fuel and oil\".", "The passage says Fuel and oil.", "```\nFuel and oil\n```",
			},
			[]string{
				"sentence: Fuel and oil", "Answer: right\nAnswer: Fuel and oil", "for: Fuel and oil", "passage says Fuel and oil",
				"%: Fuel and oil", "words: Fuel and oil", "Fuel", "oil", "Fuel and oil and water", "Water", "Water is Fuel and oil",
				"The next heading is not Fuel and oil.", "Fuel and oil or Water",
				"Water or Fuel and oil", "The heading before it is Water and the one after is Fuel and oil, or so", "Water\nFuel and oil",
				"The next heading is Water. The next heading is Fuel and oil?", "It may be Fuel and oil.", "a price of Fuel and oil",
				"makes Fuel and oil",
				"Their price is Fuel and oil", "It is not in the section Fuel and oil", "Fuel and oil since the last", "Is Fuel and oil",
				"The heading is Water, and that is Fuel and oil", "It would be Fuel and oil if it came later.", "The first heading is Fuel and oil",
				"The answer is Water. Fuel and oil", "Fuel & oil", "The next heading is Water and it is Fuel and oil", "**Fuel and oil** is wrong",
				"The previous heading is Fuel and oil.", "The heading above is Fuel and oil", "The heading before it is Fuel and oil",
				"The last heading is Fuel and oil", "Previous heading: Fuel and oil", "Water: Fuel and oil", "Fuel and oil, Water", "Fuel and oil?",
				"It is wrong that it is Fuel and oil", "The passage is not Fuel and oil", "~~Fuel and oil~~", "Not this:\n\nFuel and oil",
				"The wrong heading is Fuel and oil", "The heading that does not come next is Fuel and oil",
				"The heading that rhymes with it is Fuel and oil", "The longest heading is Fuel and oil", "Water is titled Fuel and oil",
				"the heading “Are Fuel and oil", "the heading \"is Fuel and oil", "the heading (is Fuel and oil",
			},
		},
		"Maritime Rescue Coordination Centre": {
			[]string{"[the acronym] MRCC stands for …", "[in the passage,] it stands for[:] …"},
			[]string{
				"Maritime Rescue Coordination Centre", "MRCC stands for Maritime Rescue Coordination Centre.",
				"“MRCC” stands for “Maritime Rescue Coordination Centre”.", "**MRCC** stands for **maritime rescue coordination centre**.",
				"In the passage, it stands for Maritime Rescue Coordination Centre.",
				"The acronym MRCC stands for Maritime Rescue Coordination Centre.", "It stands for: Maritime Rescue Coordination Centre",
			},
			[]string{
				"MRCC", "Maritime Rescue Centre", "Maritime Rescue Coordination Centres", "a Maritime Rescue Coordination Centre ship",
				"MRCC does not stand for Maritime Rescue Coordination Centre", "Maritime Rescue Coordination Centre or Station",
				"The harbour is Maritime Rescue Coordination Centre", "MRCC stood for Rescue, now Maritime Rescue Coordination Centre",
			},
		},
	} {
		p := practice.Say(all.say...)
		for _, right := range all.right {
			if v := wording(right, key, p); v.Score < 1 {
				t.Errorf("%q is refused: %s", right, v.Note)
			}
		}
		for _, wrong := range all.wrong {
			if v := wording(wrong, key, p); v.Score > 0 || v.Note == "" {
				t.Errorf("%q passes: %+v", wrong, v)
			}
		}
	}
}

// misses are answers near a task's key, some of which are right all the same.
func misses(r *rand.Rand, family string, t *practice.Task, another string) []string {
	key, prompt := t.Reference, t.Messages[0].Content
	all := append(append(nearmiss.Said(key, another), nearmiss.Elsewhere(r, key)...), nearmiss.Texts(r, key)...)
	all = append(all, prompt, key+"s", "un"+key, key+" and more", "the "+key, key+", "+another, key+"\n"+another, another+"\n"+key,
		"## "+key, "- "+key,
		strings.ReplaceAll(key, "`", ""), "`"+key, "*"+key+"*", key+":", key+" ...", "The passage says "+key+" and "+another+".",
		"Not “"+key+"”", "“"+another+"”", "either "+key, key+" (or "+another+")", "Answer: "+another+"\nAnswer: "+key)
	if n, err := strconv.Atoi(key); err == nil && family == "list-length" {
		all = append(append(all, nearmiss.Numbers(r, key)...), strconv.Itoa(n+1)+" items", key+" items and 1 more", "There are "+key+" or so.")
	}
	for _, beside := range neighbours(r, family, prompt) {
		all = append(all, beside)
		if r.IntN(8) == 0 {
			all = append(append(all, nearmiss.Forms(key, beside)...), key+" or "+beside, beside+", "+key, key+" "+beside, beside+" "+key)
		}
	}
	return all
}

// neighbours are what the passage offers beside the key, and the key.
func neighbours(r *rand.Rand, family, prompt string) (all []string) {
	lines := strings.Split(prompt, "\n")
	switch family {
	case "section", "next-heading":
		for _, line := range lines {
			if h, ok := strings.CutPrefix(line, "## "); ok {
				all = append(all, h, line)
			}
		}
	case "table-cell":
		for _, line := range lines {
			if strings.HasPrefix(line, "| ") {
				all = append(append(all, strings.Split(strings.Trim(line, "| "), " | ")...), line)
			}
		}
	case "acronym":
		all = append(all, regexp.MustCompile(`[\pL\d/-]+`).FindAllString(lines[len(lines)-1], -1)...)
	}
	words := strings.Fields(prompt)
	for range 12 {
		if family == "list-length" { // where words of the text may count the list
			break
		}
		from := r.IntN(len(words))
		all = append(all, words[from], strings.Join(words[from:min(len(words), from+1+r.IntN(4))], " "))
	}
	return slices.Compact(all)
}

// stripped is an answer without its form.
func stripped(said, family, prompt string) string {
	if _, after, reasoned := strings.Cut(said, "</think>"); reasoned {
		said = after
	}
	if inner, ok := strings.CutPrefix(said, `\boxed{`); ok {
		said = strings.TrimSuffix(inner, "}")
	}
	s := strings.TrimSpace(strings.Trim(said, "*`"))
	s = regexp.MustCompile(`^(?i:the passage says |(?:word|section|heading|title|cell): |#+ |- )+`).ReplaceAllString(nearmiss.Introduced(s),
		"")
	if family == "list-length" {
		n := strings.ReplaceAll(strings.TrimRight(strings.TrimSuffix(s, " items"), "!."), ",", "")
		if f, err := strconv.ParseFloat(n, 64); err == nil && regexp.MustCompile(`^\+?\d+(\.0+)?$`).MatchString(n) {
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	if m := regexp.MustCompile(`What does (\S+) stand for`).FindStringSubmatch(prompt); m != nil {
		s = strings.TrimPrefix(s, "("+m[1]+") is ")
	}
	return unquoted(plain(strings.TrimSuffix(s, ".")))
}

// unquoted is a text without marks of quotation, with single blanks.
func unquoted(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer(`"`, "", "“", "", "”", "").Replace(strings.Trim(s, "'"))), " ")
}

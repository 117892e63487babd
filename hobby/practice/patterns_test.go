package practice_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/internal/race"
)

// TestAPatternIsItsLanguage: the same language written another way passes, and
// another language fails, however near it is and in whichever characters it
// differs.
func TestAPatternIsItsLanguage(t *testing.T) {
	s := suite(t)
	again := map[string]string{
		`[0-9]`: `\d`, `[a-z]`: `[[:lower:]]`, `[A-Z]`: `[A-MN-Z]`, `[xy]`: `(?:x|y)`, `[0-4]`: `[43210]`,
	}
	others := map[string][]string{
		`[0-9]`: {`.`, `[0-8]`, `[1-9]`, `[0-9a]`, `\w`, `\p{Nd}`, `[^0-9]`},
		`[a-z]`: {`.`, `(?i:[a-z])`, `[a-y]`, `[b-z]`, `\w`, `\p{Ll}`, `[a-z-]`},
		`[A-Z]`: {`.`, `(?i:[A-Z])`, `[A-Y]`, `[B-Z]`, `\p{Lu}`, `[A-z]`},
		`[xy]`:  {`[a-z]`, `[x-z]`, `x`, `[xyX]`, `(?i:[xy])`, `[x|y]`},
		`[0-4]`: {`[0-9]`, `[0-5]`, `[1-4]`, `[0-3]`, `\d`},
	}
	counts := regexp.MustCompile(`\{(\d+),(\d+)\}`)
	seeds := uint64(30)
	if race.Enabled { // the same seeds are judged without it
		seeds = 10
	}
	for level := 1; level <= 3; level++ {
		for seed := range seeds {
			task, err := s.Task("patterns", level, seed)
			if err != nil {
				t.Fatal(err)
			}
			key := task.Reference
			check := func(answer string, right bool) {
				t.Helper()
				if v := task.Verify(answer); (v.Score == 1) != right {
					t.Errorf("level %d, the key is %s: %s: %+v, want right %v", level, key, answer, v, right)
				}
			}
			check("^"+key+"$", true)
			check(`(?s)\A(`+key+`)\z`, true)
			check(counts.ReplaceAllStringFunc(key, func(c string) string {
				if m := counts.FindStringSubmatch(c); m[1] == m[2] {
					return "{" + m[1] + "}"
				}
				return c
			}), true)
			check("(?i)"+key, !strings.ContainsAny(strings.NewReplacer("[0-9]", "", "[0-4]", "").Replace(key), "azAZxy"))
			check(key+"?", true) // it prefers fewer, which a whole text does not care for
			check("(?:"+key+")?", false)
			check(key+"|", false)
			check("x*"+key, false)
			for class, way := range again {
				check(strings.ReplaceAll(key, class, way), true)
				for _, other := range others[class] {
					if i := strings.Index(key, class); i >= 0 {
						check(key[:i]+other+key[i+len(class):], false)
					}
				}
			}
		}
	}
	task, err := s.Task("patterns", 3, 380111599447148895)
	if err != nil {
		t.Fatal(err)
	}
	if v := task.Verify(`.{8,8}.{9,9}:.{7,7}.{8,8}`); v.Score == 1 {
		t.Errorf("dots pass for %s", task.Reference)
	}
	if v := task.Verify(`([a-z]|[0-9])*[a-z]([a-z]|[0-9]){40}`); v.Score == 1 || v.Note == "" {
		t.Errorf("an expression of 2^40 states: %+v", v)
	}
}

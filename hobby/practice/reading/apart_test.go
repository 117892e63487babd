package reading

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
)

// TestPracticeAndExamsShareNoPrompt asks about documents, and about the same with more
// blanks: a prompt is in one split, without regard to letter case and blanks.
func TestPracticeAndExamsShareNoPrompt(t *testing.T) {
	if race.Enabled {
		t.Skip("making questions starts nothing")
	}
	split, count := map[string]hobby.Split{}, map[hobby.Split]int{}
	for _, blank := range []string{"\n\n", "\n\n\n"} {
		var docs []*document
		for _, path := range markdownOf(t) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, parse(filepath.Base(path), []byte(strings.ReplaceAll(string(text), "\n\n", blank))))
		}
		s := newShelf(t.Context(), newLibrary(docs, nil))
		for _, d := range docs {
			for _, family := range families {
				for level := range family.Levels {
					for seed := range uint64(2 * *keys) {
						from := s // practice asks what all have, an exam what one has
						if seed%2 == 1 {
							from = alone(t.Context(), d)
						}
						task, ok := from.pose(d, family, level+1)(seed)
						if !ok {
							continue
						}
						prompt := strings.Join(strings.Fields(strings.ToLower(task.Messages[0].Content)), " ")
						if was, asked := split[prompt]; asked && was != task.Split {
							t.Fatalf("%s is in both splits:\n%s", family.Name, task.Messages[0].Content)
						}
						split[prompt] = task.Split
						count[task.Split]++
					}
				}
			}
		}
	}
	t.Logf("%d prompts of %v", len(split), count)
	if count[hobby.Practice] == 0 || count[hobby.HeldOut] == 0 {
		t.Errorf("one split is empty: %v", count)
	}
}

func markdownOf(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/harbour/*.md")
	if err != nil || len(all) == 0 {
		t.Fatalf("%d documents, %v", len(all), err)
	}
	return all
}

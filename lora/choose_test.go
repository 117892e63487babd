package lora

import (
	"testing"

	"github.com/pastime-go/pastime/hobby"
)

// TestWhatIsLuckIsNotChosen has levels that answer as often right: one by knowing some tasks,
// one by luck, which falls on all tasks alike, and one that is known by now.
func TestWhatIsLuckIsNotChosen(t *testing.T) {
	sampled := 0.3
	levels := func() []LevelState {
		return []LevelState{
			{Level: hobby.Level{Family: "knows"}, Now: 0.45, Tokens: 30, Sampled: &sampled, Luck: 0.2},
			{Level: hobby.Level{Family: "lucky"}, Now: 0.45, Tokens: 30, Sampled: &sampled, Luck: 0.45},
			{Level: hobby.Level{Family: "never drawn"}, Now: 0.45, Tokens: 30},
			{Level: hobby.Level{Family: "known"}, Now: 0.95, Tokens: 30, Sampled: &sampled},
		}
	}
	for temperature, want := range map[float64]string{1: "knows ", 0.5: "knows lucky "} {
		r := RecipeFor(hobby.ModelInfo{Name: "pastime-tiny-2"})
		r.Temperature = temperature
		all := levels()
		got := ""
		r.choose(all)
		for _, l := range all {
			if l.Chosen {
				got += l.Family + " "
			}
		}
		if got != want {
			t.Errorf("at a temperature of %v it chooses %q, want %q", temperature, got, want)
		}
	}
}

package lora_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/tools"
	"github.com/pastime-go/pastime/lora"
)

// TestATranscriptIsLearnedTurnByTurn has answers with tools: each turn is an example, after
// what was told by then, and what a tool told is in no completion before it was told.
func TestATranscriptIsLearnedTurnByTurn(t *testing.T) {
	s, err := practice.NewSuite(tools.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	h := tools.New(nil, s, nil)
	var items []hobby.Item
	for seed := uint64(0); len(items) < 20; seed++ {
		task, err := s.Task("combined_tools", 1+int(seed%4), seed)
		if err != nil {
			t.Fatal(err)
		}
		if task.Split == hobby.Practice {
			items = append(items, hobby.Item{
				ID: task.Params, Activity: "a", Family: task.Family, Level: task.Level, Version: 1, Seed: seed, Split: task.Split,
				Answer: task.Reference, Finish: hobby.FinishStop, Score: 1, ModelKey: "base", At: time.Now(), Messages: task.Messages,
			})
		}
	}
	selected, err := lora.Select(t.Context(), []lora.Material{{Hobby: h, Items: items}}, &lora.SelectOptions{Base: "base", Validation: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := lora.Check(selected.Rows, []hobby.Hobby{h}); err != nil || len(selected.Rows) != len(items) {
		t.Fatalf("%d rows of %d answers, %v", len(selected.Rows), len(items), err)
	}
	learned := selected.Dataset().Train
	if len(learned) < 3*len(items) {
		t.Errorf("%d examples of %d answers of three turns or more", len(learned), len(items))
	}
	for _, e := range learned {
		last := e.Messages[len(e.Messages)-1]
		calls, said := practice.Calls(e.Completion)
		if len(e.Tools) == 0 || last.Role == hobby.RoleAssistant || len(calls) > 1 || len(calls) == 1 && said != "" {
			t.Errorf("%d tools, the completion %q after %+v", len(e.Tools), e.Completion, last)
		}
		if len(calls) == 0 && last.Role != hobby.RoleTool || strings.HasPrefix(last.Content, "no such") {
			t.Errorf("%q is said after %+v", said, last)
		}
	}
}

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/kgraph"
)

// TestConversation tells the model what is known of a question and what was said before, and
// that somebody is here.
func TestConversation(t *testing.T) {
	var asked []hobby.Request
	model := &hobbytest.Model{Reply: func(_ context.Context, r hobby.Request) (string, error) {
		asked = append(asked, r)
		return "In tea.", nil
	}}
	kit, err := pastime.Open(t.Context(), ":memory:", model, &pastime.Options{Hobby: hobby.Options{IdleThreshold: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	from := kgraph.Origin{ID: "host", Recorded: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	fact := kgraph.Statement{Claim: hobby.Claim{Subject: "theine", Relation: "is found in", Object: "tea", Confidence: 1}}
	if err := kit.Graph.Add(t.Context(), from, fact); err != nil {
		t.Fatal(err)
	}
	alone, stop := kit.Presence.UntilTouch(t.Context())
	defer stop()
	var out strings.Builder
	if err := converse(t.Context(), kit, model, strings.NewReader("Where is theine found?\nSure?\n"), &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("> In tea.\n> In tea.\n> ", out.String()); diff != "" {
		t.Errorf("what is written (-want +got):\n%s", diff)
	}
	want := [][]hobby.Message{
		{
			{Role: hobby.RoleSystem, Content: "You found out before:\n- theine is found in tea (2026-11-01)\n"},
			{Role: hobby.RoleUser, Content: "Where is theine found?"},
		},
		{
			{Role: hobby.RoleSystem, Content: "You found out before:\n"},
			{Role: hobby.RoleUser, Content: "Where is theine found?"},
			{Role: hobby.RoleAssistant, Content: "In tea."},
			{Role: hobby.RoleUser, Content: "Sure?"},
		},
	}
	var got [][]hobby.Message
	for _, r := range asked {
		got = append(got, r.Messages)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the model is told (-want +got):\n%s", diff)
	}
	if !errors.Is(context.Cause(alone), hobby.ErrUserReturned) {
		t.Errorf("practice goes on: %v", context.Cause(alone))
	}
}

package pastime_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
	"github.com/pastime-go/pastime/subagent"
)

// TestAFindingIsToldOnce starts a host several times over a tree in which there
// is little to find. Each finding is told once, also when a sub-agent in the
// process studies the tree.
func TestAFindingIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	code := "package p\n\nfunc Busy(a int) int {\n" + strings.Repeat("\tif a > 1 {\n\t\ta++\n\t}\n", 30) + "\treturn a\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	for who, study := range map[string]func(*testing.T, *pastime.Kit){
		"the host": func(t *testing.T, k *pastime.Kit) {
			if s, err := k.Hobby.RunOnce(t.Context(), hobby.CodeAnalysis); err != nil || s.Activity.Status != hobby.Completed {
				t.Fatalf("%+v, %v", s.Activity, err)
			}
		},
		"a sub-agent": func(t *testing.T, k *pastime.Kit) {
			if _, err := k.Subagents.Register(t.Context(), subagent.Agent{ID: "one", Capabilities: []string{"*"}}); err != nil {
				t.Fatal(err)
			}
			a, err := k.Subagents.Assign(t.Context(), "one", hobby.CodeAnalysis, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if a, err = k.Subagents.Wait(t.Context(), a.ID); err != nil || a.Status != subagent.Completed {
				t.Fatalf("%+v, %v", a, err)
			}
		},
	} {
		t.Run(who, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "agent.db")
			var stored []int
			for range 3 {
				h, err := gocode.New(dir, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				kit, err := pastime.Open(t.Context(), path, nil, &pastime.Options{Hobby: hobby.Options{Disabled: true}, Hobbies: []hobby.Hobby{h}})
				if err != nil {
					t.Fatal(err)
				}
				stop := run(t, kit)
				study(t, kit)
				page, err := kit.Store.Insights(t.Context(), hobby.InsightFilter{Limit: 1000})
				if err != nil {
					t.Fatal(err)
				}
				stored = append(stored, len(page.Insights))
				stop()
				if err := kit.Close(); err != nil {
					t.Error(err)
				}
			}
			if stored[0] == 0 || !slices.Equal(stored, []int{stored[0], stored[0], stored[0]}) {
				t.Errorf("after each of three starts %v insights are stored, want as many as after the first", stored)
			}
		})
	}
}

// run runs a kit until stop is called.
func run(t *testing.T, k *pastime.Kit) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

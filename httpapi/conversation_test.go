package httpapi_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// TestConversations holds the conversations under testdata, one txtar file each,
// with a world of its own.
//
//	model           what the model says to everything; without it there is none
//	> METHOD PATH   a request below /hobby, with its body if it has one
//	< STATUS        the answer: a problem body for an error. Of an object only the
//	                fields that stand here are compared; "$name" is bound to the
//	                first string that it meets, "$_" is anything but null and "",
//	                and "<0" a negative number
//	! WHAT          what happens meanwhile: "entered", "release" (see world), or
//	                "ended $name", which waits for an assignment's end
//
// A bound name can be used in the paths and bodies that follow.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			hold(t, txtar.Parse(raw).Files)
		})
	}
}

// hold carries out the steps of a conversation.
func hold(t *testing.T, steps []txtar.File) {
	var model hobby.Model
	if steps[0].Name == "model" {
		model, steps = hobbytest.Says(strings.TrimSpace(string(steps[0].Data))), steps[1:]
	}
	w, names := newWorld(t, model, nil), names{}
	for i := 0; i < len(steps); i++ {
		step := steps[i]
		words := strings.Fields(names.fill(step.Name))
		switch words[0] {
		case ">":
			status, header, got := w.do(words[1], "/hobby"+words[2], names.fill(strings.TrimSpace(string(step.Data))))
			what := step.Name
			i++
			if i == len(steps) || steps[i].Name != fmt.Sprintf("< %d", status) {
				t.Fatalf("%s: %d %s, want another status", what, status, got)
			}
			names.compare(t, what, steps[i].Data, got)
			if status >= 400 {
				checkProblem(t, what, status, header, got)
			}
		case "!":
			w.meanwhile(t, words[1:])
		default:
			t.Fatalf("%q is no step", step.Name)
		}
	}
}

func (w *world) meanwhile(t *testing.T, words []string) {
	t.Helper()
	switch words[0] {
	case "entered":
		<-w.entered
	case "release":
		w.release <- struct{}{}
	case "ended":
		if _, err := w.coordinator.Wait(t.Context(), words[1]); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("nothing is called %q", words[0])
	}
}

// names are what "$name" was bound to.
type names map[string]string

func (n names) fill(text string) string {
	for name, value := range n {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

// compare fails unless got is what raw wants.
func (n names) compare(t *testing.T, what string, raw []byte, got string) {
	t.Helper()
	var want, answer any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatalf("the answer that is wanted to %s: %v", what, err)
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		t.Fatalf("%s: %v in %s", what, err, got)
	}
	want, answer = n.settle(want, answer)
	if d := cmp.Diff(want, answer); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// settle leaves out of got what want does not ask for, and puts values where
// want has names.
func (n names) settle(want, got any) (any, any) {
	switch w := want.(type) {
	case object:
		g, ok := got.(object)
		if !ok {
			return want, got
		}
		settled := object{}
		for k, v := range w {
			if there, ok := g[k]; ok {
				w[k], settled[k] = n.settle(v, there)
			}
		}
		return w, settled
	case []any:
		g, ok := got.([]any)
		for i := range min(len(w), len(g)) {
			w[i], g[i] = n.settle(w[i], g[i])
		}
		if ok {
			return w, g
		}
	case string:
		text, isText := got.(string)
		number, isNumber := got.(float64)
		switch {
		case w == "$_" && got != nil && got != "", w == "<0" && isNumber && number < 0:
			return got, got
		case strings.HasPrefix(w, "$") && w != "$_" && isText && n[w] == "":
			n[w] = text
		}
		return n.fill(w), got
	}
	return want, got
}

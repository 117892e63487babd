package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// first is the hash of the weights after two steps, as the shipped model's
// training began.
const first = "7324669e10de45fe19372a4a9f3182a936b2ac0a4a03fb2878de5f2dae36e309"

// mended are the families whose tasks have changed since the shipped model was
// trained, by the version that it learned from. Training it again empties the map.
var mended = map[string]int{}

// TestTheFirstSteps repeats the beginning of the shipped model's training: the
// vocabulary and, with the same kernels, the weights are the same bytes, for any
// number of threads. What changes them changes what the program would make. While
// families are mended, only the numbers of threads are compared.
func TestTheFirstSteps(t *testing.T) {
	if race.Enabled {
		t.Skip("bytes are compared without the race detector; the threads of a step are watched in package train")
	}
	shipped, err := os.ReadFile("../model/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile("../model/tokenizer_config.json")
	if err != nil {
		t.Fatal(err)
	}
	var sums []string
	for _, threads := range []int{1, 3} {
		data, vocab, tok, err := prepare(1)
		if err != nil {
			t.Fatal(err)
		}
		if same := bytes.Equal(vocab, shipped); same != (len(mended) == 0) {
			t.Fatalf("the vocabulary is the shipped one: %v; families mended since: %v", same, mended)
		}
		if settings, err := tokenizerConfig(); err != nil || !bytes.Equal(settings, template) {
			t.Fatal("the chat template is not the shipped one", err)
		}
		m := newModel(tok, 1, threads)
		for range 2 {
			if err := m.step(data, defaultSteps); err != nil {
				t.Fatal(err)
			}
		}
		weights, err := m.weights()
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(weights)))
	}
	if sums[0] != sums[1] {
		t.Errorf("after two steps, with one thread the weights are %s, with three %s", sums[0], sums[1])
	}
	if kernel.Set() == "amd64 AVX2" && len(mended) == 0 && sums[0] != first {
		t.Errorf("after two steps the weights are %s, were %s", sums[0], first)
	}
}

// TestATrainingGoesOn ends one after two steps of four, the last of which has the late
// part of the mixture, and goes on from its state to the same bytes.
func TestATrainingGoesOn(t *testing.T) {
	if race.Enabled {
		t.Skip("bytes are compared without the race detector; the threads of a step are watched in package train")
	}
	begin := func() (*source, *model) {
		data, _, tok, err := prepare(1)
		if err != nil {
			t.Fatal(err)
		}
		return data, newModel(tok, 1, 2)
	}
	steps := func(data *source, m *model, n int) {
		for range n {
			if err := m.step(data, 4); err != nil {
				t.Fatal(err)
			}
		}
	}
	data, straight := begin()
	steps(data, straight, 4)
	if len(data.also) != len(late) {
		t.Errorf("%d parts are added to the mixture at the end, want %d", len(data.also), len(late))
	}

	file := filepath.Join(t.TempDir(), "state")
	data, first := begin()
	steps(data, first, 2)
	if len(data.also) != 0 {
		t.Errorf("%d parts are added to the mixture in the middle, want none", len(data.also))
	}
	if err := first.keep(file, data); err != nil {
		t.Fatal(err)
	}
	data, second := begin()
	if err := second.restore(file, data); err != nil {
		t.Fatal(err)
	}
	steps(data, second, 2)
	want, err := straight.weights()
	if err != nil {
		t.Fatal(err)
	}
	got, err := second.weights()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) || second.tokens != straight.tokens {
		t.Errorf("after %d tokens the weights hash to %x, in one go after %d to %x",
			second.tokens, sha256.Sum256(got), straight.tokens, sha256.Sum256(want))
	}
}

// TestNothingHeldOutIsLearned looks at what the base learns from, and that what
// it leaves for practice is there.
func TestNothingHeldOutIsLearned(t *testing.T) {
	s, err := newSource(3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6000 {
		if i == 3000 {
			s.also = late
		}
		e, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if split := e.task.Split; split != hobby.Practice {
			t.Fatalf("%s level %d: %q is %s", e.family, e.level, e.task.Params, split)
		}
	}
	left := 0
	for range 1000 {
		task, err := s.suite.Draw(s.r, "text", 4, hobby.Practice)
		if err != nil {
			t.Fatal(err)
		}
		if !learned(&task) {
			left++
		}
	}
	if left < 400 || left > 600 {
		t.Errorf("%d of 1000 tasks are left for practice, want half", left)
	}
}

// TestToolsAreToldByTheTemplate looks at what a task of calls becomes when its functions
// are tools: none of the prompt's own words about JSON, and the call in tags, or the
// function's result passed on.
func TestToolsAreToldByTheTemplate(t *testing.T) {
	s, err := newSource(4)
	if err != nil {
		t.Fatal(err)
	}
	called, told := 0, 0
	for range 3000 {
		e, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		prompt, answer, err := e.text()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(prompt, "<|assistant|>") {
			t.Fatalf("the prompt ends otherwise: %s", prompt)
		}
		if !e.tools {
			if answer != e.task.Reference || prompt != "<|user|>"+e.task.Messages[0].Content+"<|end|><|assistant|>" {
				t.Fatalf("%s is asked as %s and answered with %s", e.task.Params, prompt, answer)
			}
			continue
		}
		call := "<tool_call>\n" + e.task.Reference + "\n</tool_call>"
		functions, _, _ := strings.Cut(e.task.Messages[0].Content, "\nRequest: ")
		want := "<|system|>" + functions + "\n<tool_call><|end|><|user|>"
		if !strings.HasPrefix(prompt, want) || strings.Contains(prompt, "JSON") {
			t.Fatalf("the prompt is\n%s\nwant it to begin\n%s", prompt, want)
		}
		switch {
		case e.result == "" && answer == call:
			called++
		case e.result != "" && answer == e.result &&
			strings.HasSuffix(prompt, "<|assistant|>"+call+"<|end|><|tool|>"+answer+"<|end|><|assistant|>"):
			told++
		default:
			t.Fatalf("%s is answered with %s", prompt, answer)
		}
	}
	if called < 20 || told < 10 {
		t.Errorf("%d calls and %d results of 3000", called, told)
	}
}

package practice

import (
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
)

// Verdict is what a verifier says of an answer.
type Verdict struct {
	// Score is in [0, 1]; 1 passes.
	Score float64
	// Note says in a few words what is wrong with an answer that does not
	// pass. Equal mistakes have equal notes.
	Note string
}

// Pass is the verdict on a right answer.
func Pass() Verdict { return Verdict{Score: 1} }

// Fail is the verdict on a wrong one.
func Fail(note string) Verdict { return Verdict{Note: note} }

// Task is one question with an exact verifier.
type Task struct {
	// Family, Version, which is the family's, Level and Seed are set by the Suite.
	Family  string
	Version int
	Level   int
	Seed    uint64
	// Params are the task's parameters, written out so that two tasks are the
	// same exactly when their families and parameters are: the wording, which
	// the level decides, is not among them.
	Params    string
	Messages  []hobby.Message
	Reference string
	// Verifier names the way of verifying, such as "number".
	Verifier string
	// MaxTokens bounds the answer; 0 leaves it to the model. Stop ends it.
	MaxTokens int
	Stop      []string
	// Source says where the task came from when it was not generated.
	Source string
	// Taint says whether the texts are those of Source, which nobody vouches
	// for. Default hobby.Trusted: made by the family.
	Taint hobby.Taint
	// Verify judges an answer. It never panics, whatever the answer.
	Verify func(answer string) Verdict
}

// Family generates tasks.
type Family interface {
	// Info describes the family: its name, its version, its levels, the chance to pass by
	// guessing, and what should be known first.
	Info() hobby.Family
	// Generate makes a task of a level from 1 to Info().Levels. It draws all
	// randomness from r and uses nothing else that changes.
	Generate(r *rand.Rand, level int) Task
}

// ask makes a task from a prompt, its answer and a verifier. The answer may take a
// few sentences, which small models say whatever they are told.
func ask(params, prompt, reference, verifier string, verify func(string) Verdict) Task {
	return Task{
		Params:   params,
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: prompt}}, Reference: reference,
		Verifier: verifier, MaxTokens: 96 + len(reference), Verify: verify,
	}
}

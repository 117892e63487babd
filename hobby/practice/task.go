package practice

import (
	"cmp"
	"fmt"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
)

// Verdict is a verifier's judgement of an answer.
type Verdict struct {
	// Score is in [0, 1]; 1 passes.
	Score float64
	// Note says in a few words what is wrong with an answer that does not
	// pass. Equal mistakes have equal notes.
	Note string
	// Err says why there is no verdict, where something else judges: such an answer is
	// neither right nor wrong, and no item.
	Err error
}

// Pass returns the verdict on a right answer.
func Pass() Verdict { return Verdict{Score: 1} }

// Fail returns the verdict on a wrong answer.
func Fail(note string) Verdict { return Verdict{Note: note} }

// Task is one question with an exact verifier.
type Task struct {
	// Family, its Version, Level and Seed are set by the Suite.
	Family  string
	Version int
	Level   int
	Seed    uint64
	// Split says what the task may be used for. The Suite sets it. Default
	// hobby.Practice.
	Split hobby.Split
	// Params are the task's parameters as a text. Two tasks are the same exactly
	// when their families and parameters are. The wording, which the level
	// decides, is not part of them.
	Params    string
	Messages  []hobby.Message
	Reference string
	// Verifier names the way of verifying, such as "number".
	Verifier string
	// MaxTokens bounds the answer; 0 leaves that to the model. Each text of Stop
	// ends it.
	MaxTokens int
	Stop      []string
	// Source says where the task comes from when it was not generated. Digest is
	// that of its text, where the task can be made again from it.
	Source, Digest string
	// Taint says whether the texts are those of an untrusted Source. The default,
	// hobby.Trusted, says that the family made them.
	Taint hobby.Taint
	// Verify judges an answer. It never panics, whatever the answer.
	Verify func(answer string) Verdict
	// Tools are those that the model may call before it answers, in several turns. Use
	// begins a use of them. The answer that is judged and stored is then a transcript:
	// all calls, in the form of [Transcript], and what was said after the last. It
	// has no results, since Verify can have them again. Both nil: one turn.
	Tools []hobby.Tool
	Use   func() Use
	// Like names an older family whose task with these parameters is the same task:
	// the two are on one side of the held-out split. Its version is 1.
	Like string
}

// Family generates tasks.
type Family interface {
	// Info describes the family: its name, its version, its levels, the chance to pass by
	// guessing, and what should be known first.
	Info() hobby.Family
	// Generate makes a task of a level from 1 to Info().Levels. It must depend on
	// r and level alone.
	Generate(r *rand.Rand, level int) Task
}

// Maker is a Family whose tasks are made by something that can fail, such as another
// program. A Suite calls Make in the place of Generate. It depends on r and level alone, as
// Generate does.
type Maker interface {
	Family
	Make(r *rand.Rand, level int) (Task, error)
}

// ask makes a task from a prompt, its answer and a verifier. The answer has room
// for a few sentences, because small models add some whatever the prompt says.
func ask(params, prompt, reference, verifier string, verify func(string) Verdict) Task {
	return Task{
		Params:   params,
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: prompt}}, Reference: reference,
		Verifier: verifier, MaxTokens: 96 + len(reference), Verify: verify,
	}
}

// Verify judges an answer to a task again, as hobby.Verifier's method does: it returns
// the item with the task's prompt, reference and verdict. The error is hobby.ErrInvalid
// for an item of another version of the family, with another split than its task's, or
// withheld by a server's filter.
func Verify(t *Task, i hobby.Item) (hobby.Item, error) {
	if was, now := max(1, i.Version), max(1, t.Version); was != now {
		return hobby.Item{}, fmt.Errorf("practice: %w: the item is of version %d of %s, this is version %d", hobby.ErrInvalid, was, i.Family, now)
	}
	if split := cmp.Or(t.Split, hobby.Practice); split != i.Split {
		return hobby.Item{}, fmt.Errorf("practice: %w: the item says its task is for %s, it is for %s", hobby.ErrInvalid, i.Split, split)
	}
	v, err := judged(t, i.Answer, i.Finish)
	switch {
	case v.Err != nil:
		return hobby.Item{}, fmt.Errorf("practice: %w", err)
	case err != nil:
		return hobby.Item{}, fmt.Errorf("practice: %w: %w", hobby.ErrInvalid, err)
	}
	i.Messages, i.Reference, i.Verifier, i.Source, i.Taint = t.Messages, t.Reference, t.Verifier, t.Source, cmp.Or(t.Taint, i.Taint)
	i.Score, i.Note = v.Score, v.Note
	return i, nil
}

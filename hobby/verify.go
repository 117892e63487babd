package hobby

import (
	"fmt"
	"slices"
)

// Verifier is an Executor whose tasks can be generated again, so that answers
// given elsewhere can be accepted here without trusting the agent that gave
// them. Callers find out by assertion on [Hobby.Executor].
type Verifier interface {
	// Tasks lists the tasks of p in order; none of them is held out. The list is
	// the same on every machine that has the same families.
	Tasks(p Plan) ([]TaskID, error)
	// Verify generates the task of i again and judges its answer again. It returns
	// i with its messages, reference, score, verifier, note and source as this
	// program knows them. The error is ErrInvalid for an item of another version
	// of its family, of another split than its task's, or whose task does not
	// exist.
	Verify(i Item) (Item, error)
}

// Replayer is an Executor whose answers may be transcripts of several turns. Callers find
// out by assertion on [Hobby.Executor].
type Replayer interface {
	// Replay returns the turns of an answer: what the model was asked by then, and what
	// it wrote. It has those that are worth learning, so not a call that failed, and is
	// nil for an answer of one turn.
	Replay(i Item) ([]Turn, error)
}

// Turn is what a model wrote, and what it was asked by then.
type Turn struct {
	Messages   []Message `json:"messages"`
	Tools      []Tool    `json:"tools,omitempty"`
	Completion string    `json:"completion"`
}

// TaskID names a task that can be made again.
type TaskID struct {
	Family string `json:"family"`
	Level  int    `json:"level"`
	Seed   uint64 `json:"seed,string"`
	// Source is the file that the task asks about, and Digest that of its text; ""
	// for a task that asks about none.
	Source string `json:"source,omitempty"`
	Digest string `json:"digest,omitempty"`
}

// Task names the task of an item.
func (i *Item) Task() TaskID {
	t := TaskID{Family: i.Family, Level: i.Level, Seed: i.Seed, Digest: i.Digest}
	if t.Digest != "" {
		t.Source = i.Source
	}
	return t
}

// Remake makes the task of a stored item again, as its family makes it today, and judges
// its answer again. It returns the item with today's prompt, reference, verdict, version
// and split: what an old row may be used for is decided by these, and not by what was
// stored. An item of an older version of its family counts where the task has stayed the
// same, word for word. An answer that a filter withheld is judged as one that was cut.
// The error is ErrInvalid where there is no such task today.
//
// Where the executor is no [Verifier], an item of today's version stays as it is, and
// one of another version is ErrInvalid.
func (h *Hobby) Remake(i Item) (Item, error) {
	at := slices.IndexFunc(h.Families, func(f Family) bool { return f.Name == i.Family })
	if at < 0 || i.Level < 1 || i.Level > h.Families[at].Levels {
		return Item{}, fmt.Errorf("hobby: %w: %s has no level %d of the family %.64q", ErrInvalid, h.Kind, i.Level, i.Family)
	}
	was, now := max(1, i.Version), max(1, h.Families[at].Version)
	v, verifies := h.Executor.(Verifier)
	switch {
	case was > now, was != now && !verifies:
		return Item{}, fmt.Errorf("hobby: %w: the item is of version %d of %s, this is version %d", ErrInvalid, was, i.Family, now)
	case !verifies:
		return i, nil
	}
	asked := i.Messages
	i.Version = now
	if i.Finish == FinishFilter {
		i.Finish = FinishLength
	}
	var err error
	for _, i.Split = range []Split{Practice, HeldOut} { // its task is in one of them
		var today Item
		if today, err = v.Verify(i); err != nil {
			continue
		}
		if was != now && !slices.EqualFunc(asked, today.Messages, sameText) {
			return Item{}, fmt.Errorf("hobby: %w: version %d of %s asks something else than version %d did", ErrInvalid, now, i.Family, was)
		}
		return today, nil
	}
	return Item{}, err
}

func sameText(a, b Message) bool { return a.Role == b.Role && a.Content == b.Content }

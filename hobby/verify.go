package hobby

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

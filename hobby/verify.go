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

// TaskID names a generated task.
type TaskID struct {
	Family string
	Level  int
	Seed   uint64
}

// Task names the task of an item.
func (i *Item) Task() TaskID { return TaskID{i.Family, i.Level, i.Seed} }

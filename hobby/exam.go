package hobby

import "context"

// Examiner is an Executor whose tasks can be listed, and put to a model outside a
// session: to learn from those for practice, and to compare models on those that are
// held out. Callers find out by assertion on [Hobby.Executor]. hobbytest.TestExaminer
// is the contract.
type Examiner interface {
	// Exam lists tasks, none of them twice. The same request lists the same tasks
	// wherever the families, and the files that they ask about, are the same. Exams
	// with another Purpose or Seed are drawn independently of each other: of a large
	// level they have nothing in common, of a small one they may.
	//
	// The error is ErrInvalid for a level that does not exist, and where more than
	// MaxExam tasks are asked for.
	Exam(ctx context.Context, r ExamRequest) (Exam, error)
	// Sit puts tasks to m and returns the verified answers, in the order of the
	// tasks, and the samples of a task in theirs. A task that m's context has no
	// room for has no answer. With an error come the answers before it.
	//
	// The error is ErrInvalid for a task that does not exist, ErrChanged when the
	// file that it asks about is another one now, and else the model's. Tasks are
	// made before the first is asked.
	Sit(ctx context.Context, m Model, s Sitting) ([]Item, error)
}

// MaxExam bounds the tasks of an Exam, and the answers of a Sitting.
const MaxExam = 100_000

// ExamRequest says which tasks an Examiner lists.
type ExamRequest struct {
	// Purpose, such as "trial", and Seed decide which tasks are drawn.
	Purpose string
	Seed    uint64
	// Split is what the tasks may be used for. Default HeldOut.
	Split Split
	// Levels are those to draw from. Default every level of every family.
	Levels []Level
	// Tasks is how many tasks of each level are drawn, at least 1.
	Tasks int
}

// Level names a level of a family.
type Level struct {
	Family string `json:"family"`
	Level  int    `json:"level"`
}

// Exam is a list of tasks.
type Exam struct {
	// Tasks are in the order of the request's levels.
	Tasks []TaskID
	// Short are the levels that have fewer tasks than were asked for: all that were
	// found are in the list.
	Short []Shortage
}

// Shortage says that a level has fewer tasks than were asked for.
type Shortage struct {
	Level
	// Tasks is how many it has.
	Tasks int
}

// Sitting is tasks that are put to a model.
type Sitting struct {
	Tasks []TaskID
	// Adapter names a loaded adapter of the model. Default the base.
	Adapter string
	// Samples is how many answers are drawn to each task. Default 1. Of several none
	// is counted in a tally, see [Item.Counted].
	Samples int
	// Sampling is how they are drawn. Default greedily.
	Sampling Sampling
	// Seed draws the answers, with the task's own seed and the number of the sample:
	// the same sitting gets the same answers of a model that repeats itself.
	Seed uint64
}

package reading

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

var _ interface {
	hobby.Examiner
	hobby.Verifier
} = (*executor)(nil)

// Exam implements hobby.Examiner. Each task is made of one document and names it, with
// the digest of its text.
func (x *executor) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	l, err := x.tree.Read(ctx)
	if err != nil {
		return hobby.Exam{}, fmt.Errorf("reading: %w", err)
	}
	shelves := make([]*shelf, len(l.Files))
	for i, d := range l.Files {
		if ctx.Err() != nil {
			return hobby.Exam{}, context.Cause(ctx)
		}
		shelves[i] = alone(ctx, d)
	}
	return practice.Deal(ctx, r, families, func(r *rand.Rand, at hobby.Level, split hobby.Split, n int) ([]practice.Task, error) {
		family, _ := study.Family(families, at.Family, at.Level)
		open := make([]func() study.Pose, len(l.Files))
		for i, d := range l.Files {
			open[i] = func() study.Pose { return shelves[i].pose(d, family, at.Level) }
		}
		return study.Deal(ctx, r, split, n, open)
	})
}

// alone is what questions about one document can be made of, however few there are.
func alone(ctx context.Context, d *document) *shelf {
	return stocked(ctx, newLibrary([]*document{d}, nil), true)
}

// pose makes questions about the shelf's document.
func (s *shelf) pose(d *document, family hobby.Family, level int) study.Pose {
	return func(seed uint64) (practice.Task, bool) {
		t, ok := s.draw(family.Name, study.Seeded(seed, &family, level), level)
		if ok {
			study.Name("reading", &t, family, level, seed, d.path, d.digest)
		}
		return t, ok
	}
}

// remaking makes tasks from what names them, of documents as they are now.
func remaking(ctx context.Context, l study.Listing[*document]) func(hobby.TaskID) (practice.Task, error) {
	documents, shelves := map[string]*document{}, map[string]*shelf{}
	for _, d := range l.Files {
		documents[d.path] = d
	}
	return func(id hobby.TaskID) (practice.Task, error) {
		family, ok := study.Family(families, id.Family, id.Level)
		if !ok || id.Source == "" || id.Digest == "" {
			return practice.Task{}, fmt.Errorf("reading: %w: there is no task %+v", hobby.ErrInvalid, id)
		}
		d := documents[id.Source]
		if d == nil || d.digest != id.Digest {
			return practice.Task{}, fmt.Errorf("reading: %w: %.256s", hobby.ErrChanged, id.Source)
		}
		if shelves[id.Source] == nil {
			shelves[id.Source] = alone(ctx, d)
		}
		t, ok := shelves[id.Source].pose(d, family, id.Level)(id.Seed)
		if !ok {
			return practice.Task{}, fmt.Errorf("reading: %w: there is no task %+v", hobby.ErrInvalid, id)
		}
		return t, nil
	}
}

// Sit implements hobby.Examiner. A task whose document is another one now is
// hobby.ErrChanged.
func (x *executor) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) ([]hobby.Item, error) {
	l, err := x.tree.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	return practice.Sit(ctx, m, s, remaking(ctx, l))
}

// Tasks implements hobby.Verifier.
func (x *executor) Tasks(p hobby.Plan) ([]hobby.TaskID, error) {
	ctx := context.Background()
	l, err := x.tree.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	whole := newShelf(ctx, newLibrary(l.Files, nil))
	quiz := x.quiz(whole, whole.near(ctx, p.Topic))
	return quiz.Tasks(p)
}

// Verify implements hobby.Verifier. What was read a moment ago is not read again.
func (x *executor) Verify(i hobby.Item) (hobby.Item, error) {
	x.verifying.Lock()
	defer x.verifying.Unlock()
	if x.remake == nil || time.Since(x.read) > time.Second {
		l, err := x.tree.Read(context.Background())
		if err != nil {
			return hobby.Item{}, fmt.Errorf("reading: %w", err)
		}
		x.remake, x.read = remaking(context.Background(), l), time.Now()
	}
	t, err := x.remake(i.Task())
	if err != nil {
		return hobby.Item{}, err
	}
	return practice.Verify(&t, i)
}

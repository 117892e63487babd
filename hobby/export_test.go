package hobby

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/internal/irt"
)

// SetWall replaces the wall clock that dates sessions and decides which slots
// are due.
func (m *Manager) SetWall(now func() time.Time) { m.wall = now }

// Tick carries out what is due, as the loop does when its timer fires.
func (m *Manager) Tick(ctx context.Context) {
	m.active = true
	m.tick(ctx)
}

// An AnswerLog is the answers of one model to one hobby.
type AnswerLog struct {
	hobby *Hobby
	key   string
	book  *book
}

// NewAnswerLog makes an empty AnswerLog.
func NewAnswerLog(h *Hobby, modelKey string) *AnswerLog { return &AnswerLog{h, modelKey, newBook()} }

// Seen is what a policy sees on a day, of a model that is taken to be constant: that
// is several times as fast.
func (r *AnswerLog) Seen(day int) KindProficiency {
	seen, _ := r.answers().shared()
	return measureKind(r.hobby, seen, &irt.Options{Frozen: true}, day)
}

// Gain is the gain of all answers.
func (r *AnswerLog) Gain() *Change { return gain(r.hobby, r.answers()) }

func (r *AnswerLog) answers() answers { return r.book.answers(r.hobby, r.key, everything) }

// Add takes the answers of a session and compares them with the earlier ones.
func (r *AnswerLog) Add(t Tally) (*Change, []string) {
	session := newBook()
	session.add(t)
	change, risen := changeOf(r.hobby, r.answers(), session.answers(r.hobby, r.key, everything), compared)
	r.book.add(t)
	return change, risen
}

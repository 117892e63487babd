package hobby

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Doing is what a running session is at, for people to look on. Nothing of it is verified, and
// nothing is stored.
type Doing struct {
	Activity string // the session's id
	// What says what an analysis is at, as [Report] was told; "" when it said nothing.
	What string
	// Items is how many answers were verified, and Of how many the plan has; Of is 0 when it
	// does not say.
	Items, Of int
	// Question is the one that a model was asked last, and Answer what it has said to that so
	// far, but for a last word that may go on. Answers are heard from the question after the
	// first call of [Manager.Doing] on. All three texts are cut when they are long.
	Question, Answer string
	// Beside is how many other questions the model answers at the same time.
	Beside int
}

const (
	doingWhat     = 500 // bytes that are shown
	doingQuestion = 4 << 10
	doingAnswer   = 8 << 10 // bytes that are kept
	// doingHeard is how long after somebody looked an answer is heard as it comes.
	doingHeard = 10 * time.Second
)

// watch is what a session says of what it is at.
type watch struct {
	mu     sync.Mutex
	now    Doing
	turn   int       // of the question
	looked time.Time // when somebody asked last
}

type watchKey struct{}

func watchOf(ctx context.Context) *watch {
	w, _ := ctx.Value(watchKey{}).(*watch)
	return w
}

// Report says for people what an executor, which was given ctx, is at now, such as "checking
// package parser, 3 of 12". Without a session to look at it does nothing.
func Report(ctx context.Context, what string) {
	if w := watchOf(ctx); w != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now.What = what
	}
}

// Asked says that a model is asked a question, and so many others beside it. It returns what
// is to hear the answer as it comes, for [Request.OnDelta]: nil while nobody looks on.
func Asked(ctx context.Context, question string, beside int) (hear func(text string)) {
	w := watchOf(ctx)
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn++
	w.now.Question, w.now.Answer, w.now.Beside = question, "", beside
	if time.Since(w.looked) > doingHeard {
		return nil
	}
	turn := w.turn
	return func(text string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.turn == turn && len(w.now.Answer) < doingAnswer {
			w.now.Answer += text[:min(len(text), doingAnswer-len(w.now.Answer))]
		}
	}
}

// look is what the session is at now.
func (w *watch) look() Doing {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked = time.Now()
	return w.now
}

// shortened cuts a text behind so many bytes, and says so.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// Doing is what the running session is at; the zero Doing when none runs. Whoever looks on asks
// every second or so: answers are heard as they come for some seconds after it. A request that is
// heard is not repeated when its connection is lost in mid-answer, since a part of it was shown.
func (m *Manager) Doing() Doing {
	m.mu.Lock()
	var out *sink
	if m.current != nil {
		out = m.current.sink
	}
	m.mu.Unlock()
	if out == nil {
		return Doing{}
	}
	d, a := out.watch.look(), out.activity()
	d.Activity, d.Items, d.Of = a.ID, a.Items, a.Plan.Budget.Items
	// A secret is known by its whole, so texts are cleaned before they are cut, and a word that
	// is not whole yet is held back.
	d.What, d.Question = shortened(m.clean(d.What), doingWhat), shortened(m.clean(d.Question), doingQuestion)
	cut := len(d.Answer) >= doingAnswer
	d.Answer = m.clean(d.Answer[:strings.LastIndexAny(d.Answer, " \n\t")+1])
	if cut {
		d.Answer += "…"
	}
	return d
}

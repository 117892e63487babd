package lora

import (
	"cmp"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// LevelState is what a run knows of a level, from practice tasks alone.
type LevelState struct {
	hobby.Level
	Guess float64 `json:"guess,omitempty"`
	// Base, Champion and Now are the shares of right greedy answers of the base, of the
	// champion as the run began, and of what is trained at present. Champion is 0 where
	// there was none. Tokens is what a task and its answer take.
	Base     float64 `json:"base"`
	Champion float64 `json:"champion,omitempty"`
	Now      float64 `json:"now"`
	Tokens   float64 `json:"tokens"`
	// Sampled is the mean share of right answers that were drawn at the recipe's
	// temperature; nil where none were.
	Sampled *float64 `json:"sampled,omitempty"`
	// Luck is the chance that a task is drawn right which it answers wrong at a temperature
	// of 0, divided by that of a task which it answers right, both beyond guessing. It is near
	// 1 where right answers are luck, and near 0 where some tasks are known and others are not.
	Luck   float64 `json:"luck,omitempty"`
	Chosen bool    `json:"chosen,omitempty"`
	// Dropped says that a round did not move the level.
	Dropped bool `json:"dropped,omitempty"`
}

// moving reports whether the level is practised.
func (l *LevelState) moving() bool { return l.Chosen && !l.Dropped }

// beyondGuess is a share of right answers without those that guessing gives.
func (l *LevelState) beyondGuess(p float64) float64 { return (p - l.Guess) / (1 - l.Guess) }

// flat is the ratio of sampled to greedy answers above which a level is guessed: what a
// model knows suffers from being drawn at a temperature of 1, and a guess does not.
const flat = 0.93

// mostLuck is the most Luck of a level that is chosen, where answers are drawn at a
// temperature of about 1. It was chosen by eight levels of the model that ships, with a
// program that was not kept, and was tried on no other model: the five that training moves by
// 16 points and more had 0.10 to 0.28, and the three that it does not move 0.37 to 0.54.
const mostLuck = 1.0 / 3

// hopeful reports whether a level could be chosen by its greedy answers.
func (r *Recipe) hopeful(l *LevelState) bool {
	p := l.beyondGuess(l.Now)
	return p >= r.Low && p <= r.High
}

// learnable reports whether the sampled answers of a hopeful level say that there is
// something to learn from, and that it was not guessed.
func (r *Recipe) learnable(l *LevelState) bool {
	if l.Sampled == nil {
		return false
	}
	p := l.beyondGuess(*l.Sampled)
	guessed := l.Luck > mostLuck || l.Guess == 0 && l.Now < 0.5 && *l.Sampled > flat*l.Now
	return p >= r.Seen/2 && !(guessed && r.Temperature >= 0.9)
}

// choose marks the levels to practise: of those that can be learned, the ones where a
// token of training can teach most.
func (r *Recipe) choose(levels []LevelState) (chosen int) {
	var fit []*LevelState
	for i := range levels {
		if l := &levels[i]; r.hopeful(l) && r.learnable(l) {
			fit = append(fit, l)
		}
	}
	worth := func(l *LevelState) float64 { return l.Now * (1 - l.Now) / max(1, l.Tokens) }
	slices.SortStableFunc(fit, func(a, b *LevelState) int { return cmp.Compare(worth(b), worth(a)) })
	fit = fit[:min(len(fit), r.Levels)]
	for _, l := range fit {
		l.Chosen = true
	}
	return len(fit)
}

// moved notes what a level is at after a round, and drops it when that is not enough.
func (r *Recipe) moved(l *LevelState, now float64) {
	l.Dropped = now < min(l.Now+r.Rise, r.Known)
	l.Now = now
}

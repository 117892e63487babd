package rlhf

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// teller is an embedder that a test tells what to say.
type teller struct {
	key   string
	asked map[string]int
	say   func(texts []string) ([][]float32, error)
}

func (e *teller) Info(context.Context) (hobby.ModelInfo, error) {
	return hobby.ModelInfo{Key: e.key}, nil
}

func (e *teller) Embed(_ context.Context, texts []string) ([][]float32, error) {
	for _, text := range texts {
		e.asked[text]++
	}
	if e.say == nil {
		return vectors(len(texts), 1, 2, 3), nil
	}
	return e.say(texts)
}

func vectors(n int, v ...float32) (all [][]float32) {
	for range n {
		all = append(all, v)
	}
	return all
}

// told are the meanings that a teller gives, with the number of what was forgotten.
func told(say func([]string) ([][]float32, error)) (*meanings, *teller, *int64) {
	e, forgets := &teller{key: "e", asked: map[string]int{}, say: say}, new(int64)
	return newMeanings(e, func(context.Context) (int64, error) { return *forgets, nil }, slog.New(slog.DiscardHandler)), e, forgets
}

func (m *meanings) knows(text string) bool { return m.by(m.current(), ofNobody)(text) != nil }

func ratedTexts(names ...string) (all []Rated) {
	for _, name := range names {
		all = append(all, Rated{Feedback: Feedback{Rating: 3}, About: Target{Text: name}})
	}
	return all
}

// TestRefusals has four texts side by side be refused for their own sake, which stops nothing,
// and one fail once, which is asked for again.
func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flaky := true
		m, e, _ := told(func(texts []string) ([][]float32, error) {
			switch all := strings.Join(texts, " "); {
			case strings.Contains(all, "poison"):
				return nil, fmt.Errorf("as ever: %w", hobby.ErrTooLong)
			case strings.Contains(all, "flaky") && flaky:
				return nil, errors.New("429")
			}
			return vectors(len(texts), 1, 2, 3), nil
		})
		names := []string{"first"}
		for i := range 2 * askedAtOnce {
			names = append(names, fmt.Sprint("text", i))
		}
		names = append(names, "flaky", "poison1", "poison2", "poison3", "poison4", "last")
		m.fill(t.Context(), 0, ratedTexts(names...))
		for _, name := range names {
			if known := m.knows(name); known != (!strings.HasPrefix(name, "poison") && name != "flaky") {
				t.Errorf("%s is known: %v", name, known)
			}
		}
		clear(e.asked)
		flaky = false
		m.fill(t.Context(), 0, ratedTexts(names...))
		if !m.knows("flaky") || len(e.asked) != 1 {
			t.Errorf("asked for %v, want what failed once alone", e.asked)
		}
	})
}

// TestAllArePoison asks the probe whether an embedder that refuses whatever it is asked works.
func TestAllArePoison(t *testing.T) {
	for _, works := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			m, e, _ := told(func(texts []string) ([][]float32, error) {
				if works && texts[0] == probe {
					return vectors(1, 1, 2), nil
				}
				return nil, hobby.ErrInvalid
			})
			for range 2 {
				m.fill(t.Context(), 0, ratedTexts("a", "b", "c", "d"))
				time.Sleep(time.Hour)
			}
			if again := e.asked["d"] > 2; again == works {
				t.Errorf("an embedder that works (%v) and refuses all was asked %v", works, e.asked)
			}
		})
	}
}

// TestBadVectors has vectors that say nothing be an error, and the number of their parts be one
// of the embedder's key.
func TestBadVectors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, bad := range [][][]float32{{{}, {}}, {{nan, 1}, {1, 1}}, {{1, 1}, {inf, 1}}, {{1, 1}, {1, 1, 1}}, {{0, 0}, {1, 1}}, {{1, 1}}} {
		m, _, _ := told(func([]string) ([][]float32, error) { return bad, nil })
		if err := m.embed(t.Context(), 0, []string{"a", "b"}); err == nil || len(m.of) != 0 {
			t.Errorf("%v of two texts: %v, and %d are known", bad, err, len(m.of))
		}
	}
	m, e, _ := told(nil)
	for n := range 2 {
		e.say = func([]string) ([][]float32, error) { return [][]float32{append(make([]float32, 1+n), 1)}, nil }
		if err := m.embed(t.Context(), 0, []string{fmt.Sprint(n)}); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("e/%d", 2+n); m.current() != want || len(m.of) != 1 {
			t.Errorf("the key is %q and %d are known, want %q and one", m.current(), len(m.of), want)
		}
	}
}

// TestLateAnswers drops what was asked for before something was forgotten, or of an embedder
// that another one took the place of since.
func TestLateAnswers(t *testing.T) {
	for _, forgotten := range []bool{true, false} {
		m, e, forgets := told(nil)
		e.say = func(texts []string) ([][]float32, error) {
			if texts[0] == "late" {
				if forgotten {
					*forgets = 1
					if _, err := m.renew(t.Context()); err != nil {
						t.Error(err)
					}
				} else {
					e.key = "e2"
					if err := m.embed(t.Context(), 0, []string{"other"}); err != nil {
						t.Error(err)
					}
				}
			}
			return vectors(len(texts), 1, 2, 3), nil
		}
		err := m.embed(t.Context(), 0, []string{"late"})
		if m.knows("late") || m.knows("other") == forgotten || errors.Is(err, errForgotten) != forgotten {
			t.Errorf("something was forgotten (%v): %v, and the late answer is known: %v", forgotten, err, m.knows("late"))
		}
		if !forgotten && m.current() != "e2/3" {
			t.Errorf("the embedder is %q", m.current())
		}
		all := ratedTexts("a")
		m.fill(t.Context(), 0, all)
		if forgotten && e.asked["a"] != 0 {
			t.Error("what was read before something was forgotten is asked for")
		}
	}
}

// TestBoundsOfMeanings keeps the newest where there are too many, and asks for what is rated
// first, and for no more of others than a day has.
func TestBoundsOfMeanings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _, _ := told(nil)
		for i := range maxMeanings {
			m.of[hashOf(fmt.Sprint(i))] = nil
		}
		m.key = "e/3"
		if err := m.embed(t.Context(), 0, []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
		if len(m.of) != maxMeanings || !m.knows("a") || !m.knows("b") {
			t.Errorf("%d are known, the newest: %v, %v", len(m.of), m.knows("a"), m.knows("b"))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		m, _, _ := told(nil)
		asked := 0
		look := func(n int, i interest) {
			look := m.by("", i)
			for range n {
				look(fmt.Sprint(i, asked, len(m.wanted), len(m.unrated)))
			}
		}
		take := func() (n, rated int) {
			for texts, _ := m.take(); len(texts) > 0; texts, _ = m.take() {
				for _, text := range texts {
					if strings.HasPrefix(text, fmt.Sprint(int(ofRaters), " ")) {
						rated++
						if n+1 != rated {
							t.Fatal("what nobody has rated is asked for before what is rated")
						}
					}
					n++
				}
				asked += len(texts)
			}
			return n, rated
		}
		look(40, ofReaders)
		look(40, ofRaters)
		if n, rated := take(); n != 80 || rated != 40 {
			t.Errorf("asked for %d, of which %d are rated", n, rated)
		}
		for range 3 {
			look(2*unratedPerDay, ofReaders)
			take()
		}
		if asked != 40+unratedPerDay {
			t.Errorf("asked for %d on a day, want 40 that are rated and %d others", asked, unratedPerDay)
		}
		if len(m.unrated) != 0 {
			t.Errorf("%d wait", len(m.unrated))
		}
		time.Sleep(24 * time.Hour)
		look(5, ofReaders)
		if n, _ := take(); n != 5 {
			t.Errorf("on the next day %d are asked for", n)
		}
	})
}

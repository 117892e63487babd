package rlhf

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// Dataset is what people said of texts, for other programs. [Export] and [Import] write
// and read it.
type Dataset struct {
	// Pairs are texts of which people liked one more, by question.
	Pairs []Pair
	// Labels are texts that they liked, or did not.
	Labels []Label
	// Records are all that was rated, with who said what.
	Records []Record
}

// Pair is two answers to a question of which people liked one more.
type Pair struct {
	Question, Chosen, Rejected string
	// ChosenID and RejectedID are those of the insights.
	ChosenID, RejectedID string
}

// Label is an answer that people liked, or did not.
type Label struct {
	Question, Text string
	Good           bool
	// ID is that of the insight.
	ID string
}

// Record is a target and what each person said of it last.
type Record struct {
	Target Ref
	Kind   hobby.Kind
	// Question is "" for what is no insight.
	Question, Text string
	// Untrusted says that the text is from outside and was not accepted.
	Untrusted bool
	// Opinions are in the order of By.
	Opinions []Opinion
}

// Opinion is what one person said of a target.
type Opinion struct {
	// By is the same for all that a person said, and says nothing else of them.
	By uuid.UUID
	// Rating, Helpful, Comment and Suggestion are as in Feedback.
	Rating              int
	Helpful             *bool
	Comment, Suggestion string
}

// Dataset is made of all feedback as it is stored now: nothing of it is of somebody who
// was forgotten.
//
// Pairs and Labels are of insights that may be trained on: this program's own texts, and
// those that were accepted. A pair needs more people who gave the one text more stars
// than who gave the other more; of what a person said of the answers to one question
// the newest 20 ratings count. A label needs more people who gave at
// least 4 stars, or said that it is helpful, than who gave at most 2, or said that it is
// not. Where the model predicts ratings it must not disagree, so that a crowd of new names
// makes neither.
func (p *Pipeline) Dataset(ctx context.Context) (Dataset, error) {
	of, err := p.opinions(ctx)
	if err != nil {
		return Dataset{}, err
	}
	var d Dataset
	byQuestion := map[string][]*said{}
	for _, s := range of {
		d.Records = append(d.Records, s.Record)
		if s.Target.Type == Insight && !s.Untrusted {
			byQuestion[s.Question] = append(byQuestion[s.Question], s)
		}
	}
	for _, question := range slices.Sorted(maps.Keys(byQuestion)) {
		answers := byQuestion[question]
		d.Pairs = append(d.Pairs, pairsOf(answers)...)
		for _, s := range answers {
			if good, ok := s.label(); ok {
				d.Labels = append(d.Labels, Label{question, s.Text, good, s.Target.ID})
			}
		}
	}
	return d, nil
}

// Preferred are the ids of a kind's insights that are the better one of more pairs than
// they are the worse one of, at most limit of them, the best first: answers to learn from.
func (p *Pipeline) Preferred(ctx context.Context, k hobby.Kind, limit int) ([]string, error) {
	d, err := p.Dataset(ctx)
	if err != nil {
		return nil, err
	}
	kind := map[string]hobby.Kind{}
	for i := range d.Records {
		if r := &d.Records[i]; r.Target.Type == Insight {
			kind[r.Target.ID] = r.Kind
		}
	}
	wins := map[string]int{}
	for i := range d.Pairs {
		wins[d.Pairs[i].ChosenID]++
		wins[d.Pairs[i].RejectedID]--
	}
	maps.DeleteFunc(wins, func(id string, n int) bool { return n <= 0 || kind[id] != k })
	ids := slices.Sorted(maps.Keys(wins))
	slices.SortStableFunc(ids, func(a, b string) int { return wins[b] - wins[a] })
	return ids[:min(len(ids), max(limit, 0))], nil
}

// said is a record with what is needed to compare it.
type said struct {
	Record
	pos map[uuid.UUID]int64 // of the last word of each
	// voice is whose voice the word of each is, where that is not their own.
	voice map[uuid.UUID]string
	// expected is how the model says that it would be rated; 0 where it abstains.
	expected float64
}

// opinions are all targets that somebody said something of, in the order of the first
// word of each, with everybody's last words.
func (p *Pipeline) opinions(ctx context.Context) ([]*said, error) {
	if err := p.CatchUp(ctx); err != nil {
		return nil, err
	}
	all, err := p.allRatings(ctx)
	if err != nil {
		return nil, err
	}
	key, err := p.secret(ctx)
	if err != nil {
		return nil, err
	}
	of := map[Ref]*said{}
	var order []*said
	for i := range all {
		r := &all[i]
		o := Opinion{pseudonym(key, r.Rater), r.Rating, r.Helpful, r.Comment, r.Suggestion}
		if r.Superseded || o == (Opinion{By: o.By}) {
			continue
		}
		s := of[r.About.Ref()]
		if s == nil {
			s = &said{pos: map[uuid.UUID]int64{}, voice: map[uuid.UUID]string{}}
			s.Record = Record{Target: r.About.Ref(), Kind: r.About.Kind, Question: r.About.Question, Text: r.About.Text}
			if s.Untrusted, err = p.untrusted(ctx, &r.About); err != nil {
				return nil, err
			}
			switch got, err := p.predict(&r.About); {
			case err == nil:
				s.expected = got.Mean
			case !errors.Is(err, hobby.ErrAbstain):
				return nil, err
			}
			of[s.Target] = s
			order = append(order, s)
		}
		if s.pos[o.By] == 0 {
			s.Opinions = append(s.Opinions, o)
		} else { // an anonymous one, who says more than one thing
			s.Opinions[slices.IndexFunc(s.Opinions, func(was Opinion) bool { return was.By == o.By })] = o
		}
		s.pos[o.By] = r.Pos
		if r.Voice != "" {
			s.voice[o.By] = pseudonym(key, r.Voice).String() // as an opinion without a name has it
		}
	}
	for _, s := range order {
		slices.SortFunc(s.Opinions, func(a, b Opinion) int { return bytes.Compare(a.By[:], b.By[:]) })
	}
	return order, nil
}

// untrusted is whether a target's text may not be used as this program's own, as of now: it
// may have been accepted since it was first rated, or refused.
func (p *Pipeline) untrusted(ctx context.Context, t *Target) (bool, error) {
	if t.Type != Insight {
		return t.Untrusted, nil
	}
	now, err := p.targets.Target(ctx, t.Type, t.ID)
	switch {
	case errors.Is(err, hobby.ErrNotFound):
		return t.Untrusted, nil
	case err != nil:
		return false, fmt.Errorf("rlhf: reading insight %.64q: %w", t.ID, err)
	}
	return now.Untrusted, nil
}

// pseudonym names a rater to other programs: a hash that only the store's owner can
// compute.
func pseudonym(key []byte, rater string) uuid.UUID {
	return uuid.NewHash(hmac.New(sha256.New, key), uuid.Nil, []byte("opinion of "+rater), 8)
}

// speaker is whose voice an opinion is.
func (s *said) speaker(by uuid.UUID) string { return cmp.Or(s.voice[by], by.String()) }

// ofOneQuestion is how many of a person's ratings of answers to a question are compared with
// each other: the newest ones.
const ofOneQuestion = 20

// pairsOf compares the answers to a question.
func pairsOf(answers []*said) (pairs []Pair) {
	type rating struct {
		answer, stars int
		pos           int64
	}
	by := map[string][]rating{}
	for i, s := range answers {
		for k := range s.Opinions {
			if o := &s.Opinions[k]; o.Rating != 0 {
				by[s.speaker(o.By)] = append(by[s.speaker(o.By)], rating{i, o.Rating, s.pos[o.By]})
			}
		}
	}
	wins := map[[2]int]int{} // of the first over the second, less those of the second; the first is the smaller
	for _, own := range by {
		better := map[[2]int]int{} // as one voice has it
		slices.SortFunc(own, func(a, b rating) int { return cmp.Compare(b.pos, a.pos) })
		own = own[:min(len(own), ofOneQuestion)]
		for i, a := range own {
			for _, b := range own[i+1:] {
				if a.answer < b.answer {
					better[[2]int{a.answer, b.answer}] += cmp.Compare(a.stars, b.stars)
				} else {
					better[[2]int{b.answer, a.answer}] += cmp.Compare(b.stars, a.stars)
				}
			}
		}
		for pair, n := range better {
			wins[pair] += cmp.Compare(n, 0)
		}
	}
	for pair, n := range wins {
		better, worse := answers[pair[0]], answers[pair[1]]
		if n < 0 {
			better, worse = worse, better
		}
		known := better.expected != 0 && worse.expected != 0
		if n == 0 || better.Text == worse.Text || known && better.expected <= worse.expected {
			continue
		}
		pairs = append(pairs, Pair{better.Question, better.Text, worse.Text, better.Target.ID, worse.Target.ID})
	}
	slices.SortFunc(pairs, func(a, b Pair) int {
		return cmp.Or(strings.Compare(a.ChosenID, b.ChosenID), strings.Compare(a.RejectedID, b.RejectedID))
	})
	return pairs
}

// label says whether most of those who said something liked s; false where it is not known.
func (s *said) label() (good, ok bool) {
	liked, n := map[string]int{}, 0
	for i := range s.Opinions {
		switch o := &s.Opinions[i]; {
		case o.Rating >= 4 || o.Rating == 0 && o.Helpful != nil && *o.Helpful:
			liked[s.speaker(o.By)]++
		case o.Rating == 1 || o.Rating == 2 || o.Rating == 0 && o.Helpful != nil:
			liked[s.speaker(o.By)]--
		}
	}
	for _, more := range liked {
		n += cmp.Compare(more, 0)
	}
	const middle = (MinRating + MaxRating) / 2.0
	if n == 0 || s.expected != 0 && (s.expected > middle) != (n > 0) {
		return false, false
	}
	return n > 0, true
}

package lora

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// ErrHeldOut is a data set that has a held-out task in it.
var ErrHeldOut = errors.New("lora: the data set has a held-out task in it")

// Material is what one hobby gives a data set.
type Material struct {
	// Hobby is the one that the rest is of, as it is now. Where its Executor is a
	// [hobby.Verifier], each task is made again and each answer judged again.
	// Otherwise the family's version says whether an item still measures anything.
	Hobby hobby.Hobby
	// Items are answers to learn from, and Replay those of the base to keep as they
	// are, right or wrong. Insights become questions and answers.
	Items    []hobby.Item
	Replay   []hobby.Item
	Insights []hobby.Insight
}

// SelectOptions says what gets into a data set.
type SelectOptions struct {
	// Base is the key of the base that is trained. Own are the keys of its adapters
	// whose answers are its own too, such as that of the round before.
	Base string
	Own  []string
	// Others takes the answers of other models as well. Default off.
	Others bool
	// References takes the reference of a task that was asked and never answered right.
	// Default off.
	References bool
	// Distinct is how many different right answers to a task are taken. Default 2.
	Distinct int
	// MinQuality is the least quality of an insight, in [0, 1]. Default 0.6; a negative
	// number takes all. Answers have passed, so theirs is 1.
	MinQuality float64
	// Scorer predicts the quality of an insight. Where it abstains, and by default, the
	// quality is the insight's confidence.
	Scorer hobby.Scorer
	// Redact is what texts are redacted with before they are stored. A text that it
	// would change is left out. Default: only those are left out that were changed.
	Redact func(text string) string
	// HeldOut are held-out tasks with their references. An insight that repeats one is
	// left out.
	HeldOut []hobby.Item
	// Validation is the share of the tasks that are kept to measure the loss, all
	// answers to a task on one side. Default 0.1; a negative number keeps none. Replayed
	// answers are all learned.
	Validation float64
	// Seed draws which tasks those are.
	Seed uint64
}

func (o *SelectOptions) withDefaults() SelectOptions {
	var d SelectOptions
	if o != nil {
		d = *o
	}
	set(&d.Distinct, 2)
	set(&d.MinQuality, 0.6)
	set(&d.Validation, 0.1)
	return d
}

// Selection is a data set: what is learned, and what was left out of it.
type Selection struct {
	// Rows are in the order of their ids.
	Rows   []Row
	Funnel Funnel
	// Digest is the SHA-256 of what is learned, of the rules' version and of the
	// scorer's, in 32 hexadecimal digits. The same material gives the same digest,
	// in any order and with other ids.
	Digest string
}

// Dataset is the selection as a Trainer takes it.
func (s *Selection) Dataset() Dataset {
	var d Dataset
	for i := range s.Rows {
		if s.Rows[i].Validation {
			d.Validation = append(d.Validation, s.Rows[i].Examples()...)
		} else {
			d.Train = append(d.Train, s.Rows[i].Examples()...)
		}
	}
	return d
}

// rulesVersion counts the changes of what Select does.
const rulesVersion = 3

// Select makes a data set of what was verified. It depends on nothing but its
// arguments, and not on their order. The error is ErrConfig for options that cannot be
// meant. Too little to learn from is no error: see [Selection.Rows].
func Select(ctx context.Context, material []Material, o *SelectOptions) (Selection, error) {
	s := &selecting{SelectOptions: o.withDefaults(), rows: map[string]*Row{}, answers: map[string]int{}, failed: map[string]*Row{}}
	switch {
	case s.Base == "":
		return Selection{}, fmt.Errorf("%w: the base of the data set has no key", ErrConfig)
	case s.Distinct < 1:
		return Selection{}, fmt.Errorf("%w: %d distinct answers to a task, must be at least 1", ErrConfig, s.Distinct)
	case !(s.MinQuality <= 1):
		return Selection{}, fmt.Errorf("%w: a least quality of %v, must be at most 1", ErrConfig, s.MinQuality)
	case !(s.Validation < 1):
		return Selection{}, fmt.Errorf("%w: a share of %v for validation, must be below 1", ErrConfig, s.Validation)
	}
	s.overlap = newOverlap(s.HeldOut, material)
	s.funnel = Funnel{In: map[Origin]int{}, Kept: map[Origin]int{}}
	if err := s.all(ctx, material); err != nil {
		return Selection{}, err
	}
	return s.result(), nil
}

// selecting is a data set in the making.
type selecting struct {
	SelectOptions
	funnel  Funnel
	rows    map[string]*Row // by id
	answers map[string]int  // right ones that are kept, by task
	overlap *overlap
	texts   []*Row          // the insights that passed the rules so far
	failed  map[string]*Row // the reference of a task that was asked, by task
}

// all takes the material in an order of its own: own answers before those of others,
// and both before what is taken where there is none.
func (s *selecting) all(ctx context.Context, material []Material) error {
	material = slices.Clone(material)
	slices.SortStableFunc(material, func(a, b Material) int { return cmp.Compare(a.Hobby.Kind, b.Hobby.Kind) })
	for _, own := range []bool{true, false} {
		err := each(ctx, material, func(m *Material) []hobby.Item { return m.Items }, func(m *Material, i *hobby.Item) {
			if s.own(i) == own {
				s.answer(m, i)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, task := range slices.Sorted(maps.Keys(s.failed)) {
		s.reference(task, s.failed[task])
	}
	err := each(ctx, material, func(m *Material) []hobby.Item { return m.Replay }, s.replay)
	if err != nil {
		return err
	}
	return s.insights(ctx, material)
}

// each calls f with the items of all material in an order that does not depend on the
// one they are in.
func each(ctx context.Context, material []Material, of func(*Material) []hobby.Item, f func(*Material, *hobby.Item)) error {
	for i := range material {
		items := slices.Clone(of(&material[i]))
		slices.SortStableFunc(items, func(a, b hobby.Item) int {
			return cmp.Or(
				cmp.Compare(a.Family, b.Family), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Seed, b.Seed),
				cmp.Compare(a.Source, b.Source), cmp.Compare(a.Sample, b.Sample), cmp.Compare(a.DrawSeed, b.DrawSeed),
				cmp.Compare(a.Answer, b.Answer), cmp.Compare(a.ModelKey, b.ModelKey), cmp.Compare(a.ID, b.ID))
		})
		for j := range items {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			item := items[j]
			f(&material[i], &item)
		}
	}
	return nil
}

// own reports whether the model that is trained gave an answer.
func (s *selecting) own(i *hobby.Item) bool {
	return i.ModelKey == s.Base || slices.Contains(s.Own, i.ModelKey)
}

// answer takes an answer to learn from, when all rules do.
func (s *selecting) answer(m *Material, i *hobby.Item) {
	origin := OriginOther
	if s.own(i) {
		origin = OriginOwn
	}
	s.funnel.candidate(origin)
	f := &s.funnel
	if !s.usable(m, i) || !f.pass(RuleOther, origin == OriginOwn || s.Others) {
		return
	}
	r := rowOf(m, i, origin)
	task := r.task()
	if origin == OriginOwn && s.failed[task] == nil {
		ref := rowOf(m, i, OriginReference)
		ref.Completion, ref.Turns, ref.ModelKey, ref.Quality = "", nil, "", 1
		if passes(m, *i, i.Reference) {
			ref.Completion = strings.TrimSpace(i.Reference)
			ref.Turns = turnsOf(m, i, i.Reference)
		}
		s.failed[task] = ref
	}
	if !f.pass(RuleWrong, i.Passed()) {
		return
	}
	if _, known := s.answers[task]; !known {
		s.answers[task] = 0 // it was answered right, though perhaps not as the rules want
	}
	if !s.complete(i) || s.repeated(r) || !f.pass(RuleDistinct, s.answers[task] < s.Distinct) {
		return
	}
	s.answers[task]++
	s.keep(r)
}

// passes reports whether an answer to an item's task is right. A task that nothing can
// judge again has been judged by whoever made its reference.
func passes(m *Material, i hobby.Item, answer string) bool {
	v, ok := m.Hobby.Executor.(hobby.Verifier)
	if !ok {
		return true
	}
	i.Answer, i.Finish = answer, hobby.FinishStop
	got, err := v.Verify(i)
	return err == nil && got.Passed()
}

// reference takes the reference of a task, when no answer was right.
func (s *selecting) reference(task string, r *Row) {
	if _, right := s.answers[task]; right || !s.References {
		return
	}
	s.funnel.candidate(OriginReference)
	r.identify()
	if s.funnel.pass(RuleEmpty, r.Completion != "") && !s.repeated(r) {
		s.keep(r)
	}
}

// replay takes an answer of the base to keep as it is.
func (s *selecting) replay(m *Material, i *hobby.Item) {
	s.funnel.candidate(OriginReplay)
	if !s.usable(m, i) || !s.funnel.pass(RuleOther, i.ModelKey == s.Base) || !s.complete(i) {
		return
	}
	r := rowOf(m, i, OriginReplay)
	if s.funnel.pass(RuleLearned, s.answers[r.task()] == 0) && !s.repeated(r) {
		s.keep(r)
	}
}

// usable applies the rules that every item must pass. It makes its task again, so that
// the prompt and the verdict are those of today.
func (s *selecting) usable(m *Material, i *hobby.Item) bool {
	f := &s.funnel
	why := remake(m, i)
	if !f.pass(RuleHeldOut, why != RuleHeldOut) || !f.pass(RuleStale, why != RuleStale) {
		return false
	}
	tainted := i.Taint != hobby.Trusted && (i.Acceptance == nil || !i.Acceptance.Accepted)
	if !f.pass(RuleTainted, !tainted) {
		return false
	}
	if s.Redact != nil {
		i.Redact(s.Redact)
	}
	return f.pass(RuleRedacted, !i.Redacted)
}

// complete applies the rules about an answer's text.
func (s *selecting) complete(i *hobby.Item) bool {
	return s.funnel.pass(RuleUnfinished, i.Finish == hobby.FinishStop) && s.funnel.pass(RuleEmpty, strings.TrimSpace(i.Answer) != "")
}

// remake makes the task of i again and judges its answer again. It returns the rule
// that this breaks, if any.
func remake(m *Material, i *hobby.Item) Rule {
	if i.Split != hobby.Practice {
		return RuleHeldOut // it was asked in an exam
	}
	today, err := m.Hobby.Remake(*i)
	switch {
	case err != nil:
		return RuleStale
	case today.Split != hobby.Practice:
		return RuleHeldOut
	}
	*i = today
	return ""
}

// rowOf makes a row of an answer.
func rowOf(m *Material, i *hobby.Item, o Origin) *Row {
	r := &Row{
		Messages: i.Messages, Completion: strings.TrimSpace(i.Answer), Origin: o, Kind: m.Hobby.Kind,
		Task: i.Task(), Version: max(1, i.Version), Quality: i.Score, ModelKey: i.ModelKey, Turns: turnsOf(m, i, i.Answer),
	}
	add(&r.Items, i.ID)
	add(&r.Activities, i.Activity)
	if i.Source != "" {
		add(&r.Sources, hobby.SourceHash(i.Source))
	}
	r.identify()
	return r
}

// turnsOf are the turns of an answer that is a transcript.
func turnsOf(m *Material, i *hobby.Item, answer string) []hobby.Turn {
	r, ok := m.Hobby.Executor.(hobby.Replayer)
	if !ok {
		return nil
	}
	again := *i
	again.Answer = answer
	turns, err := r.Replay(again)
	if err != nil {
		return nil // its task was made a moment ago
	}
	return turns
}

// repeated reports whether the same is in the data set already, which is then made of
// both.
func (s *selecting) repeated(r *Row) bool {
	first := s.rows[r.ID]
	if first != nil {
		first.merge(r)
	}
	return !s.funnel.pass(RuleDuplicate, first == nil)
}

// merge notes that a row was made of what another one was made of, too.
func (r *Row) merge(other *Row) {
	add(&r.Items, other.Items...)
	add(&r.Insights, other.Insights...)
	add(&r.Activities, other.Activities...)
	add(&r.Sources, other.Sources...)
}

// add adds what is new to a sorted list.
func add(list *[]string, values ...string) {
	for _, v := range values {
		if at, had := slices.BinarySearch(*list, v); !had && v != "" {
			*list = slices.Insert(*list, at, v)
		}
	}
}

func (s *selecting) keep(r *Row) {
	s.funnel.Kept[r.Origin]++
	s.rows[r.ID] = r
}

// result divides the rows, counts and hashes them.
func (s *selecting) result() Selection {
	var out Selection
	version := ""
	if s.Scorer != nil {
		version = s.Scorer.Version()
	}
	digest := []any{rulesVersion, version}
	for _, id := range slices.Sorted(maps.Keys(s.rows)) {
		r := s.rows[id]
		r.Validation = r.Origin != OriginReplay && s.validates(r)
		if r.Validation {
			s.funnel.Validation++
		} else {
			s.funnel.Train++
		}
		out.Rows = append(out.Rows, *r)
		digest = append(digest, r.learned())
	}
	s.funnel.sort()
	out.Funnel, out.Digest = s.funnel, digestOf(digest...)
	return out
}

// validates reports whether the task of a row is one of those that measure the loss.
func (s *selecting) validates(r *Row) bool {
	var drawn uint32
	_, _ = fmt.Sscanf(digestOf("validation", s.Seed, r.task())[:8], "%x", &drawn)
	return float64(drawn) < s.Validation*(1<<32)
}

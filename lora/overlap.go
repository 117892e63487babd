package lora

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
)

// gram is how many words in a row two texts may not share, as in the decontamination
// of GPT-3 (Brown et al., 2020). A shorter text is compared whole.
const gram = 13

// overlap finds texts that repeat a held-out task.
type overlap struct {
	grams   map[string]bool
	lengths []int // in words, descending
	// prompts are the normalised prompts of the tasks with a certain reference.
	prompts map[string][]string
}

// newOverlap makes one of held-out tasks. What a practice task has as well is the
// wording of a family, and gives nothing away.
func newOverlap(heldOut []hobby.Item, material []Material) *overlap {
	o := &overlap{grams: map[string]bool{}, prompts: map[string][]string{}}
	for i := range heldOut {
		words := split(prompt(&heldOut[i]))
		n := min(gram, len(words))
		if n == 0 {
			continue
		}
		if !slices.Contains(o.lengths, n) {
			o.lengths = append(o.lengths, n)
		}
		for at := range len(words) - n + 1 {
			o.grams[strings.Join(words[at:at+n], " ")] = true
		}
		if ref := normal(heldOut[i].Reference); ref != "" {
			o.prompts[ref] = append(o.prompts[ref], " "+strings.Join(words, " ")+" ")
		}
	}
	slices.Sort(o.lengths)
	slices.Reverse(o.lengths)
	for i := range material {
		for j := range material[i].Items {
			for g := range o.within(split(prompt(&material[i].Items[j]))) {
				delete(o.grams, g)
			}
		}
	}
	return o
}

// mostHeldOut is how many held-out tasks of each level insights are compared with. The
// levels of hobbies that ask about a tree have fewer; where there is no end of tasks, an
// insight repeats none but by chance.
const mostHeldOut = 300

// heldOut are held-out tasks of a hobby with their references; none where its tasks cannot
// be listed or made again.
func heldOut(ctx context.Context, h *hobby.Hobby, seed uint64) (all []hobby.Item, err error) {
	x, examines := h.Executor.(hobby.Examiner)
	v, verifies := h.Executor.(hobby.Verifier)
	if !examines || !verifies {
		return nil, nil
	}
	levels, version := 0, map[string]int{}
	for _, f := range h.Families {
		levels += f.Levels
		version[f.Name] = max(1, f.Version)
	}
	e, err := x.Exam(ctx, hobby.ExamRequest{
		Purpose: "lora insights", Seed: seed, Split: hobby.HeldOut, Tasks: min(mostHeldOut, hobby.MaxExam/max(1, levels)),
	})
	if err != nil {
		return nil, fmt.Errorf("lora: listing held-out tasks: %w", err)
	}
	for _, t := range e.Tasks {
		i, err := v.Verify(hobby.Item{
			Family: t.Family, Level: t.Level, Version: version[t.Family], Seed: t.Seed, Source: t.Source, Digest: t.Digest, Split: hobby.HeldOut,
		})
		if err == nil { // else its file has changed, and it is asked no more
			all = append(all, i)
		}
	}
	return all, nil
}

// within yields the grams of a text that are those of held-out tasks.
func (o *overlap) within(words []string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, n := range o.lengths {
			for at := 0; at+n <= len(words); at++ {
				if g := strings.Join(words[at:at+n], " "); o.grams[g] && !yield(g) {
					return
				}
			}
		}
	}
}

// repeats reports whether an insight, or the question that it answers, has a held-out
// task in it: its words, or a claim that has the task's answer and what the task asks
// about.
func (o *overlap) repeats(in *hobby.Insight, question string) bool {
	for _, text := range []string{in.Text, question} {
		for range o.within(split(text)) {
			return true
		}
	}
	asked := func(about, answer string) bool {
		about = " " + normal(about) + " "
		return slices.ContainsFunc(o.prompts[normal(answer)], func(p string) bool { return strings.Contains(p, about) })
	}
	return slices.ContainsFunc(in.Claims, func(c hobby.Claim) bool { return asked(c.Subject, c.Object) || asked(c.Object, c.Subject) })
}

// prompt is the text of a task.
func prompt(i *hobby.Item) string {
	var b strings.Builder
	for _, m := range i.Messages {
		b.WriteString(m.Content)
		b.WriteByte('\n')
	}
	return b.String()
}

// split returns the words of a text in lower case, without punctuation.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func normal(text string) string { return strings.Join(split(text), " ") }

// Check refuses rows that must not be learned now, though they were when they were
// selected: a family may have changed since. The error is ErrHeldOut where a task is
// held out, and ErrConfig where its family asks something else now, its hobby is not
// there, or it has another prompt than its task. It is for hosts that keep rows: a
// [Pipeline] trains them right after [Select].
func Check(rows []Row, hobbies []hobby.Hobby) error {
	for i := range rows {
		r := &rows[i]
		if r.Task.Family == "" {
			continue
		}
		at := slices.IndexFunc(hobbies, func(h hobby.Hobby) bool { return h.Kind == r.Kind })
		if at < 0 {
			return fmt.Errorf("%w: row %s is of the hobby %q, which is not there", ErrConfig, r.ID, r.Kind)
		}
		item := hobby.Item{
			Family: r.Task.Family, Level: r.Task.Level, Seed: r.Task.Seed, Source: r.Task.Source, Digest: r.Task.Digest,
			Version: r.Version, Split: hobby.Practice, Messages: r.Messages, Answer: r.Completion, Finish: hobby.FinishStop,
		}
		switch remake(&Material{Hobby: hobbies[at]}, &item) {
		case RuleHeldOut:
			return fmt.Errorf("%w: row %s, %s level %d seed %d", ErrHeldOut, r.ID, r.Task.Family, r.Task.Level, r.Task.Seed)
		case RuleStale:
			return fmt.Errorf("%w: row %s is of version %d of %s, which asks something else now", ErrConfig, r.ID, r.Version, r.Task.Family)
		}
		if item.Messages != nil && digestOf(item.Messages) != digestOf(r.Messages) {
			return fmt.Errorf("%w: row %s has another prompt than its task, %s level %d seed %d",
				ErrConfig, r.ID, r.Task.Family, r.Task.Level, r.Task.Seed)
		}
	}
	return nil
}

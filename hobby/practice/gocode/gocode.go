package gocode

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// Options configures New. Nil and the zero value are legal.
type Options struct {
	// MaxFiles bounds the files that are read. Default 20,000.
	MaxFiles int
	// Insights is the largest number of insights of a session, the most important
	// first. Default 8.
	Insights int
	// Questions is the number of questions of a session whose plan gives none.
	// Default 8.
	Questions int
	// Shallow leaves the second layer out. Default false.
	Shallow bool
	// Memory bounds the memory of the process that the second layer runs in, together with
	// that of the processes that it starts, in bytes. On systems other than Linux and
	// Windows, these do not count. Default 2 GiB. It has no effect without [Worker].
	Memory int64
	// Time bounds the time of the second layer for one folder. Default 10 minutes. It has
	// no effect without [Worker].
	Time time.Duration
}

// New makes the hobby of analysing the Go code below dir. m is asked the
// questions. m may be nil: the hobby then gives insights only, and its
// proficiency is never measured. New fails when dir is not a folder.
func New(dir string, m hobby.Model, o *Options) (hobby.Hobby, error) {
	root, err := study.Root(dir)
	if err != nil {
		return hobby.Hobby{}, fmt.Errorf("gocode: %w", err)
	}
	a := &analyst{
		asks: m != nil, root: root, apart: hasWorkers.Load(), inspected: map[string]inspection{},
		notes: study.Notebook{Space: string(hobby.CodeAnalysis)},
	}
	if o != nil {
		a.opts = *o
	}
	for v, def := range map[*int]int{&a.opts.MaxFiles: 20_000, &a.opts.Insights: 8, &a.opts.Questions: 8} {
		if *v <= 0 {
			*v = def
		}
	}
	a.opts.Memory = cmp.Or(max(0, a.opts.Memory), 2<<30)
	a.opts.Time = cmp.Or(max(0, a.opts.Time), 10*time.Minute)
	a.tree = newTree(root, a.opts.MaxFiles)
	h := hobby.Hobby{
		Kind: hobby.CodeAnalysis, Executor: a, Model: m,
		Goal:     "Know the code: what is hard to read, said twice, or wrong",
		Approach: "Static analysis of the files, package by package, and questions whose key is the analysis",
	}
	if m != nil {
		h.Families = slices.Clone(families)
	}
	return h, nil
}

// Any reports whether there is Go code below dir that New's hobby would read. It stops
// at the first file.
func Any(ctx context.Context, dir string) (bool, error) {
	root, err := study.Root(dir)
	if err != nil {
		return false, fmt.Errorf("gocode: %w", err)
	}
	l, err := newTree(root, 1).Read(ctx)
	if err != nil {
		return false, fmt.Errorf("gocode: %w", err)
	}
	return len(l.Files) > 0, nil
}

// analyst carries out the hobby.
type analyst struct {
	asks  bool // questions, of what serves the session
	root  string
	apart bool // the second layer runs in a worker
	opts  Options
	tree  *study.Tree[*facts]
	notes study.Notebook

	mu        sync.Mutex
	inspected map[string]inspection // by folder
	turns     int                   // sessions of the second layer so far
	surveyed  uint64                // the digest of the tree that was surveyed
}

// inspection is the last turn in which the second layer analysed a folder, the
// digest of what it last analysed to the end, and whether the last turn was cut
// off.
type inspection struct {
	turn   int
	digest uint64
	cut    bool
}

// Practise implements hobby.Executor.
func (a *analyst) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	l, err := a.tree.Read(ctx)
	if err != nil {
		return fmt.Errorf("gocode: %w", err)
	}
	files := written(slices.Clone(l.Files))
	if len(files) == 0 {
		return fmt.Errorf("gocode: there is no Go code below %s", a.root)
	}
	first, err := a.survey(ctx, l.Files)
	if err != nil {
		return err
	}
	if l.Truncated {
		a.note("bounds", finding{
			Key: "truncated", Weight: 100, Confidence: 1, Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "."}},
			Text: fmt.Sprintf("the tree has more than %d Go files; the rest was not looked at", a.opts.MaxFiles),
		})
	}
	// The first session runs the first layer only, because the second layer takes
	// longer. It has its turn in each later session.
	if !first && !a.opts.Shallow {
		if err := a.inspectOne(ctx, files, p.Topic); err != nil {
			return err
		}
	}
	if err := a.notes.Tell(ctx, out, hobby.CodeAnalysis, a.opts.Insights, p.Topic); err != nil || !a.asks {
		return study.Spent(err)
	}
	quiz := study.Quiz{
		Families: families, Questions: a.opts.Questions,
		Ask: func(r *rand.Rand, family hobby.Family, level int) (practice.Task, bool) {
			return ask(ctx, r, files, loader(a.tree), family, level)
		},
	}
	if err := quiz.Hold(ctx, p, out); err != nil {
		return fmt.Errorf("gocode: %w", err)
	}
	return nil
}

// maxText bounds the text of an insight, in bytes.
const maxText = 1000

// note puts findings into the notebook. The author of the tree chose its names,
// texts and errors, and may have written them for a model to obey. So a finding
// with a topic, which names something of the tree, is untrusted. The others are
// numbers.
func (a *analyst) note(subject string, all ...finding) {
	for i := range all {
		f := &all[i]
		f.Text = study.Shorten(study.Clean(f.Text), maxText)
		if f.Topic != "" {
			f.Taint, f.Source = hobby.Untrusted, f.Evidence[0].Ref
		}
	}
	a.notes.Note(subject, all...)
}

// survey runs the first layer when the tree has changed, and reports whether it
// ran.
func (a *analyst) survey(ctx context.Context, files []*facts) (bool, error) {
	var digests strings.Builder
	for _, f := range files {
		digests.WriteString(f.path + f.digest)
	}
	sum := study.Hash(digests.String())
	a.mu.Lock()
	same := sum == a.surveyed
	a.mu.Unlock()
	if same {
		return false, nil
	}
	hobby.Report(ctx, fmt.Sprintf("comparing %d files", len(files)))
	found, err := survey(ctx, a.root, files, loader(a.tree))
	if err != nil {
		return false, err
	}
	a.note("survey", found...)
	a.mu.Lock()
	a.surveyed = sum
	a.mu.Unlock()
	return true, nil
}

// inspectOne runs the second layer over the folder whose turn it is. A folder whose
// analysis is cut off goes to the back of the queue.
func (a *analyst) inspectOne(ctx context.Context, files []*facts, topic string) error {
	dir, digest, ok := a.next(files, topic)
	if !ok {
		return nil
	}
	at, where := "", dir
	if dir == "." {
		where = "the top folder"
	}
	hobby.Report(ctx, "analysing "+where)
	progress := func(what string) {
		at = ", " + what
		hobby.Report(ctx, "analysing "+where+at)
	}
	var found []finding
	var err error
	if a.apart {
		found, err = inspectApart(ctx, order{a.root, dir, a.opts.Memory, a.opts.Time}, progress)
	} else {
		found, err = inspect(ctx, a.root, dir, progress)
	}
	cut := ctx.Err() != nil
	a.inspectedOne(dir, digest, cut)
	of := func(key, text string) finding {
		return finding{
			Key: key, Topic: dir, Weight: 0.3, Confidence: 1, Text: text, Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: dir}},
		}
	}
	if cut {
		text := fmt.Sprintf("the analysis of %s was cut off when its session ended%s; it is tried again after the other folders", dir, at)
		a.note("folder "+dir, of(fmt.Sprintf("cut off %s %x", dir, digest), text))
		return context.Cause(ctx)
	}
	if err != nil {
		found = append(found, of("no second layer "+dir+err.Error(), fmt.Sprintf("%s was looked at without types: %v", dir, err)))
	}
	a.note("folder "+dir, found...)
	return nil
}

// inspectedOne notes that the second layer analysed a folder, or was cut off.
func (a *analyst) inspectedOne(dir string, digest uint64, cut bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turns++
	if cut {
		digest = a.inspected[dir].digest
	}
	a.inspected[dir] = inspection{a.turns, digest, cut}
}

// next returns the folder whose turn it is. In every second turn it is the plan's
// topic, if that has changed and was not cut off. Else it is the folder that has
// waited longest of those that changed or were never analysed. Where none waits, it
// is the topic.
func (a *analyst) next(files []*facts, topic string) (dir string, digest uint64, ok bool) {
	digests := map[string]uint64{}
	for _, f := range files {
		if !f.test {
			digests[f.dir()] = digests[f.dir()]*31 + study.Hash(f.path+f.digest)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	dirs := make([]string, 0, len(digests))
	for d := range digests {
		if a.inspected[d].digest != digests[d] {
			dirs = append(dirs, d)
		}
	}
	d, there := digests[topic]
	if there && (len(dirs) == 0 || a.turns%2 == 0 && slices.Contains(dirs, topic) && !a.inspected[topic].cut) {
		return topic, d, true
	}
	if len(dirs) == 0 {
		return "", 0, false
	}
	slices.Sort(dirs)
	dir = slices.MinFunc(dirs, func(x, y string) int { return cmp.Compare(a.inspected[x].turn, a.inspected[y].turn) })
	return dir, digests[dir], true
}

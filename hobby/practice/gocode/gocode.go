package gocode

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// Options configures New. Nil and the zero value are legal.
type Options struct {
	// MaxFiles bounds the files that are read. Default 20,000.
	MaxFiles int
	// Insights bounds the insights of a session, the most important first.
	// Default 8.
	Insights int
	// Questions bounds the questions of a session when its plan does not.
	// Default 8.
	Questions int
	// Shallow leaves the second layer out. Default false.
	Shallow bool
}

// New makes the hobby of analysing the Go code below dir. m, which may be nil,
// is asked the questions; without it the hobby gives insights, and its
// proficiency is never measured. It fails when dir is not a folder.
func New(dir string, m hobby.Model, o *Options) (hobby.Hobby, error) {
	root, err := filepath.Abs(dir)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return hobby.Hobby{}, fmt.Errorf("gocode: %w", err)
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return hobby.Hobby{}, errors.Join(fmt.Errorf("gocode: %s is not a folder", dir), err)
	}
	a := &analyst{model: m, root: root, told: map[string]bool{}, inspected: map[string]inspection{}}
	if o != nil {
		a.opts = *o
	}
	for v, def := range map[*int]int{&a.opts.MaxFiles: 20_000, &a.opts.Insights: 8, &a.opts.Questions: 8} {
		if *v <= 0 {
			*v = def
		}
	}
	a.tree = &tree{root: root, maxFiles: a.opts.MaxFiles}
	h := hobby.Hobby{
		Kind: hobby.CodeAnalysis, Executor: a,
		Goal:     "Know the code: what is hard to read, said twice, or wrong",
		Approach: "Static analysis of the files, package by package, and questions whose key is the analysis",
	}
	if m != nil {
		h.Families = slices.Clone(families)
	}
	return h, nil
}

// mostTold bounds the findings that are remembered as told.
const mostTold = 100_000

// analyst carries out the hobby.
type analyst struct {
	model hobby.Model
	root  string
	opts  Options
	tree  *tree

	mu        sync.Mutex
	told      map[string]bool
	inspected map[string]inspection // by folder
	surveyed  uint64                // the digest of the tree that the pending findings are of
	pending   []finding             // of the survey, most important first
}

// inspection is when the second layer looked at a folder, and at what.
type inspection struct {
	at     time.Time
	digest uint64
}

// Practise implements hobby.Executor.
func (a *analyst) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	files, truncated, err := a.tree.files(ctx)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("gocode: there is no Go code below %s", a.root)
	}
	first := a.survey(files)
	if truncated {
		a.add(finding{key: "truncated", weight: 100, confidence: 1, text: fmt.Sprintf("the tree has more than %d Go files; the rest was not looked at", a.opts.MaxFiles), evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "."}}})
	}
	// The first session shows what the files tell; the second layer takes
	// longer, and has its turn in each session after.
	if !first && !a.opts.Shallow {
		if err := a.inspectOne(ctx, files, p.Topic); err != nil {
			return err
		}
	}
	if err := a.tell(out); err != nil {
		return ignoreBudget(err)
	}
	if a.model == nil {
		return nil
	}
	return ignoreBudget(a.quiz(ctx, files, p, out))
}

// ignoreBudget makes a budget that is used up the end of a session, not a
// failure.
func ignoreBudget(err error) error {
	if errors.Is(err, hobby.ErrBudget) {
		return nil
	}
	return err
}

// survey runs the first layer when the tree has changed, and reports whether
// it did.
func (a *analyst) survey(files []*file) bool {
	digest := ""
	for _, f := range files {
		digest += f.path + f.digest
	}
	sum := hash(digest)
	a.mu.Lock()
	same := sum == a.surveyed
	a.mu.Unlock()
	if same {
		return false
	}
	found := survey(files)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.surveyed, a.pending = sum, nil
	for _, f := range found {
		if !a.told[f.key] {
			a.pending = append(a.pending, f)
		}
	}
	byWeight(a.pending)
	return true
}

// add puts findings among those to tell, unless they were told.
func (a *analyst) add(fs ...finding) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range fs {
		if !a.told[f.key] && !slices.ContainsFunc(a.pending, func(p finding) bool { return p.key == f.key }) {
			a.pending = append(a.pending, f)
		}
	}
	byWeight(a.pending)
}

// inspectOne runs the second layer over the folder that has waited longest, or
// over the plan's topic.
func (a *analyst) inspectOne(ctx context.Context, files []*file, topic string) error {
	dir, digest, ok := a.next(files, topic)
	if !ok {
		return nil
	}
	found, err := inspect(ctx, a.root, dir)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	a.mu.Lock()
	a.inspected[dir] = inspection{time.Now(), digest}
	a.mu.Unlock()
	if err != nil {
		found = []finding{{
			key: "no second layer " + dir + err.Error(), topic: dir, weight: 0.3, confidence: 1,
			text: fmt.Sprintf("%s was looked at without types: %v", dir, err), evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: dir}},
		}}
	}
	a.add(found...)
	return nil
}

// next is the folder whose turn it is: one that changed or was never looked
// at, the one that has waited longest first.
func (a *analyst) next(files []*file, topic string) (dir string, digest uint64, ok bool) {
	digests := map[string]string{}
	for _, f := range files {
		if !f.test {
			digests[f.dir()] += f.path + f.digest
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if d, there := digests[topic]; there {
		return topic, hash(d), true
	}
	dirs := make([]string, 0, len(digests))
	for d := range digests {
		if a.inspected[d].digest != hash(digests[d]) {
			dirs = append(dirs, d)
		}
	}
	if len(dirs) == 0 {
		return "", 0, false
	}
	slices.Sort(dirs)
	dir = slices.MinFunc(dirs, func(x, y string) int { return a.inspected[x].at.Compare(a.inspected[y].at) })
	return dir, hash(digests[dir]), true
}

// tell hands over the most important findings that were not told before.
func (a *analyst) tell(out hobby.Sink) error {
	a.mu.Lock()
	n := min(a.opts.Insights, len(a.pending))
	now := slices.Clone(a.pending[:n])
	a.mu.Unlock()
	for _, f := range now {
		in := hobby.Insight{Kind: hobby.CodeAnalysis, Text: f.text, Topic: f.topic, Confidence: f.confidence, Evidence: f.evidence}
		if err := out.Insight(in); err != nil {
			return err
		}
		a.mu.Lock()
		if len(a.told) >= mostTold {
			clear(a.told)
		}
		a.told[f.key] = true
		a.pending = slices.DeleteFunc(a.pending, func(p finding) bool { return p.key == f.key })
		a.mu.Unlock()
	}
	return nil
}

// quiz asks the model about the code.
func (a *analyst) quiz(ctx context.Context, files []*file, p hobby.Plan, out hobby.Sink) error {
	info, err := a.model.Info(ctx)
	if err != nil {
		return fmt.Errorf("gocode: asking the model what it is: %w", err)
	}
	n := p.Budget.Items
	if n <= 0 {
		n = a.opts.Questions
	}
	r := rand.New(rand.NewPCG(p.Seed, 1))
	for i := range n {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		family, level := p.Family, p.Level
		if family == "" {
			family = families[i%len(families)].Name
		}
		t, ok := ask(r, files, family, level)
		if !ok {
			return nil // the tree has no code that fits
		}
		item, err := practice.Ask(ctx, a.model, info, t, &practice.AskOptions{Suite: suite})
		if err != nil {
			return err
		}
		if err := out.Item(item); err != nil {
			return err
		}
	}
	return nil
}

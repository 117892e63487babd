package reading

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// Options configures New and Research. Nil and the zero value are legal.
type Options struct {
	// MaxFiles bounds the documents that are read. Default 20,000.
	MaxFiles int
	// Insights is the largest number of insights of a session, the most important
	// first. Default 8.
	Insights int
	// Questions is the number of questions of a session whose plan gives none.
	// Default 8.
	Questions int
	// Redact is applied to the text of each document before anything else is done
	// with it. It should keep the number of lines. Nil, the default, changes
	// nothing.
	Redact func(string) string
	// Trusted is the host's rule on documents, by their path below the folder, with
	// slashes: it accepts what is told of, and asked about, documents of which it is
	// true; see [hobby.Acceptance]. A person can take that back for an insight. An
	// insight on several documents needs all of them; one on the whole tree is on
	// ".". Default nil: nothing is accepted by itself, so nothing from a document is
	// ever trained on.
	Trusted func(path string) bool
}

// withDefaults fills in the zero fields.
func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	for v, def := range map[*int]int{&d.MaxFiles: 20_000, &d.Insights: 8, &d.Questions: 8} {
		if *v <= 0 {
			*v = def
		}
	}
	return d
}

// space is where the ids of findings are, of both hobbies: what documents say is told
// once, whichever hobby reads it. It has the name of the kind that told them before
// there were two, so that an old store's insights are not told again.
const space = "research_integration"

// New makes the hobby of exploring what the documents below dir know. m is asked the
// questions. m may be nil: the hobby then gives insights only, and its
// proficiency is never measured. New reads the documents once, so the hobby's
// families and levels are those that have questions: a tree without acronyms has
// no family of acronyms. New fails when dir is not a folder or cannot be read.
func New(dir string, m hobby.Model, o *Options) (hobby.Hobby, error) {
	root, err := study.Root(dir)
	if err != nil {
		return hobby.Hobby{}, fmt.Errorf("reading: %w", err)
	}
	x := &executor{asks: m != nil, root: root, notes: study.Notebook{Space: space}, opts: o.withDefaults()}
	x.tree = newTree(root, x.opts.MaxFiles, x.opts.Redact)
	h := hobby.Hobby{
		Kind: hobby.KnowledgeExploration, Executor: x, Model: m, Topical: true,
		Goal:     "Know the documents: what they say, what they define, and where they are wrong",
		Approach: "Analysis of the documents, and questions whose key is the analysis",
	}
	if m != nil {
		l, err := x.tree.Read(context.Background())
		if err != nil {
			return hobby.Hobby{}, fmt.Errorf("reading: %w", err)
		}
		quiz := x.quiz(newShelf(context.Background(), newLibrary(l.Files, nil)), nil)
		h.Families = quiz.Offered()
	}
	return h, nil
}

// Any reports whether there is a document below dir that New's hobby would read.
// It stops at the first.
func Any(ctx context.Context, dir string) (bool, error) {
	root, err := study.Root(dir)
	if err != nil {
		return false, fmt.Errorf("reading: %w", err)
	}
	l, err := newTree(root, 1, nil).Read(ctx)
	if err != nil {
		return false, fmt.Errorf("reading: %w", err)
	}
	return len(l.Files) > 0, nil
}

func newTree(root string, maxFiles int, redact func(string) string) *study.Tree[*document] {
	return &study.Tree[*document]{
		Dir: root, MaxFiles: maxFiles, MaxBytes: maxFile, Wants: wanted,
		Parse: func(path string, text []byte) *document {
			if redact != nil {
				text = []byte(redact(string(text)))
			}
			return parse(path, text)
		},
	}
}

// executor carries out the hobby.
type executor struct {
	asks  bool // questions, of what serves the session
	root  string
	opts  Options
	tree  *study.Tree[*document]
	notes study.Notebook

	mu       sync.Mutex
	surveyed uint64 // the digest of the documents that shelf is made of
	shelf    *shelf

	verifying sync.Mutex
	remake    func(hobby.TaskID) (practice.Task, error) // of the documents as they were
	read      time.Time                                 // when
}

// Practise implements hobby.Executor.
func (x *executor) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	l, err := x.tree.Read(ctx)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if len(l.Files) == 0 && len(l.Large) == 0 {
		return fmt.Errorf("reading: there are no documents below %s", x.root)
	}
	shelf, err := x.survey(ctx, l)
	if err != nil {
		return err
	}
	if err := x.notes.Tell(ctx, out, hobby.KnowledgeExploration, x.opts.Insights, p.Topic); err != nil || !x.asks {
		return study.Spent(err)
	}
	quiz := x.quiz(shelf, shelf.near(ctx, p.Topic))
	if err := quiz.Hold(ctx, p, out); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	return nil
}

// quiz asks of the near shelf what it has, and else of the whole one.
func (x *executor) quiz(whole, near *shelf) study.Quiz {
	ask := whole.ask
	if near != nil {
		ask = func(r *rand.Rand, family hobby.Family, level int) (practice.Task, bool) {
			if t, ok := near.ask(r, family, level); ok {
				return t, true
			}
			return whole.ask(r, family, level)
		}
	}
	return study.Quiz{Families: families, Questions: x.opts.Questions, Ask: ask, Trusted: x.opts.Trusted}
}

// note puts findings into the notebook, those accepted that the host's rule trusts.
func (x *executor) note(subject string, all []finding) {
	for i := range all {
		all[i].Acceptance = study.ByRule(x.opts.Trusted, documents(&all[i])...)
	}
	x.notes.Note(subject, all...)
}

// documents are the files that a finding is about.
func documents(f *finding) (all []string) {
	for _, e := range f.Evidence {
		if e.Kind == hobby.EvidenceFile {
			all = append(all, e.Ref)
		}
	}
	return all
}

// survey puts the findings into the notebook. It analyses the documents when they
// have changed, and their links each time.
func (x *executor) survey(ctx context.Context, l study.Listing[*document]) (*shelf, error) {
	root, err := os.OpenRoot(x.root) // through it, no link leads out
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	defer root.Close()
	lib := newLibrary(l.Files, root.FS())
	lib.survey(ctx)
	var links []finding
	digest := fmt.Sprint(l.Truncated, l.Large)
	for _, d := range l.Files {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		links = append(links, lib.broken(d)...)
		digest += d.path + d.digest
	}
	lib.again = nil // it was large
	links = together(links, l.Files, false)
	x.note("links", links)
	sum := study.Hash(digest)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.shelf != nil && x.surveyed == sum {
		return x.shelf, nil
	}
	all := unread(l.Files, l.Large)
	if l.Truncated {
		all = append(all, finding{
			Key: "truncated", Weight: 100, Confidence: 1, Text: fmt.Sprintf("the tree has more than %d documents; the rest was not read",
				x.opts.MaxFiles),
			Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "."}},
		})
	}
	var faults []finding
	authored := lib.authored()
	for _, d := range authored {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		faults = append(append(faults, lib.references(d)...), d.faults()...)
	}
	all = append(all, together(faults, authored, true)...)
	all = append(append(append(all, lib.definitions(ctx)...), lib.repeated(ctx)...), lib.citations(ctx)...)
	shelf := newShelf(ctx, lib)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	x.note("documents", all)
	x.surveyed, x.shelf = sum, shelf
	return shelf, nil
}

package reading

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

//go:embed corpus
var corpus embed.FS

// Corpus has what Research reads by default: some thirty well-known works on how models
// learn, use tools and are measured, as BibTeX and as an Atom feed, and notes that cite
// them. The works are others'; the summaries and the notes are Pastime's own words.
func Corpus() fs.FS {
	sub, err := fs.Sub(corpus, "corpus")
	if err != nil { // the folder is in the program
		panic(err)
	}
	return sub
}

// Research makes the hobby of research integration over the papers in a file system:
// BibTeX (.bib), Atom and RSS feeds (.atom, .rss, .xml), papers in Markdown and in plain
// text that have an abstract, and notes that cite a work by its key, [@key], by its DOI
// or by its number at arXiv. It tells what each work introduces and reports, which works
// a text cites, and which technique applies to a kind of practice that is weak: a work
// is of use to a kind that is one of its keywords, such as "tool mastery", or that its
// abstract is about.
//
// papers may be nil: Corpus is read, whose texts are this program's own and so trusted.
// All other text is untrusted. m and o are as for New.
func Research(papers fs.FS, m hobby.Model, o *Options) (hobby.Hobby, error) {
	x := &researcher{asks: m != nil, opts: o.withDefaults(), notes: study.Notebook{Space: space}, taint: hobby.Untrusted}
	if papers == nil {
		papers, x.taint = Corpus(), hobby.Trusted
	}
	x.tree = &study.Tree[*source]{
		FS: papers, MaxFiles: x.opts.MaxFiles, MaxBytes: maxFile, Wants: paperLike,
		Parse: func(path string, text []byte) *source {
			if x.opts.Redact != nil {
				text = []byte(x.opts.Redact(string(text)))
			}
			return parseSource(path, text)
		},
	}
	h := hobby.Hobby{
		Kind: hobby.ResearchIntegration, Executor: x, Model: m, Topical: true,
		Goal:     "Know the research: what it introduces, what it found, and what it is of use for",
		Approach: "Papers, feeds and notes are analysed, and questions are asked whose key is the analysis",
	}
	if m != nil {
		l, err := x.literature(context.Background())
		if err != nil {
			return hobby.Hobby{}, err
		}
		quiz := x.quiz(l, "")
		h.Families = quiz.Offered()
	}
	return h, nil
}

// researcher carries out the hobby.
type researcher struct {
	asks  bool
	opts  Options
	taint hobby.Taint
	tree  *study.Tree[*source]
	notes study.Notebook

	mu     sync.Mutex
	known  *literature
	digest uint64 // of what known was made of
	read   time.Time
}

// recent is what was read a moment ago, or else is read now.
func (x *researcher) recent(ctx context.Context) (*literature, error) {
	x.mu.Lock()
	known, fresh := x.known, time.Since(x.read) < time.Second
	x.mu.Unlock()
	if known != nil && fresh {
		return known, nil
	}
	return x.literature(ctx)
}

// literature reads what has changed.
func (x *researcher) literature(ctx context.Context) (*literature, error) {
	l, err := x.tree.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading: the papers: %w", err)
	}
	digest := fmt.Sprint(l.Truncated, l.Large)
	for _, s := range l.Files {
		digest += s.path + s.digest
	}
	sum := study.Hash(digest)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.read = time.Now()
	if x.known == nil || x.digest != sum {
		x.known, x.digest = newLiterature(l, x.taint), sum
		all := x.known.findings()
		if l.Truncated {
			all = append(all, finding{
				Key: "research truncated", Weight: 100, Confidence: 1,
				Text:     fmt.Sprintf("there are more than %d files of papers; the rest was not read", x.opts.MaxFiles),
				Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "."}},
			})
		}
		x.note("works", all)
	}
	return x.known, nil
}

func (x *researcher) note(subject string, all []finding) {
	for i := range all {
		if all[i].Taint != hobby.Trusted {
			all[i].Acceptance = study.ByRule(x.opts.Trusted, documents(&all[i])...)
		}
	}
	x.notes.Note(subject, all...)
}

// Practise implements hobby.Executor.
func (x *researcher) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	l, err := x.literature(ctx)
	if err != nil {
		return err
	}
	if len(l.sources) == 0 && len(l.large) == 0 {
		return fmt.Errorf("reading: there are no papers")
	}
	x.note("applies", l.applying(p.Topic))
	if err := x.notes.Tell(ctx, out, hobby.ResearchIntegration, x.opts.Insights, p.Topic); err != nil || !x.asks {
		return study.Spent(err)
	}
	quiz := x.quiz(l, p.Topic)
	if err := quiz.Hold(ctx, p, out); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	return nil
}

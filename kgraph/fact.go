package kgraph

import (
	"fmt"
	"math"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Statement says that a subject is related to an object, and when that held.
type Statement struct {
	hobby.Claim
	// From is when it began to hold, or when it was seen first. Zero means when it was
	// recorded.
	From time.Time `json:"from,omitzero"`
	// To is when it stopped to hold, after it began to; zero means that it still does,
	// for all that is known.
	To time.Time `json:"to,omitzero"`
	// Extracted says that it was read from a sentence, and not told as a claim.
	Extracted bool `json:"extracted,omitempty"`
	// Sentence is where that sentence is in the insight's text; zero when nobody knows.
	Sentence Span `json:"sentence,omitzero"`
}

// Span is a part of a text: from byte Start up to End.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Of returns the part of a text; "" when the text has no such part.
func (s Span) Of(text string) string {
	if s.Start < 0 || s.Start > s.End || s.End > len(text) {
		return ""
	}
	return text[s.Start:s.End]
}

// Origin is where statements come from.
type Origin struct {
	// ID is the insight's, or what the host calls the statements that it adds.
	ID string `json:"-"`
	// Activity and Kind are those of the insight.
	Activity string     `json:"activity,omitempty"`
	Kind     hobby.Kind `json:"kind,omitempty"`
	// Source is where the insight's text came from, when it was not computed here.
	// Forgetting a source forgets what has it.
	Source string `json:"source,omitempty"`
	// File and Line are the first place that the insight rests on.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Recorded is when the insight was made.
	Recorded time.Time `json:"recorded"`
	// Taint and Accepted are those of the insight when it was read. A later decision
	// is a [Change] of its own.
	Taint    hobby.Taint `json:"taint,omitempty"`
	Accepted bool        `json:"accepted,omitempty"`
}

// Fact is a statement with where it comes from.
type Fact struct {
	// Rev is the revision of the graph that added it.
	Rev int64
	Statement
	Origin
	// Ends is when it stopped to hold: To, or earlier when a later fact ended it; zero
	// while it holds.
	Ends time.Time
}

// Trusted reports whether the fact may fire a rule: its text is this program's own, or
// was accepted.
func (f *Fact) Trusted() bool { return f.Taint == hobby.Trusted || f.Accepted }

// Op is what a change does.
type Op string

// What changes do.
const (
	// Stated adds the statements of an origin.
	Stated Op = "stated"
	// Decided accepts a tainted origin, or takes an acceptance back.
	Decided Op = "decided"
	// Forgotten takes away what earlier changes stated of a source.
	Forgotten Op = "forgotten"
)

// Change is an entry of the graph's log.
type Change struct {
	// Rev counts the changes of a store from 1. There are gaps where something was
	// forgotten.
	Rev int64
	// Pos is that of the event which told it; 0 for none. It is not stored.
	Pos hobby.Cursor
	Op  Op
	// Origin and Statements are those of a Stated change. A Decided one has the
	// Origin's ID and Accepted.
	Origin
	Statements []Statement
	// Version counts the decisions on an origin, as [hobby.Acceptance] does: it is that
	// of the decision which Accepted says, and 0 when nobody decided.
	Version int
	// Hash is the [hobby.SourceHash] of a Forgotten change.
	Hash string
}

// At is a point of view. The zero value is everything that is stored, as it holds now.
type At struct {
	// Rev leaves out what was added by later revisions; 0 is the newest.
	Rev int64
	// AsOf leaves out what was recorded later.
	AsOf time.Time
	// Valid is when the facts hold; zero means now.
	Valid time.Time
}

// maxID is the largest number of bytes of an origin's texts.
const maxID = 4096

// Validate reports with hobby.ErrInvalid, naming the field, why a change cannot be
// stored.
func (c *Change) Validate() error {
	bad := func(field, format string, args ...any) error {
		return fmt.Errorf("%w: Change.%s %s", hobby.ErrInvalid, field, fmt.Sprintf(format, args...))
	}
	switch c.Op {
	case Forgotten:
		if c.Hash == "" {
			return bad("Hash", "is empty")
		}
		return nil
	case Stated, Decided:
	default:
		return bad("Op", "is %.64q", c.Op)
	}
	if c.ID == "" || len(c.ID) > maxID {
		return bad("ID", "has %d bytes, must have 1 to %d", len(c.ID), maxID)
	}
	if c.Op == Decided {
		return nil
	}
	for field, text := range map[string]string{"Activity": c.Activity, "Kind": string(c.Kind), "Source": c.Source, "File": c.File} {
		if len(text) > maxID {
			return bad(field, "has %d bytes, must have at most %d", len(text), maxID)
		}
	}
	if err := fits(c.Recorded); c.Recorded.IsZero() || err != nil {
		return bad("Recorded", "is %v", c.Recorded)
	}
	if len(c.Statements) == 0 || len(c.Statements) > 2*hobby.MaxClaims {
		return bad("Statements", "are %d, must be 1 to %d", len(c.Statements), 2*hobby.MaxClaims)
	}
	in := hobby.Insight{Taint: c.Taint}
	for i, s := range c.Statements {
		in.Claims = []hobby.Claim{s.Claim}
		if in.Fit(); len(in.Claims) == 0 {
			return bad(fmt.Sprintf("Statements[%d]", i), "is no valid claim: %.200q", fmt.Sprint(s.Claim))
		}
		from := s.From
		if from.IsZero() {
			from = c.Recorded
		}
		if !s.To.IsZero() && !s.To.After(from) || fits(s.From) != nil || fits(s.To) != nil {
			return bad(fmt.Sprintf("Statements[%d]", i), "holds from %v to %v", from, s.To)
		}
		if p := s.Sentence; p.Start < 0 || p.End < p.Start || p.End > math.MaxInt32 {
			return bad(fmt.Sprintf("Statements[%d].Sentence", i), "is from %d to %d", p.Start, p.End)
		}
	}
	return nil
}

// fits reports a time that the index cannot tell from another one.
func fits(t time.Time) error {
	if !t.IsZero() && (t.Before(earliest) || t.After(latest)) {
		return fmt.Errorf("%v is not between %v and %v", t, earliest, latest)
	}
	return nil
}

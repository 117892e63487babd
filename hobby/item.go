package hobby

import "time"

// Split says what a task may be used for. Practice can never generate a
// held-out task, on any node: see package practice.
type Split string

// The splits. The zero value is refused by a Store.
const (
	Practice Split = "practice"
	HeldOut  Split = "held_out"
)

// Taint says where a text came from. Tainted text can be shown, and never reaches a
// training set or an inference rule unless it was accepted; see [Acceptance].
type Taint string

// The taint classes. The zero value is for trusted texts: this program made or
// verified them.
const (
	Trusted   Taint = ""
	Untrusted Taint = "untrusted"
)

// Item is one verified answer: a task, what the model said, and the verdict.
type Item struct {
	ID       string `json:"id"`
	Activity string `json:"activity"`
	// Family and Level name the task's generator and its difficulty; levels
	// start at 1.
	Family string `json:"family"`
	Level  int    `json:"level"`
	// Version is the family's version, from 1; 0 means 1.
	Version int `json:"version"`
	// Seed, with Family, Version and Level, generates the task again.
	Seed  uint64 `json:"seed,string"`
	Split Split  `json:"split"`

	Messages []Message `json:"messages"`
	Answer   string    `json:"answer"`
	// Finish says why the answer ended; "" when that is unknown. An answer that
	// was cut, FinishLength, counts as a try like any other.
	Finish    Finish `json:"finish,omitempty"`
	Reference string `json:"reference,omitempty"`
	// Sampling says how the answer was drawn, zero for greedily. MaxTokens is the
	// task's and left out.
	Sampling Sampling `json:"sampling,omitzero"`
	// DrawSeed is the seed that the answer was drawn with; 0 is Seed.
	DrawSeed uint64 `json:"draw_seed,string,omitempty"`
	// Sample numbers the answers that were drawn to one task together, from 1; 0
	// is an answer that was asked for alone. See Counted.
	Sample int `json:"sample,omitempty"`
	// Score is the verifier's verdict in [0, 1]; 1 passes.
	Score    float64 `json:"score"`
	Verifier string  `json:"verifier"`
	// Note says in a few words why the answer failed.
	Note string `json:"note,omitempty"`

	// At is when the verdict was given; it decides the UTC day of the tally.
	At        time.Time     `json:"at"`
	Latency   time.Duration `json:"latency"`
	TokensIn  int           `json:"tokens_in"`
	TokensOut int           `json:"tokens_out"`
	// MicroUSD is what the answer cost, in millionths of a US dollar.
	MicroUSD int64 `json:"micro_usd,omitempty"`
	// ModelKey is the key of the model that answered; "" when none did.
	// Proficiency is kept per key, see [Measure].
	ModelKey string `json:"model_key"`
	// Model is the name of that model.
	Model   string `json:"model,omitempty"`
	Adapter string `json:"adapter,omitempty"`
	// Taint is Untrusted where the task has a text from outside, and where an agent of
	// another process answered.
	Taint Taint `json:"taint,omitempty"`
	// Acceptance is the decision on a tainted text; nil when nobody decided. See
	// [Item.Trusted].
	Acceptance *Acceptance `json:"acceptance,omitempty"`
	// Source says where the task came from when it was not generated: a file,
	// an address, a user, as Options.Redact leaves it. Forget finds items by it.
	Source string `json:"source,omitempty"`
	// Digest is that of the text of Source that the task was made of, where it can
	// be made again from it; see [TaskID].
	Digest string `json:"digest,omitempty"`
	// Redacted says that Options.Redact has changed a text of the item. What is
	// stored is then not what was verified, so nothing is trained on it.
	Redacted bool `json:"redacted,omitempty"`
}

// Passed reports whether the answer counts as right: a full score.
func (i *Item) Passed() bool { return i.Score >= 1 }

// Counted reports whether the answer counts in a tally. One of several to the same
// task does not: they tell how often a model succeeds there, not what it can do.
func (i *Item) Counted() bool { return i.Sample == 0 }

// Cut reports whether the answer was cut before the model was done with it.
func (i *Item) Cut() bool { return i.Finish == FinishLength }

// Cost is what the answer used; the processor time of one answer is not known.
func (i *Item) Cost() Cost {
	return Cost{TokensIn: int64(i.TokensIn), TokensOut: int64(i.TokensOut), MicroUSD: i.MicroUSD}
}

// Insight is something learned, with its evidence.
type Insight struct {
	ID       string    `json:"id"`
	Activity string    `json:"activity"`
	Kind     Kind      `json:"kind"`
	At       time.Time `json:"at"`
	Text     string    `json:"text"`
	// Topic groups insights about the same thing: a family, a package.
	Topic string `json:"topic,omitempty"`
	// Confidence is in (0, 1]; 1 is a computed fact. Of untrusted text it is at most
	// [MaxUntrusted].
	Confidence float64    `json:"confidence"`
	Evidence   []Evidence `json:"evidence,omitempty"`
	// Claims are the facts that the hobby knows, at most [MaxClaims]. The text may
	// say more, or less.
	Claims []Claim `json:"claims,omitempty"`
	Taint  Taint   `json:"taint,omitempty"`
	// Acceptance is the decision on a tainted text; nil when nobody decided. See
	// [Insight.Trusted].
	Acceptance *Acceptance `json:"acceptance,omitempty"`
	// Source says where the text came from when it was not computed here, as
	// Options.Redact leaves it.
	Source string `json:"source,omitempty"`
}

// EvidenceKind says what an Evidence points at.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceItem EvidenceKind = "item" // Ref is an item's id
	EvidenceFile EvidenceKind = "file" // Ref is a path, Line and EndLine a range
	EvidenceRows EvidenceKind = "rows" // Ref is a query or a table
	EvidenceURL  EvidenceKind = "url"  // Ref is an address
)

// Evidence is one thing that an insight rests on.
type Evidence struct {
	Kind    EvidenceKind `json:"kind"`
	Ref     string       `json:"ref"`
	Line    int          `json:"line,omitempty"`
	EndLine int          `json:"end_line,omitempty"`
}

package lora

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"

	"github.com/pastime-go/pastime/hobby"
)

// Origin says what a row's completion is.
type Origin string

// The origins of rows.
const (
	// OriginOwn is a verified answer of the model that is trained.
	OriginOwn Origin = "own"
	// OriginOther is a verified answer of another model: learning it is distillation.
	OriginOther Origin = "other"
	// OriginReference is the reference of a task that the model never got right.
	OriginReference Origin = "reference"
	// OriginInsight is an insight as a question and its answer.
	OriginInsight Origin = "insight"
	// OriginReplay is an answer of the base that the adapter should not unlearn; see
	// [Example.Replay].
	OriginReplay Origin = "replay"
)

// Row is one example of a data set, with where it comes from.
type Row struct {
	// ID is the digest of what is learned: of the prompt, the tools, the completion
	// and whether it is replayed. Two rows of a data set never have the same.
	ID string `json:"id"`
	// Messages are the prompt, and Tools those that it offers.
	Messages   []hobby.Message `json:"messages"`
	Tools      []hobby.Tool    `json:"tools,omitempty"`
	Completion string          `json:"completion"`
	// Turns are those of a completion that is a transcript. Each is learned instead of
	// the whole.
	Turns  []hobby.Turn `json:"turns,omitempty"`
	Origin Origin       `json:"source"`
	// Validation says that the row is not learned: its loss is measured.
	Validation bool `json:"validation,omitempty"`

	Kind hobby.Kind `json:"hobby_type"`
	// Task and Version name the task that the completion answers, zero where there is
	// none.
	Task    hobby.TaskID `json:"task,omitzero"`
	Version int          `json:"version,omitempty"`
	// Quality is in [0, 1]: the verdict on an answer, or how good an insight is.
	Quality float64 `json:"quality"`
	// ModelKey is that of the model that gave the completion; "" when none did.
	ModelKey string `json:"model_key,omitempty"`

	// Items, Insights and Activities are the ids of all that the row was made of, its
	// duplicates too. Sources are the hashes of their sources, see [hobby.SourceHash].
	Items      []string `json:"items,omitempty"`
	Insights   []string `json:"insights,omitempty"`
	Activities []string `json:"activities,omitempty"`
	Sources    []string `json:"sources,omitempty"`
}

// Examples are the row as a Trainer takes it: one, or one for each turn.
func (r *Row) Examples() (all []Example) {
	replay := r.Origin == OriginReplay
	for _, t := range r.Turns {
		all = append(all, Example{Messages: t.Messages, Tools: t.Tools, Completion: t.Completion, Replay: replay})
	}
	if all == nil {
		all = []Example{{Messages: r.Messages, Tools: r.Tools, Completion: r.Completion, Replay: replay}}
	}
	return all
}

// identify sets the ID.
func (r *Row) identify() {
	r.ID = digestOf(r.Messages, r.Tools, r.Completion, r.Origin == OriginReplay)
}

// task names the task of a row among all rows: of a generated one its family, level
// and prompt, which the parameters decide. Of a text it is the prompt alone.
func (r *Row) task() string {
	return digestOf(r.Kind, r.Task.Family, r.Task.Level, r.Task.Source, r.Task.Digest, r.Messages)
}

// learned is the part of a row that its data set's digest covers: all but the ids of
// what it was made of, which differ from run to run.
func (r *Row) learned() Row {
	l := *r
	l.Items, l.Insights, l.Activities, l.Sources = nil, nil, nil, nil
	return l
}

// digestOf is the SHA-256 of values as JSON, in 32 hexadecimal digits.
func digestOf(values ...any) string {
	h := sha256.New()
	for _, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte(err.Error()) // a tool's parameters that are no JSON: refused before
		}
		_ = binary.Write(h, binary.LittleEndian, uint64(len(text)))
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

package lora

import (
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Version is a trained adapter as a Store keeps it. What is above Number never
// changes; a Store sets what is below.
type Version struct {
	// ID is what [Version.Identify] makes of the version. It is also the name under
	// which a [hobby.AdapterHost] loads the adapter.
	ID string `json:"id"`
	// Kind is what it was trained for.
	Kind hobby.Kind `json:"kind"`
	// Parent is the version that its training went on from; "" is the base.
	Parent string `json:"parent,omitempty"`
	// BaseModel is the name of the base model, and Base the digest of its weights.
	BaseModel string `json:"base_model,omitempty"`
	Base      string `json:"base"`
	// Data is the digest of the data set that it was trained on.
	Data string `json:"data"`
	// Config is how it was trained, and Artifact what the training made, with the
	// digest of the adapter's weights.
	Config   Config   `json:"config"`
	Artifact Artifact `json:"artifact"`
	// Metrics are what was measured of the training, such as its loss.
	Metrics map[string]float64 `json:"metrics,omitempty"`
	// Job is the id of the job that trained it.
	Job string `json:"job,omitempty"`

	// Number counts the versions of the kind, from 1, and Created is when the version
	// was stored.
	Number  int       `json:"number"`
	Created time.Time `json:"created"`
	// Forgotten is when a source that it learned from was forgotten, or that of a
	// version that it goes on from; zero when none was. Such a version becomes
	// champion or candidate no more, and one that is should be replaced.
	Forgotten time.Time `json:"forgotten,omitzero"`
	// Collected is when its files were given up; zero while they are kept. Such a
	// version is a record, and no alias can point to it.
	Collected time.Time `json:"collected,omitzero"`
	// Verdict is that of the last trial that it ended as the candidate, or Rollback where
	// a watch has found it to be worse; "" before any.
	Verdict Verdict `json:"verdict,omitempty"`
	// Status says what it is now.
	Status Status `json:"status"`
}

// Identify returns the digest of what makes a version what it is: its kind, parent,
// base, data, configuration and weights, in 32 hexadecimal digits.
func (v *Version) Identify() string {
	return hobby.ModelKey("version", string(v.Kind), v.Parent, v.Base, v.Data, fmt.Sprintf("%+v", v.Config.WithDefaults()), v.Artifact.Digest)
}

// Validate reports with hobby.ErrInvalid, naming the field, why v cannot be stored.
func (v *Version) Validate() error {
	for _, f := range []struct{ name, value string }{
		{"Kind", string(v.Kind)}, {"Base", v.Base}, {"Data", v.Data}, {"Artifact.Digest", v.Artifact.Digest},
	} {
		if f.value == "" {
			return fmt.Errorf("%w: Version.%s is empty", hobby.ErrInvalid, f.name)
		}
	}
	if err := v.Config.Validate(); err != nil {
		return fmt.Errorf("%w: Version.Config: %w", hobby.ErrInvalid, err)
	}
	if id := v.Identify(); v.ID != "" && v.ID != id {
		return fmt.Errorf("%w: Version.ID is %.64q, and what it names is %s", hobby.ErrInvalid, v.ID, id)
	}
	return nil
}

// Name is the version's name for people, such as "skill_practice-3".
func (v *Version) Name() string { return fmt.Sprintf("%s-%d", v.Kind, v.Number) }

// Status is what a version is now.
type Status string

// The states of a version. The first that holds is its state.
const (
	StatusChampion  Status = "champion"
	StatusCandidate Status = "candidate"
	StatusPrevious  Status = "previous"
	// StatusRejected: its last trial had another verdict than Promote.
	StatusRejected Status = "rejected"
	// StatusArchived: nothing points to it any more.
	StatusArchived Status = "archived"
)

// Lineage is what a version learned from. A version that goes on from another one
// learned from all that that one did, too.
type Lineage struct {
	// Sources are hashes as of [hobby.SourceHash]; the others are ids.
	Sources    []string `json:"sources,omitempty"`
	Insights   []string `json:"insights,omitempty"`
	Activities []string `json:"activities,omitempty"`
	// Read is when all this was read. A source that was forgotten since then marks the
	// version as it is stored.
	Read time.Time `json:"read,omitzero"`
}

// VersionFilter selects versions. Zero fields select all.
type VersionFilter struct {
	Kind   hobby.Kind
	Status Status
	Job    string
	// Source, Insight and Activity select what learned from one, as in [Lineage].
	Source, Insight, Activity string
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after a VersionPage's Next; anything else is ErrInvalid.
	Cursor string
}

// VersionPage is a part of a listing of versions, the last stored first. Next is "" at
// the end.
type VersionPage struct {
	Versions []Version
	Next     string
}

// Alias is a name that a version can have, for each kind and for the kind "", which is
// the agent as a whole.
type Alias string

// The aliases.
const (
	// Champion is what serves the kind.
	Champion Alias = "champion"
	// Candidate is what was trained last, until its verdict.
	Candidate Alias = "candidate"
	// Previous is the champion before this one.
	Previous Alias = "previous"
)

// Flip is a move of an alias.
type Flip struct {
	// At is when it moved; a Store sets it.
	At    time.Time  `json:"at"`
	Kind  hobby.Kind `json:"kind"`
	Alias Alias      `json:"alias"`
	// From and To are the ids of versions; "" is the base.
	From string `json:"from"`
	To   string `json:"to"`
	// By is what moved it: "trial", "watch" or "forget"; "apply" or "force" of a person. Why is
	// the reason for people.
	By  string `json:"by"`
	Why string `json:"why"`
}

// Promotion is the flips that make a version the champion of a kind, "" being the base:
// the champion becomes the previous one, and the version the candidate no longer. It is
// nil where the version is the champion already. now are the kind's aliases.
func Promotion(k hobby.Kind, now map[Alias]string, version, by, why string) []Flip {
	if now[Champion] == version {
		return nil
	}
	flips := []Flip{{Kind: k, Alias: Champion, From: now[Champion], To: version, By: by, Why: why}}
	if now[Previous] != now[Champion] {
		flips = append(flips, Flip{Kind: k, Alias: Previous, From: now[Previous], To: now[Champion], By: by, Why: why})
	}
	if version != "" && now[Candidate] == version {
		flips = append(flips, Flip{Kind: k, Alias: Candidate, From: version, By: by, Why: why})
	}
	return flips
}

// FlipFilter selects flips. Zero fields select all.
type FlipFilter struct {
	// Kind selects those of one kind, "" being the agent as a whole; nil selects all.
	Kind  *hobby.Kind
	Alias Alias
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after a FlipPage's Next; anything else is ErrInvalid.
	Cursor string
}

// FlipPage is a part of the history of the aliases, the last flip first. Next is "" at
// the end.
type FlipPage struct {
	Flips []Flip
	Next  string
}

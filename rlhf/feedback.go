package rlhf

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby"
)

// TargetType says what sort of thing feedback is about.
type TargetType string

// The types of targets.
const (
	Insight  TargetType = "insight"
	Activity TargetType = "activity"
	Adapter  TargetType = "adapter"
	// Suggestion is what somebody suggested, in feedback of this id: it can be accepted as a
	// topic of practice, or refused, and no more.
	Suggestion TargetType = "suggestion"
)

// TargetTypes are all of them, in the order in which people read them.
func TargetTypes() []TargetType { return []TargetType{Insight, Activity, Adapter, Suggestion} }

// Valid reports whether t is one of [TargetTypes].
func (t TargetType) Valid() bool { return slices.Contains(TargetTypes(), t) }

// The bounds of what a person says: the bytes of a comment or a suggestion, and those
// of a user's id.
const (
	MaxText = 8 << 10
	MaxUser = 128
)

// The stars of a rating.
const (
	MinRating = 1
	MaxRating = 5
)

// Feedback is what somebody thinks of a target at one moment. It is never changed.
type Feedback struct {
	// ID, Pos, Version, Rater, Superseded and At are set by [Pipeline.Submit] and the
	// store. Pos is the place in the order of storing, from 1.
	ID  string `json:"id"`
	Pos int64  `json:"pos"`
	// Version counts what this user said of this target, from 1. That of an anonymous
	// one is always 1.
	Version int `json:"version"`

	Type   TargetType `json:"target_type"`
	Target string     `json:"target_id"`

	// User is who gives it; "" is nobody with a name. Where the host's redaction would
	// change it, it is stored as a keyed hash.
	User string `json:"user,omitempty"`
	// Address is the network address that it came from. It is never stored.
	Address string `json:"-"`
	// Claimed says that nobody vouches for User: it is what somebody calls themselves who is
	// not logged in.
	Claimed bool `json:"-"`
	// Rater is the same for all feedback of a user, and for all anonymous feedback of
	// an address on a UTC day. However often an anonymous one judges a target, all of it
	// together counts as one.
	Rater string `json:"rater"`
	// Voice is who speaks where voices are counted, if that is not Rater: the rater that
	// an anonymous one of the same address is on the day, for a name that is claimed. So
	// names that somebody makes up are no more voices than none.
	Voice string `json:"voice,omitempty"`
	// Source is the user as Forget names them: the hobby.SourceHash of [UserSource]; ""
	// for an anonymous one.
	Source string `json:"-"`

	// Rating is 1 to 5 stars; 0 is none.
	Rating  int   `json:"rating,omitempty"`
	Helpful *bool `json:"helpful,omitempty"`
	// Comment is for people. Suggestion is what the target should have said, or what to
	// practise instead.
	Comment    string `json:"comment,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`
	// Accept says whether the text of an insight from outside may be used as this
	// program's own, or whether a suggestion is a topic of practice. Whether the user may say so is the caller's to check.
	Accept *bool `json:"accept,omitempty"`

	// Exposure is the id of the [Exposure] that this answers; "" for none.
	Exposure string    `json:"exposure,omitempty"`
	At       time.Time `json:"at"`
	// Superseded says that this user has said something else of the target since.
	Superseded bool `json:"superseded,omitempty"`
}

// ErrExposure is the error of Submit for an exposure that is unknown, as one is that was
// dropped, or that is of another target or user. It is a hobby.ErrInvalid.
var ErrExposure = fmt.Errorf("rlhf: %w: Feedback.Exposure", hobby.ErrInvalid)

// ErrTooMany is the error of Submit for somebody who has said enough today.
var ErrTooMany = errors.New("rlhf: too much feedback for one day")

// Validate reports with hobby.ErrInvalid, naming the field, why f cannot be stored.
func (f *Feedback) Validate() error {
	bad := func(field, format string, args ...any) error {
		return fmt.Errorf("rlhf: %w: Feedback.%s %s", hobby.ErrInvalid, field, fmt.Sprintf(format, args...))
	}
	switch {
	case !f.Type.Valid():
		return bad("Type", "is %.32q", f.Type)
	case f.Target == "" || len(f.Target) > maxID:
		return bad("Target", "has %d bytes, must have 1 to %d", len(f.Target), maxID)
	case f.Rating != 0 && (f.Rating < MinRating || f.Rating > MaxRating):
		return bad("Rating", "is %d, must be %d to %d", f.Rating, MinRating, MaxRating)
	case len(f.User) > MaxUser:
		return bad("User", "has %d bytes, must have at most %d", len(f.User), MaxUser)
	case strings.ContainsFunc(f.User, hidden) || strings.TrimSpace(f.User) != f.User:
		return bad("User", "has spaces at its ends, or characters that cannot be shown")
	case len(f.Comment) > MaxText:
		return bad("Comment", "has %d bytes, must have at most %d", len(f.Comment), MaxText)
	case len(f.Suggestion) > MaxText:
		return bad("Suggestion", "has %d bytes, must have at most %d", len(f.Suggestion), MaxText)
	case len(f.Exposure) > maxID:
		return bad("Exposure", "has %d bytes, must have at most %d", len(f.Exposure), maxID)
	case f.Accept != nil && f.Type != Insight && f.Type != Suggestion:
		return bad("Accept", "is for an insight or a suggestion, not for an %s", f.Type)
	case f.Type == Suggestion && (f.Accept == nil || f.Judges() || f.Comment+f.Suggestion != ""):
		return bad("Accept", "is all that is said of a suggestion")
	case f.Rating == 0 && f.Helpful == nil && f.Accept == nil && strings.TrimSpace(f.Comment+f.Suggestion) == "":
		return bad("Rating", "is absent, and so is all else that it could say")
	}
	for _, text := range []string{f.Target, f.User, f.Comment, f.Suggestion, f.Exposure} {
		if !utf8.ValidString(text) {
			return fmt.Errorf("rlhf: %w: Feedback: %.32q is not valid UTF-8", hobby.ErrInvalid, text)
		}
	}
	return nil
}

// maxID is the largest number of bytes of an id of a target or an exposure.
const maxID = 256

// hidden reports whether r is not seen in a name: a control, a mark of direction, a line's
// end. Joiners are part of names in Persian and of emoji.
func hidden(r rune) bool { return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' }

// UserSource is the source by which a user is forgotten: "user:" and the id.
func UserSource(user string) string { return "user:" + user }

// Speaker is whose voice it is: Voice, or else Rater.
func (f *Feedback) Speaker() string { return cmp.Or(f.Voice, f.Rater) }

// Judges reports whether f has a rating or a flag: something that can be learned from.
func (f *Feedback) Judges() bool { return f.Rating != 0 || f.Helpful != nil }

// Over is f as the next version of what the same user said of the same target: what f
// leaves open stays as it was.
func (f Feedback) Over(was *Feedback) Feedback {
	f.Rating, f.Comment, f.Suggestion = cmp.Or(f.Rating, was.Rating), cmp.Or(f.Comment, was.Comment), cmp.Or(f.Suggestion, was.Suggestion)
	f.Helpful, f.Accept, f.Exposure = cmp.Or(f.Helpful, was.Helpful), cmp.Or(f.Accept, was.Accept), cmp.Or(f.Exposure, was.Exposure)
	f.Version = was.Version + 1
	return f
}

// Same reports whether f and g, of the same target and rater, say the same.
func (f *Feedback) Same(g *Feedback) bool {
	flag := func(a, b *bool) bool { return a == b || a != nil && b != nil && *a == *b }
	return f.Rating == g.Rating && flag(f.Helpful, g.Helpful) && flag(f.Accept, g.Accept) && f.Comment == g.Comment &&
		f.Suggestion == g.Suggestion
}

// Exposure is that something was shown to somebody to be rated.
type Exposure struct {
	ID     string     `json:"id"`
	Pos    int64      `json:"pos"`
	Type   TargetType `json:"target_type"`
	Target string     `json:"target_id"`
	Kind   hobby.Kind `json:"kind"`
	// Rater is as in Feedback; User is "" for an anonymous one.
	User   string `json:"user,omitempty"`
	Rater  string `json:"rater"`
	Source string `json:"-"`
	// At is when it was shown. A rater has one exposure of a target on a UTC day.
	At time.Time `json:"at"`
	// Policy names what chose it and its version, and Model is the version of the
	// reward model that it used; "" for none.
	Policy string `json:"policy"`
	Model  string `json:"model,omitempty"`
	// Propensity is the probability in (0, 1] with which the policy showed it.
	Propensity float64 `json:"propensity"`
	// Position is its place on the list, from 1, of Shown that were on it.
	Position int `json:"position"`
	Shown    int `json:"shown"`
	// Answered says that there is feedback that names it.
	Answered bool `json:"answered,omitempty"`
}

// Takes reports with ErrExposure why f is no answer to e: it is of another target or
// user. What was shown to nobody with a name may be answered by anybody.
func (e *Exposure) Takes(f *Feedback) error {
	switch {
	case e.Type != f.Type || e.Target != f.Target:
		return fmt.Errorf("%w is of another target", ErrExposure)
	case e.User != "" && e.Rater != f.Rater:
		return fmt.Errorf("%w is of another user", ErrExposure)
	}
	return nil
}

package hobby

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// maxText bounds the texts of an item, an insight or an activity together, in
// bytes.
const maxText = 1 << 20

// The most that one answer can take. A greater number is not a measurement, and
// would outweigh all others in the sums.
const (
	maxTokens   = 1 << 30
	maxMicroUSD = 1e12
	maxLatency  = 30 * 24 * time.Hour
)

// Validate reports with ErrInvalid what a Store must refuse, naming the field:
// what cannot be counted, texts that are not UTF-8 or more than 1 MiB in one
// activity, item or insight, and times outside the years 1970 to 2261.
func (s *Session) Validate() error {
	if err := s.Activity.validate(); err != nil {
		return err
	}
	for i := range s.Items {
		if s.Items[i].ID == "" {
			return fmt.Errorf("%w: Items[%d].ID is empty", ErrInvalid, i)
		}
		if err := s.Items[i].Validate(); err != nil {
			return err
		}
	}
	for i := range s.Insights {
		if s.Insights[i].ID == "" {
			return fmt.Errorf("%w: Insights[%d].ID is empty", ErrInvalid, i)
		}
		if err := s.Insights[i].Validate(); err != nil {
			return err
		}
	}
	return nil
}

func (a *Activity) validate() error {
	bad := invalid("Activity")
	switch {
	case a.ID == "":
		return bad("ID", "is empty")
	case a.Version < 0:
		return bad("Version", "is negative: %d", a.Version)
	case a.Plan.Kind == "":
		return bad("Plan.Kind", "is empty")
	case a.Status != Running && !a.Status.Ended():
		return bad("Status", "is %q", a.Status)
	case a.Started.IsZero():
		return bad("Started", "is zero")
	case a.Status == Running && !a.Ended.IsZero():
		return bad("Ended", "is %v, must be zero while the activity runs", a.Ended)
	case min(a.Cost.TokensIn, a.Cost.TokensOut, a.Cost.MicroUSD, int64(a.Cost.CPU), int64(a.Engaged)) < 0:
		return bad("Cost or Engaged", "is negative: %+v, %v", a.Cost, a.Engaged)
	case a.Status.Ended() && a.Ended.Before(a.Started):
		return bad("Ended", "is %v, before Started %v", a.Ended, a.Started)
	}
	return checkValues("Activity", a)
}

// Validate reports with ErrInvalid, naming the field, why i cannot be stored
// or counted. An empty ID or Activity is no reason; see [Session.Validate].
func (i *Item) Validate() error {
	bad := invalid("Item")
	switch {
	case !(i.Score >= 0 && i.Score <= 1):
		return bad("Score", "is %v, must be in [0, 1]", i.Score)
	case i.Split != Practice && i.Split != HeldOut:
		return bad("Split", "is %q, must be %q or %q", i.Split, Practice, HeldOut)
	case i.Version < 0 || i.Version > math.MaxInt16:
		return bad("Version", "is %d, must be in [0, %d]", i.Version, math.MaxInt16)
	case i.Level < 0 || i.Level > math.MaxInt16:
		return bad("Level", "is %d, must be in [0, %d]", i.Level, math.MaxInt16)
	case i.Sample < 0 || i.Sample > math.MaxInt16:
		return bad("Sample", "is %d, must be in [0, %d]", i.Sample, math.MaxInt16)
	case i.Verifier == "":
		return bad("Verifier", "is empty: an answer that nothing verified is not an item")
	case i.TokensIn < 0 || i.TokensIn > maxTokens:
		return bad("TokensIn", "is %d, must be in [0, %d]", i.TokensIn, int64(maxTokens))
	case i.TokensOut < 0 || i.TokensOut > maxTokens:
		return bad("TokensOut", "is %d, must be in [0, %d]", i.TokensOut, int64(maxTokens))
	case i.MicroUSD < 0 || i.MicroUSD > maxMicroUSD:
		return bad("MicroUSD", "is %d, must be in [0, %d]", i.MicroUSD, int64(maxMicroUSD))
	case i.Latency < 0 || i.Latency > maxLatency:
		return bad("Latency", "is %v, must be in [0, %v]", i.Latency, time.Duration(maxLatency))
	case i.Finish != "" && !i.Finish.valid():
		return bad("Finish", "is %q", i.Finish)
	case i.At.IsZero():
		return bad("At", "is zero")
	}
	if err := decided(i.Acceptance); err != nil {
		return err
	}
	return checkValues("Item", i)
}

// Validate reports with ErrInvalid, naming the field, why i cannot be stored.
// An empty ID or Activity is no reason; see [Session.Validate].
func (i *Insight) Validate() error {
	bad := invalid("Insight")
	switch {
	case !(i.Confidence > 0 && i.Confidence <= 1):
		return bad("Confidence", "is %v, must be in (0, 1]", i.Confidence)
	case i.Text == "":
		return bad("Text", "is empty")
	case i.At.IsZero():
		return bad("At", "is zero")
	case len(i.Claims) > MaxClaims:
		return bad("Claims", "are %d, at most %d fit", len(i.Claims), MaxClaims)
	}
	for j := range i.Claims {
		if field, format, args := i.Claims[j].validate(); field != "" {
			return bad(fmt.Sprintf("Claims[%d].%s", j, field), format, args...)
		}
	}
	if doubted := *i; i.Taint != Trusted {
		doubted.Claims = slices.Clone(i.Claims)
		if doubted.Doubt(); doubted.Confidence < i.Confidence || !slices.Equal(doubted.Claims, i.Claims) {
			return bad("Confidence", "or that of a claim is more than %v, which untrusted text cannot have", MaxUntrusted)
		}
	}
	if err := decided(i.Acceptance); err != nil {
		return err
	}
	return checkValues("Insight", i)
}

func invalid(what string) func(field, format string, args ...any) error {
	return func(field, format string, args ...any) error {
		return fmt.Errorf("%w: %s.%s %s", ErrInvalid, what, field, fmt.Sprintf(format, args...))
	}
}

// checkValues refuses texts, numbers and times that a store cannot keep,
// wherever they are in *v.
func checkValues(what string, v any) error {
	total := 0
	if field, problem := check(reflect.ValueOf(v).Elem(), &total); problem != "" {
		return fmt.Errorf("%w: %s%s %s", ErrInvalid, what, field, problem)
	}
	if total > maxText {
		return fmt.Errorf("%w: the texts of the %s have %d bytes together, at most %d fit", ErrInvalid, what, total, maxText)
	}
	return nil
}

var timeType = reflect.TypeFor[time.Time]()

// check looks at v and all that is in it, and adds the texts' bytes to total.
// It returns the first problem and the path of its field; "" when there is
// none.
func check(v reflect.Value, total *int) (field, problem string) {
	switch v.Kind() {
	case reflect.String:
		*total += v.Len()
		if !utf8.ValidString(v.String()) {
			return "", "is not valid UTF-8"
		}
	case reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return "", "is " + strconv.FormatFloat(f, 'g', -1, 64)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return check(v.Elem(), total)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if field, problem := check(v.Index(i), total); problem != "" {
				return "[" + strconv.Itoa(i) + "]" + field, problem
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			for _, part := range []reflect.Value{it.Key(), it.Value()} {
				if _, problem := check(part, total); problem != "" {
					return fmt.Sprintf("[%q]", it.Key()), problem
				}
			}
		}
	case reflect.Struct:
		return checkStruct(v, total)
	}
	return "", ""
}

func checkStruct(v reflect.Value, total *int) (field, problem string) {
	if v.Type() == timeType {
		if t := v.Interface().(time.Time); !t.IsZero() && (t.Unix() < 0 || t.UTC().Year() > 2261) {
			return "", fmt.Sprintf("is %v, must be in the years 1970 to 2261", t)
		}
		return "", ""
	}
	for i := range v.NumField() {
		if field, problem := check(v.Field(i), total); problem != "" {
			return "." + v.Type().Field(i).Name + field, problem
		}
	}
	return "", ""
}

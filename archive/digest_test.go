package archive

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

func sha(s *hobby.Session) string {
	d := newDigest()
	d.add(s)
	return d.String()
}

// TestDigestHasEveryField changes one value of a session: its digest is another one.
func TestDigestHasEveryField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hobby.Session{Items: make([]hobby.Item, 1), Insights: make([]hobby.Insight, 1)}
		fill(t, reflect.ValueOf(&s.Activity).Elem(), "activity")
		fill(t, reflect.ValueOf(&s.Items[0]).Elem(), "item")
		fill(t, reflect.ValueOf(&s.Insights[0]).Elem(), "insight")
		s.Items[0].Activity, s.Insights[0].Activity = s.Activity.ID, s.Activity.ID
		was := sha(&s)
		part := rapid.SampledFrom([]any{&s.Activity, &s.Items[0], &s.Insights[0]}).Draw(t, "part")
		of := reflect.ValueOf(part).Elem()
		n := rapid.IntRange(0, of.NumField()-1).Draw(t, "field")
		field := of.Field(n)
		before := reflect.New(field.Type()).Elem()
		before.Set(field)
		fill(t, field, "changed")
		same := cmp.Equal(before.Interface(), field.Interface(), cmpopts.EquateEmpty())
		if now := sha(&s); (now == was) != same {
			t.Fatalf("%s.%s from %s to %s: the digest changes: %v", of.Type(), of.Type().Field(n).Name,
				raw(t, before.Interface()), raw(t, field.Interface()), now != was)
		}
	})
}

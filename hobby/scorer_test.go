package hobby_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// lengths likes long texts, knows nothing of questions, and fails on exclamations.
type lengths struct{}

func (lengths) Version() string { return "1" }
func (lengths) Score(_ context.Context, i hobby.Insight) (mean, sd float64, err error) {
	switch {
	case strings.HasSuffix(i.Text, "?"):
		return 0, 0, hobby.ErrAbstain
	case strings.HasSuffix(i.Text, "!"):
		return 0, 0, errors.New("too loud")
	}
	return float64(len(i.Text)) / 10, 0.1, nil
}

func TestBestFirst(t *testing.T) {
	for _, c := range []struct {
		scorer     hobby.Scorer
		texts, out string
		fails      bool
	}{
		{lengths{}, "who? a why? abc ab cd", "abc ab cd a who? why?", false},
		{nil, "who? a why? abc", "who? a why? abc", false},
		{lengths{}, "a b!", "", true},
	} {
		m, err := hobby.New(open(t), nil, &hobby.Options{Scorer: c.scorer})
		if err != nil {
			t.Fatal(err)
		}
		var all []hobby.Insight
		for _, text := range strings.Fields(c.texts) {
			all = append(all, hobby.Insight{ID: text, Text: text})
		}
		if err := m.BestFirst(t.Context(), all); (err != nil) != c.fails {
			t.Errorf("%s: %v", c.texts, err)
		}
		var got []string
		for i := range all {
			got = append(got, all[i].Text)
		}
		if d := cmp.Diff(c.out, strings.Join(got, " ")); d != "" && !c.fails {
			t.Errorf("%s (-want +got):\n%s", c.texts, d)
		}
	}
}

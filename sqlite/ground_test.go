package sqlite_test

import (
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
)

// The fixture is a store that the program of commit a2041d5 practised in, with the tiny
// model: six sessions and one that a crash left running (testdata/ground.sql.gz), and
// what that program measured (testdata/ground.json).
type ground struct {
	At       time.Time
	Key      string
	Families []struct {
		Family hobby.Family
		Items  int64
		Levels []hobby.Estimate
	}
	Tallies []hobby.Tally
}

func unpackGround(t *testing.T) (path string, g ground) {
	t.Helper()
	f, err := os.Open("testdata/ground.sql.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	dump, err := io.ReadAll(zipped)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "agent.db")
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec(string(dump))
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("testdata/ground.json")
	if err == nil {
		err = json.Unmarshal(golden, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path, g
}

// TestTheGroundIsMigrated opens a store of the schema before this one. What it counts is
// what the older program counted, what it measures follows from that, and all that is new
// works on what is old.
func TestTheGroundIsMigrated(t *testing.T) {
	path, g := unpackGround(t)
	s := open(t, path, nil)
	defer closeStore(t, s)
	ctx := t.Context()
	tallies, _, err := s.Tallies(ctx, hobby.TallyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	sorted := cmpopts.SortSlices(func(a, b hobby.Tally) bool { return a.Family < b.Family || a.Family == b.Family && a.Level < b.Level })
	if diff := cmp.Diff(g.Tallies, tallies, sorted); diff != "" {
		t.Errorf("tallies (-older +now):\n%s", diff)
	}
	h := hobby.Hobby{Kind: hobby.SkillPractice}
	for _, f := range g.Families {
		h.Families = append(h.Families, f.Family)
	}
	keys := map[hobby.Kind]string{hobby.SkillPractice: g.Key}
	p, err := hobby.NewMeter(s, "agent").Measure(ctx, []hobby.Hobby{h}, keys, g.At)
	if err != nil {
		t.Fatal(err)
	}
	want := hobby.Measure(g.Tallies, []hobby.Hobby{h}, keys, g.At)
	counts := cmpopts.IgnoreFields(hobby.Estimate{}, "Mean", "Low", "High") // a new estimator has others
	for i, f := range g.Families {
		got := p.Kinds[0].Families[i].Levels
		if diff := cmp.Diff(f.Levels, got, counts); diff != "" {
			t.Errorf("%s: counts (-older +now):\n%s", f.Family.Name, diff)
		}
		if diff := cmp.Diff(want.Kinds[0].Families[i].Levels, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%s: estimates (-of the older tallies +of the store's):\n%s", f.Family.Name, diff)
		}
	}
	mended(t, s, &g)
	lost, err := s.Recover(ctx, time.Now())
	if err != nil || len(lost) != 1 || lost[0].ID != "running" || lost[0].Ended.Before(lost[0].Started) {
		t.Errorf("recovered %+v, %v; want the one that was left running", lost, err)
	}
	migratedItems(t, s)
	if _, err := hobbytest.Audit(ctx, s); err != nil {
		t.Errorf("the store does not add up: %v", err)
	}
	if floor, err := s.Trim(ctx, 99); err != nil || floor != 5 {
		t.Errorf("the floor is %d, %v; want 5, where the fixture's consumer is", floor, err)
	}
}

// mended measures with the families as they are now: those that have another version
// begin anew, and nothing else is lost.
func mended(t *testing.T, s hobby.Store, g *ground) {
	t.Helper()
	now := hobby.Hobby{Kind: hobby.SkillPractice}
	for _, f := range g.Families {
		now.Families = append(now.Families, f.Family)
	}
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range practice.Skills(nil, suite, nil).Families {
		if i := slices.IndexFunc(now.Families, func(old hobby.Family) bool { return old.Name == f.Name }); i >= 0 {
			now.Families[i].Version = f.Version
		}
	}
	keys := map[hobby.Kind]string{hobby.SkillPractice: g.Key}
	p, err := hobby.NewMeter(s, "agent").Measure(t.Context(), []hobby.Hobby{now}, keys, g.At)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range g.Families {
		got, items, older := p.Kinds[0].Families[i], f.Items, int64(0)
		if max(1, now.Families[i].Version) != max(1, f.Family.Version) {
			items, older = 0, f.Items
		}
		if got.Estimate.Items != items || got.Older != older {
			t.Errorf("%s: %d answers count and %d are of older versions, want %d and %d", f.Family.Name, got.Estimate.Items, got.Older, items, older)
		}
	}
}

// migratedItems checks that filters find the old items, in the order of their times.
func migratedItems(t *testing.T, s hobby.Store) {
	t.Helper()
	var all []hobby.Item
	sessions, err := s.Sessions(t.Context(), hobby.Filter{})
	if err != nil || len(sessions.Sessions) != 7 {
		t.Fatalf("%d sessions, %v; want 7", len(sessions.Sessions), err)
	}
	for _, sess := range sessions.Sessions {
		all = append(all, sess.Items...)
	}
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b hobby.Item) int { return b.At.Compare(a.At) })
	for _, f := range []hobby.ItemFilter{
		{}, {Kind: hobby.SkillPractice}, {Family: "dates"}, {Passed: true,
			Untainted: true}, {Split: hobby.HeldOut}, {ModelKeys: []string{"none"}},
		{ModelKeys: []string{all[0].ModelKey}, Since: all[40].At, Until: all[10].At}, {Since: all[40].At}, {Until: all[10].At},
	} {
		var want []hobby.Item
		for _, it := range all {
			if (f.Family == "" || it.Family == f.Family) && (!f.Passed || it.Passed()) && (f.Split == "" || it.Split == f.Split) &&
				(len(f.ModelKeys) == 0 || it.ModelKey == f.ModelKeys[0]) &&
				(f.Since.IsZero() || !it.At.Before(f.Since)) && (f.Until.IsZero() || it.At.Before(f.Until)) {
				want = append(want, it)
			}
		}
		p, err := s.Items(t.Context(), f)
		if diff := cmp.Diff(want, p.Items); err != nil || diff != "" {
			t.Errorf("items of %+v: %v (-want +got):\n%s", f, err, strings.TrimSpace(diff))
		}
	}
}

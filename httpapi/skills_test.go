package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
)

// storeDays stores a session of four answers a day for some days, of which as many are right as
// the day's number, at most all. The newest is of yesterday.
func storeDays(t *testing.T, w *world, days int) {
	t.Helper()
	for day := range days {
		at := time.Now().AddDate(0, 0, day-days)
		id := fmt.Sprintf("day-%d", day)
		s := hobby.Session{Activity: hobby.Activity{
			ID: id, Agent: "agent", Plan: hobby.Plan{Kind: hobby.SkillPractice, Family: "arithmetic", Level: 1 + day%2}, Status: hobby.Completed,
			Started: at, Ended: at.Add(time.Minute), Description: "Session " + id, Model: "m", ModelKey: "weak-m",
		}}
		for i := range 4 {
			score := 0.0
			if i < day {
				score = 1
			}
			s.Items = append(s.Items, hobby.Item{
				ID: fmt.Sprintf("%s-%d", id, i), Activity: id, Family: "arithmetic", Version: 2, Level: 1 + day%2,
				Seed: uint64(i), Split: hobby.Practice,
				Messages: []hobby.Message{{Role: "user", Content: fmt.Sprintf("Question %d of %s?", i, id)}}, Answer: "4", Reference: "5",
				Score: score, Verifier: "exact", At: at.Add(time.Duration(i) * time.Second), Model: "m", ModelKey: "weak-m",
			})
		}
		if _, err := w.store.Commit(t.Context(), s, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func read[T any](t *testing.T, w *world, path string) (v T, next string) {
	t.Helper()
	status, header, body := w.do("GET", path, "")
	if status != 200 {
		t.Fatalf("GET %s: %d %s", path, status, body)
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	return v, header.Get("X-Next-Cursor")
}

// TestSearch: a search finds what it is asked for, page by page, each once.
func TestSearch(t *testing.T) {
	w := newWorld(t, nil, nil)
	storeDays(t, w, 9)
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"result=none_right", []string{"day-0"}},
		{"result=all_right&level=2", []string{"day-7", "day-5"}},
		{"result=some_wrong", []string{"day-3", "day-2", "day-1"}},
		{"q=SESSION+day-8", []string{"day-8"}},
		{"family=fractions", nil},
		{"result=no_answers", nil},
	} {
		var got []string
		for cursor := ""; ; {
			page, next := read[[]httpapi.Activity](t, w, "/hobby/activities?count=2&"+c.query+"&cursor="+url.QueryEscape(cursor))
			for i := range page { // newest last
				got = append(got, page[len(page)-1-i].ID)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("activities of %s (-want +got):\n%s", c.query, diff)
		}
	}
	for query, want := range map[string]int{
		"result=missed": 4 + 3 + 2 + 1, "result=passed": 36 - 10, "": 36, "level=1&result=missed": 4 + 2, "family=fractions": 0,
		"q=question+0": 9, "q=day-8": 4, "hobby_type=waiting": 0, "family=arithmetic&q=nothing": 0,
	} {
		seen := map[string]bool{}
		for cursor := ""; ; {
			page, _ := read[httpapi.Items](t, w, "/hobby/items?limit=3&"+query+"&cursor="+url.QueryEscape(cursor))
			for _, i := range page.Items {
				seen[i.ID] = true
			}
			if page.NextCursor == nil {
				break
			}
			cursor = *page.NextCursor
		}
		if len(seen) != want {
			t.Errorf("%d items of %q, want %d", len(seen), query, want)
		}
	}
}

// TestASkill: a skill has a curve, and levels whose answers are those that were given.
func TestASkill(t *testing.T) {
	w := newWorld(t, nil, nil)
	storeDays(t, w, 9)
	c, _ := read[httpapi.Curve](t, w, "/hobby/curve?hobby_type=skill_practice&family=arithmetic")
	if len(c.History) != 9 || c.History[8].Items != 36 || c.Models["weak-m"] != "m" || c.Fixed {
		t.Errorf("the curve is %+v", c)
	}
	for _, p := range c.History {
		if !(p.Low < p.Proficiency && p.Proficiency < p.High) {
			t.Errorf("an interval without its mean: %+v", p)
		}
	}
	s, _ := read[httpapi.Skill](t, w, "/hobby/skills/SKILL_PRACTICE/arithmetic")
	if len(s.PerLevel) != s.Levels || s.PerLevel[0].Level != 1 || !s.PerLevel[0].Open {
		t.Errorf("the skill is %+v", s)
	}
	for path, want := range map[string]int{
		"/hobby/skills/SKILL_PRACTICE/nothing": 404, "/hobby/skills/NO_SUCH/arithmetic": 404, "/hobby/curve?hobby_type=NO_SUCH": 422,
		"/hobby/curve?hobby_type=SKILL_PRACTICE&family=nothing": 404, "/hobby/curve": 422, "/hobby/items?cursor=x": 422,
	} {
		if status, _, body := w.do("GET", path, ""); status != want {
			t.Errorf("GET %s: %d %s, want %d", path, status, body, want)
		}
	}
}

package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
)

// ActivityDetail is an activity with what it verified.
type ActivityDetail struct {
	Activity
	VerifiedItems []Item    `json:"verified_items" nullable:"false"`
	Insights      []Insight `json:"insights" nullable:"false"`
}

// Insights is the answer of GET /hobby/insights.
type Insights struct {
	Insights   []Insight `json:"insights" nullable:"false" doc:"newest first"`
	NextCursor *string   `json:"next_cursor,omitempty" doc:"give it as cursor for those before these; absent at the end"`
}

// activitiesInput selects activities.
type activitiesInput struct {
	Count  int    `query:"count" minimum:"1" maximum:"100" default:"20" doc:"how many, the newest ones"`
	Kind   string `query:"hobby_type" maxLength:"64" pattern:"^([A-Za-z][A-Za-z0-9_]*)?$" doc:"only this kind, in any letter case"`
	Status string `query:"status" enum:"running,completed,failed,interrupted" doc:"only in this state"`
	Cursor string `query:"cursor" maxLength:"256" doc:"continue at the X-Next-Cursor of an answer"`
}

// activitiesOutput is a JSON array, as the original answers; the cursor
// travels in a header.
type activitiesOutput struct {
	Next string `header:"X-Next-Cursor" doc:"give it as cursor for the activities before these; absent at the end"`
	Body []Activity
}

func (s *server) activities() {
	const tag = "Activities"
	huma.Register(s.api, operation(http.MethodGet, "/activities", "listActivities", "The newest activities, newest last", tag), s.listActivities)
	huma.Register(s.api, operation(http.MethodGet, "/activities/{activity_id}", "getActivity", "One activity with its verified items", tag, http.StatusNotFound), s.getActivity)
	huma.Register(s.api, operation(http.MethodGet, "/insights", "listInsights", "The newest insights with their evidence", tag), s.listInsights)
}

func (s *server) listActivities(ctx context.Context, in *activitiesInput) (*activitiesOutput, error) {
	kind, err := parseKind("query.hobby_type", in.Kind)
	if err != nil {
		return nil, err
	}
	l, err := s.list(ctx, hobby.Filter{Kind: kind, Status: hobby.Status(in.Status), Cursor: in.Cursor, Limit: in.Count})
	if err != nil {
		return nil, s.fail(err)
	}
	return &activitiesOutput{Next: l.next, Body: l.newestLast()}, nil
}

// parseKind reads an optional kind of a request.
func parseKind(location, s string) (hobby.Kind, error) {
	if s == "" {
		return "", nil
	}
	k, err := hobby.ParseKind(s)
	if err != nil {
		return "", huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{Location: location, Message: err.Error(), Value: clip(s)})
	}
	return k, nil
}

// listing is a page of activities with their insights' texts.
type listing struct {
	activities []Activity // newest first
	next       string
}

func (l *listing) newestLast() []Activity {
	slices.Reverse(l.activities)
	return l.activities
}

func (s *server) list(ctx context.Context, f hobby.Filter) (*listing, error) {
	store := s.parts.Hobby.Store()
	page, err := store.List(ctx, f)
	if err != nil {
		return nil, err
	}
	l := &listing{activities: []Activity{}, next: page.Next}
	now := time.Now()
	for i := range page.Activities {
		a := &page.Activities[i]
		var found hobby.InsightPage
		if a.Insights > 0 {
			if found, err = store.Insights(ctx, hobby.InsightFilter{Activity: a.ID}); err != nil {
				return nil, err
			}
			slices.Reverse(found.Insights)
		}
		l.activities = append(l.activities, activity(a, found.Insights, now))
	}
	return l, nil
}

func (s *server) getActivity(ctx context.Context, in *struct {
	ID string `path:"activity_id"`
}) (*body[ActivityDetail], error) {
	sess, err := s.parts.Hobby.Store().Activity(ctx, in.ID)
	if err != nil {
		return nil, s.fail(err)
	}
	d := ActivityDetail{Activity: activity(&sess.Activity, sess.Insights, time.Now()), VerifiedItems: []Item{}, Insights: []Insight{}}
	for i := range sess.Items {
		d.VerifiedItems = append(d.VerifiedItems, item(&sess.Items[i]))
	}
	for i := range sess.Insights {
		d.Insights = append(d.Insights, insight(&sess.Insights[i]))
	}
	return &body[ActivityDetail]{d}, nil
}

func (s *server) listInsights(ctx context.Context, in *struct {
	Count  int    `query:"count" minimum:"1" maximum:"500" default:"50" doc:"how many, the newest ones"`
	Kind   string `query:"hobby_type" maxLength:"64" pattern:"^([A-Za-z][A-Za-z0-9_]*)?$" doc:"only of this kind, in any letter case"`
	Cursor string `query:"cursor" maxLength:"256" doc:"continue at the next_cursor of an answer"`
}) (*body[Insights], error) {
	kind, err := parseKind("query.hobby_type", in.Kind)
	if err != nil {
		return nil, err
	}
	page, err := s.parts.Hobby.Store().Insights(ctx, hobby.InsightFilter{Kind: kind, Limit: in.Count, Cursor: in.Cursor})
	if err != nil {
		return nil, s.fail(err)
	}
	d := Insights{Insights: []Insight{}, NextCursor: optional(page.Next)}
	for i := range page.Insights {
		d.Insights = append(d.Insights, insight(&page.Insights[i]))
	}
	return &body[Insights]{d}, nil
}

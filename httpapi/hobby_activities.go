package httpapi

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

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
	Insights []Insight `json:"insights" nullable:"false" doc:"newest first"`
	Next
}

// Digest is the answer of GET /hobby/insights/digest.
type Digest struct {
	Causes []Cause `json:"causes" nullable:"false" doc:"what is worth reading first"`
}

// Cause is what several insights have in common: a place, a pair of files, or one thing said of
// several in a folder.
type Cause struct {
	Insight
	More  []Insight `json:"more" nullable:"false" doc:"the others with this cause, ten at most"`
	Count int       `json:"count" doc:"all of them, with the first"`
}

func (h practising) digest(ctx context.Context, in *struct {
	KindQuery
	Count int `query:"count" minimum:"1" maximum:"1000" default:"1000" doc:"of how many, the newest ones"`
}) (*Body[Digest], error) {
	kind, err := h.listed(in.KindQuery)
	if err != nil {
		return nil, err
	}
	causes, err := h.m.Digest(ctx, kind, in.Count)
	if err != nil {
		return nil, err
	}
	return &Body[Digest]{Digest{each(causes, func(c *hobby.Cause) Cause {
		return Cause{insight(&c.Insight), each(c.More[:min(10, len(c.More))], insight), 1 + len(c.More)}
	})}}, nil
}

// ActivityEvent is the data of the activity.* events.
type ActivityEvent struct {
	Activity ActivityNow `json:"activity"`
	Insights []Insight   `json:"insights" nullable:"false" doc:"those that this event adds"`
}

// ActivityNow is an activity as an event tells of it.
type ActivityNow struct {
	Activity
	Goal       string  `json:"goal,omitempty" doc:"in the activity's first event"`
	Approach   string  `json:"approach,omitempty" doc:"in the activity's first event"`
	Policy     string  `json:"policy,omitempty" doc:"in the activity's first event"`
	Propensity float64 `json:"propensity,omitempty" doc:"in the activity's first event"`
}

func activityEvent(e *hobby.Event, body *hobby.ActivityEvent) ActivityEvent {
	body.Complete(e)
	a := activity(&body.Activity, body.Insights, e.Clock.Time())
	return ActivityEvent{ActivityNow{a, a.Goal, a.Approach, a.Policy, a.Propensity}, each(body.Insights, insight)}
}

// KindQuery narrows a listing to a kind.
type KindQuery struct {
	Kind string `query:"hobby_type" maxLength:"64" pattern:"^([A-Za-z][A-Za-z0-9_]*)?$" doc:"only of this kind, in any letter case"`
}

// activitiesInput selects activities.
type activitiesInput struct {
	KindQuery
	Count  int    `query:"count" minimum:"1" maximum:"100" default:"20" doc:"how many, the newest ones"`
	Status string `query:"status" enum:"running,completed,failed,interrupted" doc:"only in this state"`
	Family string `query:"family" maxLength:"256" doc:"only of this family"`
	Level  int    `query:"level" minimum:"1" maximum:"1000" doc:"only of this level"`
	Result string `query:"result" enum:"all_right,some_wrong,none_right,no_answers" doc:"only with these answers"`
	Query  string `query:"q" maxLength:"256" doc:"only where its description, goal, topic, model or error has this text"`
	Cursor string `query:"cursor" maxLength:"256" doc:"continue at the X-Next-Cursor of an answer"`
}

// wanted tells of an activity whether it is selected; nil selects all.
func (in *activitiesInput) wanted() func(*hobby.Activity) bool {
	q := strings.ToLower(in.Query)
	if in.Family == "" && in.Level == 0 && in.Result == "" && q == "" {
		return nil
	}
	return func(a *hobby.Activity) bool {
		result := "some_wrong"
		switch a.Passes {
		case a.Items:
			result = "all_right"
		case 0:
			result = "none_right"
		}
		if a.Items == 0 {
			result = "no_answers"
		}
		return (in.Family == "" || a.Plan.Family == in.Family) && (in.Level == 0 || a.Plan.Level == in.Level) &&
			(in.Result == "" || in.Result == result) && has(q, a.Description, a.Goal, a.Plan.Topic, a.Plan.Family, a.Model, a.Err)
	}
}

// activitiesOutput is a JSON array, as the original answers; the cursor
// travels in a header.
type activitiesOutput struct {
	Next string `header:"X-Next-Cursor" doc:"give it as cursor for the activities before these; absent at the end"`
	Body []Activity
}

func (h practising) activities(ctx context.Context, in *activitiesInput) (*activitiesOutput, error) {
	kind, err := h.listed(in.KindQuery)
	if err != nil {
		return nil, err
	}
	all, next, err := h.list(ctx, hobby.Filter{Kind: kind, Status: hobby.Status(in.Status), Cursor: in.Cursor, Limit: in.Count}, in.wanted())
	if err != nil {
		return nil, err
	}
	return &activitiesOutput{Next: next, Body: all}, nil
}

// parseKind reads an optional kind of a request.
func parseKind(location, s string) (hobby.Kind, error) {
	if s == "" {
		return "", nil
	}
	k, err := hobby.ParseKind(s)
	if err != nil {
		return "", Invalid(location, "must be a letter, then letters, digits or underscores, 64 in all at most", clip(s))
	}
	return k, nil
}

// listed is the kind of a listing, or "" for all. A kind that this program does not
// practise is refused, because an empty listing would hide a typing mistake.
func (h practising) listed(q KindQuery) (hobby.Kind, error) {
	kind, err := parseKind("query.hobby_type", q.Kind)
	if err != nil {
		return "", err
	}
	if kinds := h.kinds(); kind != "" && !slices.Contains(kinds, kind.Upper()) {
		return "", unknownKind("query.hobby_type", kind, kinds)
	}
	return kind, nil
}

// unknownKind is the answer to a kind that this program does not practise; have
// are those that it does.
func unknownKind(location string, k hobby.Kind, have []string) error {
	why := "no hobby is of this kind"
	if slices.ContainsFunc(hobby.Kinds(), func(i hobby.KindInfo) bool { return i.Kind == k }) {
		why = "this kind is known, but this program does not practise it"
	}
	return Invalid(location, why+"; it has "+strings.Join(have, ", "), clip(k.Upper()))
}

// list reads activities with their insights' texts, newest last, and the cursor
// of those before them.
func (h practising) list(ctx context.Context, f hobby.Filter, wanted func(*hobby.Activity) bool) ([]Activity, string, error) {
	store := h.m.Store()
	found, next, err := search(f.Limit, f.Cursor, wanted, func(limit int, cursor string) ([]hobby.Activity, string, error) {
		f.Limit, f.Cursor = limit, cursor
		page, err := store.List(ctx, f)
		return page.Activities, page.Next, err
	})
	if err != nil {
		return nil, "", err
	}
	all := []Activity{}
	now := time.Now()
	for i := range found {
		a := &found[i]
		var told hobby.InsightPage
		if a.Insights > 0 {
			if told, err = store.Insights(ctx, hobby.InsightFilter{Activity: a.ID}); err != nil {
				return nil, "", err
			}
			slices.Reverse(told.Insights)
		}
		all = append(all, activity(a, told.Insights, now))
	}
	slices.Reverse(all)
	return all, next, nil
}

func (h practising) activity(ctx context.Context, in *struct {
	ID string `path:"activity_id" maxLength:"256"`
}) (*Body[ActivityDetail], error) {
	sess, err := h.m.Past().Session(ctx, in.ID)
	switch {
	case errors.Is(err, hobby.ErrNotFound):
		return nil, Unknown("activity", in.ID)
	case err != nil:
		return nil, err
	}
	return &Body[ActivityDetail]{ActivityDetail{
		Activity:      activity(&sess.Activity, sess.Insights, time.Now()),
		VerifiedItems: each(sess.Items, item), Insights: each(sess.Insights, insight),
	}}, nil
}

func (h practising) insights(ctx context.Context, in *struct {
	KindQuery
	Count int    `query:"count" minimum:"1" maximum:"500" default:"50" doc:"how many, the newest ones"`
	Order string `query:"order" enum:"newest,best" default:"newest" doc:"of these; best is by how people are expected to rate them"`
	Paging
}) (*Body[Insights], error) {
	kind, err := h.listed(in.KindQuery)
	if err != nil {
		return nil, err
	}
	page, err := h.m.Store().Insights(ctx, hobby.InsightFilter{Kind: kind, Limit: in.Count, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	if in.Order == "best" {
		if err := h.m.BestFirst(ctx, page.Insights); err != nil {
			return nil, err
		}
	}
	return &Body[Insights]{Insights{each(page.Insights, insight), next(page.Next)}}, nil
}

package subagent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// errRefused says that nothing of a result can be accepted.
var errRefused = errors.New("subagent: the result was refused")

const (
	maxErr     = 1000      // bytes of an error that is stored
	maxInsight = 4 << 10   // bytes of an insight's text
	maxName    = 256       // bytes of a model's name or key
	maxLatency = time.Hour // of one answer
	maxTokens  = 10_000_000
	maxCost    = 10_000_000 // millionths of a US dollar
	maxReasons = 8
)

// integrate makes the activity that is stored, of the accepted answers and
// insights of a result. A trusted result was made by this process's own
// executors. errRefused says that nothing of the result can be accepted.
func (c *Coordinator) integrate(ctx context.Context, a *Assignment, r *Result, trusted bool) (*hobby.Session, *Outcome, error) {
	if err := size(r); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	in := &intake{
		c: c, a: a, r: r, now: time.Now().UTC(), trusted: trusted,
		out: &Outcome{Executor: a.Executor, Model: c.text(r.Model, maxName), ModelKey: c.text(r.ModelKey, maxName)},
		ids: map[string]string{},
	}
	if err := in.items(); err != nil {
		return nil, nil, err
	}
	if len(in.sess.Items) == 0 && len(r.Items) > 0 {
		return nil, nil, fmt.Errorf("%w: %s", errRefused, strings.Join(in.out.Reasons, "; "))
	}
	if err := in.insights(ctx); err != nil {
		return nil, nil, err
	}
	if h := c.hobby(a.Plan.Kind); h != nil {
		var err error
		if in.out.Gain, err = c.meter.Gain(ctx, h, in.sess.Items); err != nil {
			return nil, nil, err
		}
	}
	in.activity()
	if err := in.sess.Validate(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	return &in.sess, in.out, nil
}

// size refuses what is beyond the bounds of a result.
func size(r *Result) error {
	if len(r.Items) > MaxItems || len(r.Insights) > MaxInsights {
		return fmt.Errorf("%d items and %d insights, at most %d and %d are taken", len(r.Items), len(r.Insights), MaxItems, MaxInsights)
	}
	bytes := len(r.Err) + len(r.Model) + len(r.ModelKey)
	for i := range r.Items {
		it := &r.Items[i]
		bytes += len(it.ID) + len(it.Answer) + len(it.Reference) + len(it.Note) + len(it.Family) + len(it.Source)
		for _, m := range it.Messages {
			bytes += len(m.Content)
		}
	}
	for i := range r.Insights {
		in := &r.Insights[i]
		bytes += len(in.ID) + len(in.Text) + len(in.Topic) + len(in.Source)
		for _, e := range in.Evidence {
			bytes += len(e.Ref)
		}
		for _, c := range in.Claims {
			bytes += len(c.Subject) + len(c.Relation) + len(c.Object)
		}
	}
	if bytes > MaxResult {
		return fmt.Errorf("the result has %d bytes, at most %d are taken", bytes, MaxResult)
	}
	return nil
}

// intake is one result while it is checked.
type intake struct {
	c       *Coordinator
	a       *Assignment
	r       *Result
	now     time.Time
	trusted bool

	sess hobby.Session
	out  *Outcome
	ids  map[string]string // the agent's id of an item to ours
}

// items judges the answers again and accepts those that were asked for.
func (in *intake) items() error {
	if in.trusted {
		for _, i := range in.r.Items {
			in.accept(i)
		}
		return nil
	}
	var v hobby.Verifier
	if h := in.c.hobby(in.a.Plan.Kind); h != nil {
		v, _ = h.Executor.(hobby.Verifier)
	}
	if v == nil {
		if n := len(in.r.Items); n > 0 {
			in.refuse(n, fmt.Sprintf("answers of %s cannot be verified here", in.a.Plan.Kind))
		}
		return nil
	}
	if len(in.r.Items) == 0 && in.r.Err != "" {
		return nil // the agent says why
	}
	tasks, err := v.Tasks(in.a.Plan)
	if err != nil {
		return fmt.Errorf("subagent: listing the tasks of assignment %s: %w", in.a.ID, err)
	}
	if len(tasks) > 0 && len(in.r.Items) == 0 {
		return fmt.Errorf("%w: it has no answer", errRefused)
	}
	asked := map[hobby.TaskID]int{}
	for _, t := range tasks {
		asked[t]++
	}
	for _, i := range in.r.Items {
		t := i.Task()
		switch {
		case i.Split != hobby.Practice:
			in.refuse(1, "an answer to a task that is not for practice")
		case asked[t] == 0:
			in.refuse(1, "an answer that was not asked for")
		case i.ModelKey == "" || i.ModelKey != in.r.ModelKey || len(i.ModelKey) > maxName:
			in.refuse(1, "an answer of another model than the result's")
		default:
			i, err := v.Verify(unclaimed(i))
			if err == nil {
				i, err = in.bound(i)
			}
			if err != nil {
				in.refuse(1, in.c.text(err.Error(), 200))
				continue
			}
			asked[t]--
			in.accept(i)
		}
	}
	return nil
}

// unclaimed is an answer without what its agent says of the text of the task: that is
// for the verifier to say.
func unclaimed(i hobby.Item) hobby.Item {
	if i.Digest == "" { // else the source is a part of the task's name
		i.Source = ""
	}
	i.Taint, i.Acceptance, i.Redacted = hobby.Trusted, nil, false
	return i
}

// bound keeps an agent's claims about an answer within what one answer can take.
func (in *intake) bound(i hobby.Item) (hobby.Item, error) {
	i.Answer = clean(i.Answer)
	i.Latency = min(max(0, i.Latency), maxLatency)
	i.TokensIn, i.TokensOut = min(max(0, i.TokensIn), maxTokens), min(max(0, i.TokensOut), maxTokens)
	i.MicroUSD = min(max(0, i.MicroUSD), maxCost)
	i.Sample = 0 // each task was asked for once
	if i.At.Before(in.a.Assigned) || i.At.After(in.now) {
		i.At = in.now
	}
	i.Adapter, i.Acceptance = in.c.text(i.Adapter, maxName), nil
	return i, i.Validate()
}

func (in *intake) accept(i hobby.Item) {
	if !in.trusted {
		id := newID()
		in.ids[i.ID], i.ID = id, id
	}
	i.Activity, i.At = in.a.ID, i.At.UTC()
	i.ModelKey = in.c.clean(i.ModelKey)
	i.Redact(in.c.opts.Redact)
	if !in.trusted {
		// The verdict is on the answer, and not on all words around it. The taint comes
		// after redaction, which leaves the prompts of generated tasks as they are.
		i.Taint = hobby.Untrusted
	}
	in.sess.Items = append(in.sess.Items, i)
	in.out.Items++
	if i.Passed() {
		in.out.Passes++
	}
}

func (in *intake) refuse(n int, why string) {
	in.out.Refused += n
	if !slices.Contains(in.out.Reasons, why) && len(in.out.Reasons) < maxReasons {
		in.out.Reasons = append(in.out.Reasons, why)
	}
}

// agentIDs is the name space of the ids of other agents' insights.
var agentIDs = uuid.MustParse("3f6a3c0e-58d2-4a53-9d0f-6f0b0c1f7e42")

// insightID is the id under which an agent's insight is stored. Insights to
// which an agent gives the same id are one insight. The id depends on the
// agent, so no agent can take an id of another agent or of this process.
func (in *intake) insightID(id string) string {
	if id == "" {
		return newID()
	}
	return uuid.NewSHA1(agentIDs, []byte(in.a.Agent+"\x00"+id)).String()
}

// insights accepts the insights that are not stored yet. An agent that was
// restarted may send old ones again. Insights of other agents are untrusted,
// and only accepted answers are evidence for them.
func (in *intake) insights(ctx context.Context) error {
	for _, i := range in.r.Insights {
		if !in.trusted {
			i.ID = in.insightID(i.ID)
		}
		stored, err := in.c.ledger.Insights(ctx, hobby.InsightFilter{ID: i.ID, Limit: 1})
		if err != nil {
			return fmt.Errorf("subagent: looking up an insight: %w", err)
		}
		if len(stored.Insights) > 0 {
			continue
		}
		i.Activity, i.Kind = in.a.ID, in.a.Plan.Kind
		var evidence []hobby.Evidence
		for _, e := range i.Evidence {
			id, ours := in.ids[e.Ref]
			switch {
			case e.Kind == hobby.EvidenceItem && ours:
				e.Ref = id
				evidence = append(evidence, e)
			case in.trusted:
				evidence = append(evidence, e)
			}
		}
		i.Evidence = evidence
		if !in.trusted {
			i.Taint, i.Source, i.Acceptance = hobby.Untrusted, "subagent:"+in.a.Agent, nil
		}
		i.Redact(in.c.opts.Redact)
		if !in.trusted {
			i.Text, i.Topic = text(i.Text, maxInsight), text(i.Topic, maxName)
			i.Fit()
		}
		i.Doubt()
		if i.At.Before(in.a.Assigned) || i.At.After(in.now) {
			i.At = in.now
		}
		i.At = i.At.UTC()
		if i.Validate() != nil {
			continue // nothing to show
		}
		in.sess.Insights = append(in.sess.Insights, i)
		in.out.Insights = append(in.out.Insights, i.Text)
	}
	return nil
}

// activity makes the activity that records the result, by this process's clock.
func (in *intake) activity() {
	a := in.a
	act := hobby.Activity{
		ID: a.ID, Agent: in.c.opts.Agent, Plan: a.Plan, Status: hobby.Completed, Started: a.Started.UTC(), Ended: in.now,
		Model: in.out.Model, ModelKey: in.out.ModelKey, Delta: in.out.Gain,
		Description: a.Plan.Kind.Title(),
		Origin:      &hobby.Origin{Agent: a.Agent, Executor: a.Executor, Assignment: a.ID, Attempt: a.Attempt},
	}
	if a.Plan.Family != "" {
		act.Description += ": " + a.Plan.Family
	}
	if h := in.c.hobby(a.Plan.Kind); h != nil {
		act.Goal, act.Approach = h.Goal, h.Approach
	}
	for _, i := range in.sess.Items {
		act.Engaged += i.Latency
		act.Cost = act.Cost.Add(i.Cost())
	}
	if in.trusted {
		act.Cost = in.r.Cost
		for _, i := range in.sess.Items {
			act.Adapter = i.Adapter // one serves them all
		}
	}
	if act.Started.IsZero() || act.Ended.Before(act.Started) {
		act.Started = act.Ended
	}
	act.Engaged = min(act.Engaged, act.Ended.Sub(act.Started))
	in.sess.Activity = act
}

// clean makes a text fit to be stored, and redacts it as the host wishes.
func (c *Coordinator) clean(s string) string { return hobby.Clean(s, c.opts.Redact) }

// text is clean, and at most so many bytes.
func (c *Coordinator) text(s string, most int) string { return text(c.clean(s), most) }

func clean(s string) string { return hobby.Clean(s, nil) }

// text is valid UTF-8 of at most so many bytes.
func text(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most-3], "") + "…"
	}
	return clean(s)
}

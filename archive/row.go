package archive

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/rowjson"
)

// activityRow is an activity as a row of a Parquet file. Times are nanoseconds since
// 1970 UTC, lengths of time nanoseconds; null stands for what is not set. What is nested
// is JSON, as the store has it.
type activityRow struct {
	ID          string  `parquet:"id,delta"`
	Started     int64   `parquet:"started,delta,timestamp(nanosecond)"`
	Ended       int64   `parquet:"ended,optional,delta,timestamp(nanosecond)"`
	Version     int64   `parquet:"version,delta"`
	Agent       string  `parquet:"agent,dict"`
	Node        string  `parquet:"node,dict"`
	Kind        string  `parquet:"kind,dict"`
	Status      string  `parquet:"status,dict"`
	Success     bool    `parquet:"success"` // computed; see hobby.Activity.Success
	Family      string  `parquet:"family,dict"`
	Topic       string  `parquet:"topic"`
	Level       int64   `parquet:"level,delta"`
	Description string  `parquet:"description"`
	Goal        string  `parquet:"goal"`
	Approach    string  `parquet:"approach"`
	Items       int64   `parquet:"items,delta"`
	Passes      int64   `parquet:"passes,delta"`
	Insights    int64   `parquet:"insights,delta"`
	Cut         int64   `parquet:"cut,delta"`
	Engaged     int64   `parquet:"engaged_ns,delta"`
	TokensIn    int64   `parquet:"tokens_in,delta"`
	TokensOut   int64   `parquet:"tokens_out,delta"`
	CPU         int64   `parquet:"cpu_ns,delta"`
	MicroUSD    int64   `parquet:"micro_usd,delta"`
	Model       string  `parquet:"model,dict"`
	ModelKey    string  `parquet:"model_key,dict"`
	Adapter     string  `parquet:"adapter,dict"`
	Change      string  `parquet:"change,optional"`
	Improved    string  `parquet:"improved,optional"`
	Metrics     string  `parquet:"metrics,optional"`
	Origin      string  `parquet:"origin,optional"`
	Err         string  `parquet:"error"`
	Policy      string  `parquet:"policy,dict"`
	Propensity  float64 `parquet:"propensity"`
	Seed        uint64  `parquet:"seed"`
	Budget      string  `parquet:"budget,optional,dict"`
	Candidates  string  `parquet:"candidates,optional"`
	Context     string  `parquet:"context,optional"`
	// Whole is the activity as JSON where the columns cannot hold it: a time that does
	// not fit nanoseconds.
	Whole string `parquet:"whole,optional"`
}

// itemRow is a verified answer as a row of a Parquet file.
type itemRow struct {
	ID         string  `parquet:"id,delta"`
	Activity   string  `parquet:"activity,delta"`
	Started    int64   `parquet:"started,delta,timestamp(nanosecond)"` // the activity's
	Kind       string  `parquet:"kind,dict"`                           // the activity's
	Family     string  `parquet:"family,dict"`
	Level      int64   `parquet:"level,delta"`
	Version    int64   `parquet:"version,delta"`
	Seed       uint64  `parquet:"seed"`
	Split      string  `parquet:"split,dict"`
	Messages   string  `parquet:"messages"`
	Answer     string  `parquet:"answer"`
	Finish     string  `parquet:"finish,dict"`
	Reference  string  `parquet:"reference"`
	Sampling   string  `parquet:"sampling,optional,dict"`
	DrawSeed   uint64  `parquet:"draw_seed"`
	Sample     int64   `parquet:"sample,delta"`
	Score      float64 `parquet:"score"`
	Passed     bool    `parquet:"passed"` // computed
	Verifier   string  `parquet:"verifier,dict"`
	Note       string  `parquet:"note"`
	At         int64   `parquet:"at,delta,timestamp(nanosecond)"`
	Latency    int64   `parquet:"latency_ns,delta"`
	TokensIn   int64   `parquet:"tokens_in,delta"`
	TokensOut  int64   `parquet:"tokens_out,delta"`
	MicroUSD   int64   `parquet:"micro_usd,delta"`
	ModelKey   string  `parquet:"model_key,dict"`
	Model      string  `parquet:"model,dict"`
	Adapter    string  `parquet:"adapter,dict"`
	Taint      string  `parquet:"taint,dict"`
	Acceptance string  `parquet:"acceptance,optional"`
	Source     string  `parquet:"source,dict"`
	Digest     string  `parquet:"digest,dict"`
	Redacted   bool    `parquet:"redacted"`
	Whole      string  `parquet:"whole,optional"`
}

// insightRow is an insight as a row of a Parquet file.
type insightRow struct {
	ID         string  `parquet:"id,delta"`
	Activity   string  `parquet:"activity,delta"`
	Started    int64   `parquet:"started,delta,timestamp(nanosecond)"` // the activity's
	Kind       string  `parquet:"kind,dict"`
	At         int64   `parquet:"at,delta,timestamp(nanosecond)"`
	Text       string  `parquet:"text"`
	Topic      string  `parquet:"topic,dict"`
	Confidence float64 `parquet:"confidence"`
	Evidence   string  `parquet:"evidence,optional"`
	Claims     string  `parquet:"claims,optional"`
	Taint      string  `parquet:"taint,dict"`
	Acceptance string  `parquet:"acceptance,optional"`
	Source     string  `parquet:"source,dict"`
	Whole      string  `parquet:"whole,optional"`
}

// packer makes columns and keeps the first error.
type packer struct {
	err error
	odd bool // a time does not fit its column
}

// nanos is a time as a column has it; 0 is the zero time.
func (p *packer) nanos(t time.Time) int64 {
	n := t.UnixNano()
	switch {
	case t.IsZero():
		return 0
	case n != 0 && time.Unix(0, n).Equal(t):
		return n
	}
	p.odd = true
	return int64(math.Copysign(math.MaxInt64/2, float64(t.Unix()))) // in the order of times
}

// json is a nested value, "" where it is absent.
func (p *packer) json(present bool, v any) string {
	if !present {
		return ""
	}
	raw, err := json.Marshal(v)
	if err != nil && p.err == nil {
		p.err = err
	}
	return string(raw)
}

// numbers is json for numbers by name, in less time: most activities have some.
func (p *packer) numbers(all map[string]float64) string {
	if len(all) == 0 {
		return ""
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	var raw []byte
	for _, name := range names {
		v := all[name]
		if math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsFunc(name, special) {
			return p.json(true, all)
		}
		raw = append(append(append(raw, ',', '"'), name...), '"', ':')
		raw = strconv.AppendFloat(raw, v, 'g', -1, 64)
	}
	raw[0] = '{'
	return string(append(raw, '}'))
}

// special reports what JSON may write in another way than it is.
func special(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }

// whole is v as JSON when its columns cannot hold it.
func (p *packer) whole(v any) string { return p.json(p.odd, v) }

func packActivity(a *hobby.Activity) (activityRow, error) {
	var p packer
	b := &a.Plan
	r := activityRow{
		ID: a.ID, Started: p.nanos(a.Started), Ended: p.nanos(a.Ended), Version: int64(a.Version), Agent: a.Agent, Node: a.Node,
		Kind: string(b.Kind), Status: string(a.Status), Success: a.Success(), Family: b.Family, Topic: b.Topic, Level: int64(b.Level),
		Description: a.Description, Goal: a.Goal, Approach: a.Approach,
		Items: int64(a.Items), Passes: int64(a.Passes), Insights: int64(a.Insights), Cut: int64(a.Cut), Engaged: int64(a.Engaged),
		TokensIn: a.Cost.TokensIn, TokensOut: a.Cost.TokensOut, CPU: int64(a.Cost.CPU), MicroUSD: a.Cost.MicroUSD,
		Model: a.Model, ModelKey: a.ModelKey, Adapter: a.Adapter,
		Change: p.json(a.Delta != nil, a.Delta), Improved: p.json(len(a.Improved) > 0, a.Improved),
		Metrics: p.numbers(a.Metrics), Origin: p.json(a.Origin != nil, a.Origin), Err: a.Err,
		Policy: b.Policy, Propensity: b.Propensity, Seed: b.Seed, Budget: p.json(b.Budget != hobby.Budget{}, b.Budget),
		Candidates: p.json(len(b.Candidates) > 0, b.Candidates), Context: p.json(len(b.Context) > 0, b.Context),
	}
	r.Whole = p.whole(a)
	return r, p.err
}

func packItem(i *hobby.Item, a *hobby.Activity) (itemRow, error) {
	var p packer
	r := itemRow{
		ID: i.ID, Activity: a.ID, Kind: string(a.Plan.Kind), Family: i.Family, Level: int64(i.Level), Version: int64(i.Version),
		Seed: i.Seed, Split: string(i.Split), Messages: p.json(true, i.Messages), Answer: i.Answer, Finish: string(i.Finish),
		Reference: i.Reference, Sampling: p.json(i.Sampling != hobby.Sampling{}, i.Sampling), DrawSeed: i.DrawSeed, Sample: int64(i.Sample),
		Score: i.Score, Passed: i.Passed(), Verifier: i.Verifier, Note: i.Note, At: p.nanos(i.At), Latency: int64(i.Latency),
		TokensIn: int64(i.TokensIn), TokensOut: int64(i.TokensOut), MicroUSD: i.MicroUSD, ModelKey: i.ModelKey, Model: i.Model,
		Adapter: i.Adapter, Taint: string(i.Taint), Acceptance: p.accept(i.Acceptance), Source: i.Source, Digest: i.Digest,
		Redacted: i.Redacted,
	}
	r.Whole = p.whole(i)
	r.Started = p.nanos(a.Started) // the activity's own row has it whole
	return r, p.err
}

func packInsight(i *hobby.Insight, a *hobby.Activity) (insightRow, error) {
	var p packer
	r := insightRow{
		ID: i.ID, Activity: a.ID, Kind: string(i.Kind), At: p.nanos(i.At), Text: i.Text, Topic: i.Topic, Confidence: i.Confidence,
		Evidence: p.json(len(i.Evidence) > 0, i.Evidence), Claims: p.json(len(i.Claims) > 0, i.Claims), Taint: string(i.Taint),
		Acceptance: p.accept(i.Acceptance), Source: i.Source,
	}
	r.Whole = p.whole(i)
	r.Started = p.nanos(a.Started)
	return r, p.err
}

func (p *packer) accept(a *hobby.Acceptance) string { return p.json(a != nil, a) }

// unpacker reads columns and keeps the first error.
type unpacker struct{ err error }

func (u *unpacker) json(raw string, v any) {
	if raw == "" {
		return
	}
	if err := rowjson.Unmarshal([]byte(raw), v); err != nil && u.err == nil {
		u.err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
}

// moment is a time of a column.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func (r *activityRow) unpack() (a hobby.Activity, err error) {
	var u unpacker
	if r.Whole != "" {
		u.json(r.Whole, &a)
		return a, u.err
	}
	a = hobby.Activity{
		ID: r.ID, Version: int(r.Version), Agent: r.Agent, Node: r.Node, Status: hobby.Status(r.Status), Started: moment(r.Started),
		Ended: moment(r.Ended), Description: r.Description, Goal: r.Goal, Approach: r.Approach, Items: int(r.Items), Passes: int(r.Passes),
		Insights: int(r.Insights), Cut: int(r.Cut), Engaged: time.Duration(r.Engaged),
		Cost:  hobby.Cost{TokensIn: r.TokensIn, TokensOut: r.TokensOut, CPU: time.Duration(r.CPU), MicroUSD: r.MicroUSD},
		Model: r.Model, ModelKey: r.ModelKey, Adapter: r.Adapter, Err: r.Err,
		Plan: hobby.Plan{
			Kind: hobby.Kind(r.Kind), Family: r.Family, Topic: r.Topic, Level: int(r.Level), Seed: r.Seed, Policy: r.Policy,
			Propensity: r.Propensity,
		},
	}
	u.json(r.Change, &a.Delta)
	u.json(r.Improved, &a.Improved)
	u.json(r.Metrics, &a.Metrics)
	u.json(r.Origin, &a.Origin)
	u.json(r.Budget, &a.Plan.Budget)
	u.json(r.Candidates, &a.Plan.Candidates)
	u.json(r.Context, &a.Plan.Context)
	return a, u.err
}

func (r *itemRow) unpack() (i hobby.Item, err error) {
	var u unpacker
	if r.Whole != "" {
		u.json(r.Whole, &i)
		return i, u.err
	}
	i = hobby.Item{
		ID: r.ID, Activity: r.Activity, Family: r.Family, Level: int(r.Level), Version: int(r.Version), Seed: r.Seed,
		Split: hobby.Split(r.Split), Answer: r.Answer, Finish: hobby.Finish(r.Finish), Reference: r.Reference, DrawSeed: r.DrawSeed,
		Sample: int(r.Sample), Score: r.Score, Verifier: r.Verifier, Note: r.Note, At: moment(r.At), Latency: time.Duration(r.Latency),
		TokensIn: int(r.TokensIn), TokensOut: int(r.TokensOut), MicroUSD: r.MicroUSD, ModelKey: r.ModelKey, Model: r.Model,
		Adapter: r.Adapter, Taint: hobby.Taint(r.Taint), Source: r.Source, Digest: r.Digest, Redacted: r.Redacted,
	}
	u.json(r.Messages, &i.Messages)
	u.json(r.Sampling, &i.Sampling)
	u.json(r.Acceptance, &i.Acceptance)
	return i, u.err
}

func (r *insightRow) unpack() (i hobby.Insight, err error) {
	var u unpacker
	if r.Whole != "" {
		u.json(r.Whole, &i)
		return i, u.err
	}
	i = hobby.Insight{
		ID: r.ID, Activity: r.Activity, Kind: hobby.Kind(r.Kind), At: moment(r.At), Text: r.Text, Topic: r.Topic, Confidence: r.Confidence,
		Taint: hobby.Taint(r.Taint), Source: r.Source,
	}
	u.json(r.Evidence, &i.Evidence)
	u.json(r.Claims, &i.Claims)
	u.json(r.Acceptance, &i.Acceptance)
	return i, u.err
}

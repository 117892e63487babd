package archive

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/proc"
)

// LifePerDay is how many activities of Life are of a day, and LifeStart is when it begins.
const LifePerDay = 2000

var LifeStart = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Life makes the n-th activity of a long history: a kind of eight, a level, a status, two
// scores and two to four insights of some 80 characters, of which every third has a number.
func Life(n int) hobby.Session {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	start := LifeStart.Add(time.Duration(n) * (24 * time.Hour / LifePerDay)).Add(time.Duration(r.IntN(40_000)) * time.Millisecond)
	kind := hobby.Kinds()[r.IntN(8)].Kind
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	s := hobby.Session{Activity: hobby.Activity{
		ID: uuid7(r, start), Version: 2, Agent: "agent", Node: "node", Status: hobby.Completed, Started: start,
		Ended: start.Add(time.Duration(10_000+r.IntN(590_000)) * time.Millisecond),
		Plan:  hobby.Plan{Kind: kind, Level: 1 + r.IntN(10), Policy: "learnability/1", Propensity: float64(r.IntN(1000)) / 1000},
		Metrics: map[string]float64{
			"engagement": float64(r.IntN(1000)) / 1000, "improvement": float64(r.IntN(2000)-1000) / 10000,
		},
	}}
	if r.IntN(8) == 0 {
		s.Activity.Status = hobby.Failed
	}
	for range 2 + r.IntN(3) {
		text := pick("Answers about", "Questions on", "Longer texts on", "Tests of", "Errors in", "Examples of", "Notes about", "Work on") + " " +
			pick("sorting", "dates", "units", "graphs", "files", "networks", "parsers", "primes", "queries", "matrices", "streams", "clocks",
				"caches", "locks", "maps") + " " +
			pick("get better after", "fail without", "take longer with", "need fewer", "gain from", "hardly change with", "repeat after",
				"depend on", "become shorter with") + " " +
			pick("a second reading", "examples first", "smaller steps", "a written plan", "checks at the end", "names that are known",
				"a table of cases", "pauses between them", "tools that compute") + " " +
			pick("of the same kind", "in the morning", "at a higher level", "where numbers are large", "when they are mixed", "as the log shows",
				"in most sessions", "but not always", "if the model is warm")
		if r.IntN(3) == 0 {
			text += fmt.Sprintf(", in %d of %d", r.IntN(100), 100+r.IntN(900))
		}
		s.Insights = append(s.Insights, hobby.Insight{
			ID: uuid7(r, s.Activity.Ended), Activity: s.Activity.ID, Kind: kind, At: s.Activity.Ended, Text: text,
			Confidence: float64(1+r.IntN(100)) / 100,
		})
	}
	s.Activity.Insights = len(s.Insights)
	return s
}

func uuid7(r *rand.Rand, at time.Time) string {
	var u uuid.UUID
	for i := range u {
		u[i] = byte(r.Uint32())
	}
	for i := range 6 {
		u[i] = byte(at.UnixMilli() >> (40 - 8*i))
	}
	u[6], u[8] = 0x70|u[6]&0xf, 0x80|u[8]&0x3f
	return u.String()
}

// BenchmarkEncode packs sessions and writes them to Parquet files: MB of lines of JSON a
// second of processor time.
func BenchmarkEncode(b *testing.B) {
	var lines int64
	all := make([]hobby.Session, 20_000)
	for n := range all {
		all[n] = Life(n)
		n, err := jsonSize(&all[n])
		if err != nil {
			b.Fatal(err)
		}
		lines += n
	}
	var cpu time.Duration
	var size int64
	for b.Loop() {
		begun := proc.CPUTime()
		n, err := encode(b.TempDir(), all)
		if err != nil {
			b.Fatal(err)
		}
		cpu += proc.CPUTime() - begun
		size = n
	}
	b.ReportMetric(float64(size)/float64(len(all)), "bytes/session")
	b.ReportMetric(float64(b.N)*float64(lines)/1e6/cpu.Seconds(), "MB/cpu-s")
}

func encode(dir string, all []hobby.Session) (size int64, err error) {
	as, err := newTableWriter[activityRow](dir, activities)
	if err != nil {
		return 0, err
	}
	ins, err := newTableWriter[insightRow](dir, insights)
	if err != nil {
		return 0, err
	}
	for n := range all {
		a := &all[n].Activity
		row, err := packActivity(a)
		if err != nil {
			return 0, err
		}
		if _, err := as.add(row); err != nil {
			return 0, err
		}
		for i := range all[n].Insights {
			row, err := packInsight(&all[n].Insights[i], a)
			if err != nil {
				return 0, err
			}
			if _, err := ins.add(row); err != nil {
				return 0, err
			}
		}
	}
	err = errors.Join(as.finish(), ins.finish(), as.remove(), ins.remove())
	return as.size + ins.size, err
}

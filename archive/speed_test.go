package archive_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/proc"
)

var (
	speedDir   = flag.String("speed", "", "measure an archive in this folder, which must be empty; see .ci/peers.d/archive-speed")
	speedOf    = flag.Int("activities", 100_000, "how many activities TestSpeed archives")
	speedQuery = flag.Bool("speed-query", false, "TestSpeedQuery measures the archive that TestSpeed has made")
)

const (
	perDay     = 2000 // activities of a day
	asked      = 5    // the day that is asked for
	speedStart = "2024-01-01T00:00:00Z"
)

// report prints a figure that .ci/peers.d/archive-speed/run compares.
func report(what string, v float64) { fmt.Printf("ours %s %.6g\n", what, v) }

// life makes the n-th activity of a long history: a kind of eight, a level, a status, two
// scores and two to four insights of some 80 characters, of which every third has a number.
func life(n int) hobby.Session {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	begin, err := time.Parse(time.RFC3339, speedStart)
	if err != nil {
		panic(err)
	}
	start := begin.Add(time.Duration(n) * 24 * time.Hour / perDay).Add(time.Duration(r.IntN(40_000)) * time.Millisecond)
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

// TestSpeed archives a long history, and writes it as lines of JSON for a peer.
func TestSpeed(t *testing.T) {
	if *speedDir == "" {
		t.Skip("only with -speed")
	}
	k := open(t, *speedDir, wraps{})
	f, err := os.Create(filepath.Join(*speedDir, "sessions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(w)
	for n := 0; n < *speedOf; {
		var batch []hobby.Session
		for ; n < *speedOf && len(batch) < 5000; n++ {
			batch = append(batch, life(n))
			if err := enc.Encode(batch[len(batch)-1]); err != nil {
				t.Fatal(err)
			}
		}
		must(k.store.Restore(t.Context(), batch, nil))(t)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if p := os.Getenv("ARCHPROF"); p != "" {
		pf, _ := os.Create(p)
		pprof.StartCPUProfile(pf)
		defer pprof.StopCPUProfile()
	}
	begun, cpu := time.Now(), proc.CPUTime()
	got := must(k.RunOnce(t.Context(), archive.Request{Before: time.Now()}))(t)
	if got.Archived != int64(*speedOf) || got.Pruned != got.Archived {
		t.Fatalf("archived %+v", got)
	}
	mb := float64(got.Before) / 1e6
	report("json_mb", mb)
	report("archive_s", time.Since(begun).Seconds())
	report("archive_cpu_s", (proc.CPUTime() - cpu).Seconds())
	report("archive_mb_cpu_s", mb/(proc.CPUTime()-cpu).Seconds())
	report("bytes", float64(got.After))
	report("bytes_each", float64(got.After)/float64(got.Archived))
	cmd := exec.Command(os.Args[0], "-test.run=^TestSpeedQuery$", "-speed-query", "-speed", *speedDir)
	out, err := cmd.CombinedOutput()
	fmt.Print(string(out))
	if err != nil {
		t.Fatal(err)
	}
}

// TestSpeedQuery asks for all activities of one day, in a process of its own.
func TestSpeedQuery(t *testing.T) {
	if !*speedQuery {
		t.Skip("TestSpeed runs it")
	}
	k := open(t, *speedDir, wraps{})
	begin := must(time.Parse(time.RFC3339, speedStart))(t).AddDate(0, 0, asked)
	best := time.Hour
	if p := os.Getenv("ARCHPROF"); p != "" {
		pf, _ := os.Create(p)
		pprof.StartCPUProfile(pf)
		defer pprof.StopCPUProfile()
	}
	for range 50 {
		at := proc.CPUTime()
		all := query(t, k.Archiver, archive.Filter{Since: begin, Until: begin.AddDate(0, 0, 1), Limit: 1000})
		best = min(best, proc.CPUTime()-at)
		if n := len(all); n < perDay-perDay/100 || n > perDay+perDay/100 {
			t.Fatalf("%d activities of the day", n)
		}
	}
	report("query_ms", best.Seconds()*1000)
	status := must(os.ReadFile("/proc/self/status"))(t)
	for line := range strings.Lines(string(status)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			report("query_peak_mb", float64(kb)/1000)
		}
	}
}

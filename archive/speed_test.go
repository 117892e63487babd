package archive_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/proc"
)

var (
	speedDir   = flag.String("speed", "", "measure an archive in this folder, which must be empty; see .ci/peers.d/archive-speed")
	speedOf    = flag.Int("activities", 100_000, "how many activities TestSpeed archives")
	speedQuery = flag.Bool("speed-query", false, "TestSpeedQuery measures the archive that TestSpeed has made")
)

// asShipped looks for what cancels a job as often as an archiver does by default.
var asShipped = wraps{poll: 2 * time.Second}

// asked is the day that is asked for.
const asked = 5

// report prints a figure that .ci/peers.d/archive-speed/run compares.
func report(what string, v float64) { fmt.Printf("ours %s %.6g\n", what, v) }

// TestSpeed archives a long history, and writes it as lines of JSON for a peer.
func TestSpeed(t *testing.T) {
	if *speedDir == "" {
		t.Skip("only with -speed")
	}
	k := open(t, *speedDir, asShipped)
	f, err := os.Create(filepath.Join(*speedDir, "sessions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(w)
	for n := 0; n < *speedOf; {
		var batch []hobby.Session
		for ; n < *speedOf && len(batch) < 5000; n++ {
			batch = append(batch, archive.Life(n))
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

// TestSpeedDaily archives a month's days one after the other, each when it is over, as the schedule does.
func TestSpeedDaily(t *testing.T) {
	if *speedDir == "" {
		t.Skip("only with -speed")
	}
	k := open(t, t.TempDir(), asShipped)
	var size int64
	var cpu time.Duration
	days := min(31, *speedOf/archive.LifePerDay)
	for day := range days {
		var all []hobby.Session
		for n := range archive.LifePerDay {
			all = append(all, archive.Life(day*archive.LifePerDay+n))
		}
		must(k.store.Restore(t.Context(), all, nil))(t)
		begun := proc.CPUTime()
		got := must(k.RunOnce(t.Context(), archive.Request{Before: archive.LifeStart.AddDate(0, 0, day+2)}))(t)
		cpu += proc.CPUTime() - begun
		if got.Pruned != archive.LifePerDay {
			t.Fatalf("on day %d: %+v", day, got)
		}
		size += got.Before
	}
	if days > 0 {
		report("daily_json_mb", float64(size)/1e6)
		report("daily_cpu_s", cpu.Seconds())
	}
}

// TestSpeedQuery asks for all activities of one day, in a process of its own.
func TestSpeedQuery(t *testing.T) {
	if !*speedQuery {
		t.Skip("TestSpeed runs it")
	}
	k := open(t, *speedDir, wraps{})
	begin := archive.LifeStart.AddDate(0, 0, asked)
	var took []time.Duration
	for range 21 {
		at := proc.CPUTime()
		all := query(t, k.Archiver, archive.Filter{Since: begin, Until: begin.AddDate(0, 0, 1), Limit: 1000})
		took = append(took, proc.CPUTime()-at)
		if len(all) < archive.LifePerDay*99/100 || len(all) > archive.LifePerDay*101/100 {
			t.Fatalf("%d activities of the day", len(all))
		}
	}
	report("query_rows", float64(len(query(t, k.Archiver, archive.Filter{Since: begin, Until: begin.AddDate(0, 0, 1), Limit: 1000}))))
	report("query_first_cpu_s", took[0].Seconds())
	slices.Sort(took)
	report("query_cpu_s", took[len(took)/2].Seconds())
	status := must(os.ReadFile("/proc/self/status"))(t)
	for line := range strings.Lines(string(status)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			report("query_peak_mb", float64(kb)/1000)
		}
	}
}

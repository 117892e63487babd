package patterns

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var logs = flag.Int("logs", 4, "how many logs are simulated of each sort")

// monday is a Monday.
var monday = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// noise makes a log without regularities: 11 tools and 11 topics by chance, 5 % of
// failures, log-normal durations. In bursts, each day has its work at an hour of its own.
func noise(r *rand.Rand, n, days int, bursts bool) []Entry {
	es := make([]Entry, n)
	begins := make([]int, days)
	for i := range begins {
		begins[i] = r.IntN(24)
	}
	for i := range es {
		ok := r.Float64() >= 0.05
		day := i * days / n
		hour := r.Float64() * 24
		if bursts {
			hour = math.Mod(float64(begins[day])+3*r.Float64(), 24)
		}
		es[i] = Entry{
			At: monday.AddDate(0, 0, day).Add(time.Duration(hour * float64(time.Hour))), Event: "call",
			Tool: fmt.Sprintf("tool%d", r.IntN(11)), Topic: fmt.Sprintf("topic%d", r.IntN(11)), OK: &ok,
			Duration: time.Duration(math.Exp(0.6*r.NormFloat64()) * float64(time.Second)),
		}
	}
	return newest(es, n)
}

// TestNothingUnderNoise finds nothing in logs without regularities, but in 5 % of them.
func TestNothingUnderNoise(t *testing.T) {
	for name, c := range map[string]struct {
		n, days int
		bursts  bool
	}{"an hour": {300, 1, false}, "six weeks": {1000, 44, false}, "bursts": {1000, 44, true}} {
		said, tests := 0, 0
		var what []string
		for i := range *logs {
			told, tested := found(noise(rand.New(rand.NewPCG(uint64(i), 3)), c.n, c.days, c.bursts))
			if tests += tested; len(told) > 0 {
				said++
				what = append(what, told[0].key)
			}
		}
		t.Logf("%s: something in %d of %d logs, %d tests each: %v", name, said, *logs, tests / *logs, what)
		// More than this has a chance of 1e-3 at a rate of 5 %.
		if most := 0.05*float64(*logs) + 3.1*math.Sqrt(0.05*0.95*float64(*logs)); float64(said) > most {
			t.Errorf("%s: something is found in %d of %d logs of noise", name, said, *logs)
		}
	}
}

// TestPlantedEffects finds what was planted among ten others, and in most logs.
func TestPlantedEffects(t *testing.T) {
	planted := func(n, of int) func(r *rand.Rand) []Entry { // n entries of tool0 and topic0 among of
		return func(r *rand.Rand) []Entry {
			es := noise(r, of, 20, false)
			for i, at := range r.Perm(of) {
				other := 1 + r.IntN(10)
				if i < n {
					other = 0
				}
				es[at].Tool, es[at].Topic = fmt.Sprintf("tool%d", other), fmt.Sprintf("topic%d", other)
			}
			return es
		}
	}
	failing := func(base func(*rand.Rand) []Entry) func(*rand.Rand) []Entry {
		return func(r *rand.Rand) []Entry {
			es := base(r)
			for i := range es {
				if es[i].Tool == "tool0" {
					ok := r.Float64() >= 0.2
					es[i].OK = &ok
				}
				es[i].Topic = fmt.Sprintf("topic%d", r.IntN(11))
			}
			return es
		}
	}
	slow := func(base func(*rand.Rand) []Entry) func(*rand.Rand) []Entry {
		return func(r *rand.Rand) []Entry {
			es := base(r)
			for i := range es {
				if es[i].Topic == "topic0" {
					es[i].Duration = time.Duration(1.5 * float64(es[i].Duration))
				}
				es[i].Tool = fmt.Sprintf("tool%d", r.IntN(11))
			}
			return es
		}
	}
	for _, c := range []struct {
		name, key string
		power     float64
		log       func(*rand.Rand) []Entry
	}{
		{"a tool that fails in 20 % of 400 calls, among ten with 400 calls each that fail in 5 %", "failing tool call tool0", 0.8,
			failing(planted(400, 4400))},
		{"the same, where the ten have 400 calls together", "failing tool call tool0", 0.8, failing(planted(400, 800))},
		{"a topic that takes 1.5 times as long, 200 entries among ten with 200 each", "slow topic call topic0", 0.8, slow(planted(200, 2200))},
		{"the same, where the ten have 200 together", "slow topic call topic0", 0.8, slow(planted(200, 400))},
		{"a tool that follows on another at 3 times its chance, 1,000 entries", "sequence call tool0 > tool1", 0.8, func(r *rand.Rand) []Entry {
			es := noise(r, 1000, 1, false)
			for i := 1; i < len(es); i++ {
				es[i].Tool = fmt.Sprintf("tool%d", r.IntN(11))
				if es[i-1].Tool == "tool0" {
					// 3 in 11 for tool1, the rest evenly for the others.
					if es[i].Tool = "tool1"; r.Float64() >= 3.0/11 {
						es[i].Tool = fmt.Sprintf("tool%d", (2+r.IntN(10))%11)
					}
				}
			}
			return es
		}},
		{"half of the work from nine to twelve on 43 days", "hours call", 0.8, func(r *rand.Rand) []Entry {
			es := noise(r, 1000, 44, false)
			for i := range es {
				if r.IntN(2) == 0 {
					es[i].At = es[i].At.Truncate(24 * time.Hour).Add(time.Duration((9 + 3*r.Float64()) * float64(time.Hour)))
				}
			}
			return newest(es, len(es))
		}},
		{"failures that rise from 5 % to 30 % in 44 days", "drift failures call  rise", 0.8, func(r *rand.Rand) []Entry {
			es := noise(r, 1000, 44, false)
			for i := range es {
				ok := r.Float64() >= 0.05+0.25*float64(i)/1000
				es[i].OK = &ok
			}
			return es
		}},
	} {
		if *logs < 10 && strings.Contains(c.name, "each") {
			continue // a long log
		}
		hits, others := 0, map[string]int{}
		for i := range *logs {
			told, _ := found(c.log(rand.New(rand.NewPCG(uint64(i), 4))))
			for _, p := range told {
				if p.key == c.key {
					hits++
				} else {
					others[p.key]++
				}
			}
		}
		t.Logf("%s: found in %d of %d logs, and %v", c.name, hits, *logs, others)
		if power := float64(hits) / float64(*logs); power < c.power-3*math.Sqrt(c.power*(1-c.power)/float64(*logs)) {
			t.Errorf("%s: found in %.2f of %d logs, want %.2f", c.name, power, *logs, c.power)
		}
	}
}

// TestWhatIsSaid has the sentences of planted effects.
func TestWhatIsSaid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	es := noise(r, 600, 1, false)
	for i := range es {
		if es[i].Tool == "tool3" {
			no := i%2 == 0
			es[i].OK = &no
			es[i].Duration *= 3
		}
	}
	told, _ := found(es)
	all := ""
	for _, p := range told {
		all += p.text + "\n"
	}
	for _, want := range []string{`the tool "tool3" fails in `, ` in "call" entries (`, `the tool "tool3" takes `} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q:\n%s", want, all)
		}
	}
}

// TestATopicThatIsAToolIsTestedOnce has a tool of one topic that fails and is slow.
func TestATopicThatIsAToolIsTestedOnce(t *testing.T) {
	var es []Entry
	for i := range 200 {
		bad := i%2 == 0
		ok := !bad || i%4 > 0
		e := Entry{At: time.Unix(int64(i)*60, 0).UTC(), Event: "call", Tool: "search", Topic: "prices", OK: &ok, Duration: time.Second}
		if !bad {
			e.Tool, e.Topic, e.Duration = "calculator", []string{"sums", "roots"}[i/2%2], time.Millisecond
		}
		es = append(es, e)
	}
	var got []string
	told, _ := found(es)
	for _, p := range told {
		got = append(got, p.key)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"failing tool call search", "slow tool call search"}, got); diff != "" {
		t.Error(diff)
	}
}

package hobby_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
)

// host is a simulated host that practises one kind with a model that is known by its
// name. Sessions are chosen by a policy, from what it sees.
type host struct {
	r      *rand.Rand
	hobby  *hobby.Hobby
	record *hobby.AnswerLog
	skill  [][]float64 // by family and level, in logits, on day 0
	daily  float64     // what every skill gains a day
	counts map[answersAt]*answersOf

	// What the sessions said: how many differ from earlier answers, how many say
	// better at something, and on how many days one did.
	sessions, different, better, betterDays, worse int
}

// answersAt are the answers of a day at a level, and answersOf what came of them.
type answersAt struct{ day, family, level int }

type answersOf struct{ tries, chances float64 } // chances is the sum of the true chances to pass

func newHost(r *rand.Rand, skill [][]float64, daily float64) *host {
	one := &hobby.Hobby{Kind: "sim", NeedsModel: true}
	for f, levels := range skill {
		one.Families = append(one.Families, hobby.Family{Name: fmt.Sprint("family ", f), Levels: len(levels)})
	}
	return &host{r: r, hobby: one, record: hobby.NewAnswerLog(one, "weak-host"), skill: skill, daily: daily,
		counts: map[answersAt]*answersOf{}}
}

// live has a policy choose for some days.
func (h *host) live(t *testing.T, policy hobby.Policy, knobs hobby.Knobs, days, daily int) {
	for day := range days {
		better := h.better
		for n := range daily {
			k := h.record.Seen(day)
			s := hobby.KindState{Kind: "sim", Estimate: k.Estimate, Sessions: int64(h.sessions), Time: time.Duration(h.sessions) * time.Minute}
			for i, f := range k.Families {
				s.Families = append(s.Families, hobby.FamilyState{Family: h.hobby.Families[i], Estimate: f.Estimate, Levels: f.Levels,
					Level: f.Level, Open: f.Open})
			}
			now := time.Unix(int64(day)*86400+int64(n)*600, 0)
			plan, err := policy.Choose(t.Context(), hobby.State{Now: now, Kinds: []hobby.KindState{s}, Knobs: knobs, Rand: h.r})
			if err != nil {
				t.Error(err)
				return
			}
			h.practise(day, &plan)
		}
		if h.better > better {
			h.betterDays++
		}
	}
}

// practise is one session.
func (h *host) practise(day int, p *hobby.Plan) {
	f := slices.IndexFunc(h.hobby.Families, func(f hobby.Family) bool { return f.Name == p.Family })
	at := answersAt{day, f, p.Level - 1}
	if h.counts[at] == nil {
		h.counts[at] = &answersOf{}
	}
	chance := logistic(h.skill[f][at.level] + h.daily*float64(day))
	t := hobby.Tally{
		Kind: "sim", Family: p.Family, ModelKey: "weak-host", Level: p.Level, Split: hobby.Practice, Day: day, Tries: int64(p.Budget.Items),
	}
	for range t.Tries {
		if h.r.Float64() < chance {
			t.Passes++
		}
	}
	h.counts[at].tries += float64(t.Tries)
	h.counts[at].chances += chance * float64(t.Tries)
	change, risen := h.record.Add(t)
	h.sessions++
	if change != nil && change.Shown() {
		h.different++
		if change.Mean < 0 && change.Certain() {
			h.worse++
		}
	}
	if len(risen) > 0 {
		h.better++
	}
}

// gained is by how much the true chances of the second half's answers are above
// those of the first half's at the same levels.
func (h *host) gained() float64 {
	order := slices.SortedFunc(maps.Keys(h.counts), func(a, b answersAt) int { return cmp.Compare(a.day, b.day) })
	perDay, total := map[int]float64{}, 0.0
	for _, at := range order {
		perDay[at.day] += h.counts[at].tries
		total += h.counts[at].tries
	}
	first, cut := 0.0, 0
	for cut = range order[len(order)-1].day + 1 {
		if first += perDay[cut]; 2*first >= total {
			break
		}
	}
	type sum struct{ n, chances [2]float64 }
	levels := map[[2]int]*sum{}
	for _, at := range order {
		id, side := [2]int{at.family, at.level}, 0
		if levels[id] == nil {
			levels[id] = &sum{}
		}
		if at.day > cut {
			side = 1
		}
		levels[id].n[side] += h.counts[at].tries
		levels[id].chances[side] += h.counts[at].chances
	}
	change, tries := 0.0, 0.0
	for _, l := range levels {
		if l.n[0] > 0 && l.n[1] > 0 {
			change += l.chances[1] - l.n[1]*l.chances[0]/l.n[0]
			tries += l.n[1]
		}
	}
	return change / tries
}

// skills draws learners: as the prior of proficiency has them, at any chance, and
// with all tasks hard.
var skills = map[string]func(r *rand.Rand) [][]float64{
	"as the prior": func(r *rand.Rand) [][]float64 {
		ability := 1.5 * r.NormFloat64()
		return drawSkills(func(l int, before float64) float64 {
			if l == 0 {
				return ability + 1.5*r.NormFloat64()
			}
			return before - 0.8 + 0.8*r.NormFloat64()
		})
	},
	"any chance": func(r *rand.Rand) [][]float64 {
		return drawSkills(func(int, float64) float64 { p := r.Float64(); return math.Log(p / (1 - p)) })
	},
	"hard": func(*rand.Rand) [][]float64 {
		return drawSkills(func(l int, _ float64) float64 { return -2 - 0.3*float64(l) })
	},
}

func drawSkills(next func(level int, before float64) float64) [][]float64 {
	all := make([][]float64, 2)
	for f := range all {
		before := 0.0
		for l := range 3 {
			before = next(l, before)
			all[f] = append(all[f], before)
		}
	}
	return all
}

// shipped are the policies that come with the package, at their usual knobs and with
// everything left to chance.
var shipped = map[string]struct {
	policy func() hobby.Policy
	knobs  hobby.Knobs
}{
	"learnability":  {func() hobby.Policy { return hobby.NewLearnability(nil) }, hobby.Knobs{FocusOnWeaknesses: true, Intensity: 0.5}},
	"weakest-first": {func() hobby.Policy { return hobby.WeakestFirst{} }, hobby.Knobs{FocusOnWeaknesses: true, Variety: 0.3, Intensity: 0.5}},
	"even":          {func() hobby.Policy { return hobby.WeakestFirst{} }, hobby.Knobs{Variety: 1, Intensity: 0.5}},
}

// inParallel runs fn for 0 to n-1.
func inParallel(n int, fn func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				fn(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// TestTheGainIsUnbiased has hosts of which nothing changes, and some that gain. The
// policies choose by what they see. Where nothing changes, the mean of the gains is
// zero to within two standard errors (three where few hosts are drawn). It also counts
// the sessions that falsely say better or worse.
func TestTheGainIsUnbiased(t *testing.T) {
	if race.Enabled {
		t.Skip("hosts share nothing")
	}
	hosts, errors := 12, 3.0
	if *full {
		hosts, errors = *simulated, 2
	}
	for _, c := range []struct {
		world, policy string
		daily         float64
	}{
		{"as the prior", "learnability", 0}, {"as the prior", "weakest-first", 0}, {"as the prior", "even", 0},
		{"as the prior", "learnability", 0.2},
		{"any chance", "learnability", 0}, {"hard", "learnability", 0}, {"hard", "weakest-first", 0},
	} {
		t.Run(fmt.Sprintf("%s, %s, %v a day", c.world, c.policy, c.daily), func(t *testing.T) {
			if !*full && c.world != "as the prior" {
				t.Skip("in full only")
			}
			all := make([]*host, hosts)
			inParallel(hosts, func(i int) {
				r := rand.New(rand.NewPCG(uint64(i), 77))
				all[i] = newHost(r, skills[c.world](r), c.daily)
				all[i].live(t, shipped[c.policy].policy(), shipped[c.policy].knobs, 12, 4)
			})
			o := outcomeOf(all)
			t.Logf("%+v", o)
			if o.Hosts < 0.7*float64(hosts) {
				t.Errorf("%v of %d hosts have a gain", o.Hosts, hosts)
			}
			if slack := 3 * math.Sqrt(0.05*0.95/o.Hosts); o.Held < 0.93-slack {
				t.Errorf("%.4f of the intervals hold the truth, want 0.93", o.Held)
			}
			if c.daily > 0 {
				if o.Better < 0.2 {
					t.Errorf("a real gain is seen of %.2f of the hosts, want 0.2", o.Better)
				}
				return
			}
			if math.Abs(o.Bias) > errors*o.Error {
				t.Errorf("where nothing changes the gain is %.4f on average, with a standard error of %.4f", o.Bias, o.Error)
			}
			n := float64(hosts * 48)
			for what, share := range map[string]float64{"better": o.SaidBetter, "worse": o.SaidWorse} {
				if share > falseClaims+3*math.Sqrt(falseClaims/n) {
					t.Errorf("%.5f of the sessions say %s where nothing changes, want at most %v", share, what, falseClaims)
				}
			}
		})
	}
}

// falseClaims bounds the share of sessions that say better, and worse, where nothing changes: a
// day of 48 sessions has one on at most 5 % of the days.
const falseClaims = 0.001

var simulated = flag.Int("hosts", 2000, "how many hosts TestTheGainIsUnbiased simulates in full")

// outcome is what became of hosts: of those with a gain, the mean error with its
// standard error, and the shares whose intervals hold the truth, are above zero and
// are below it; of the sessions, the shares that differ from earlier ones and that say
// better and worse; of the days, the share on which one says better.
type outcome struct {
	Hosts, Gained, Bias, Error, Held, Better, Worse  float64
	Different, SaidBetter, SaidBetterDays, SaidWorse float64
}

func outcomeOf(all []*host) (o outcome) {
	var off []float64
	sessions := 0.0
	for _, h := range all {
		sessions += float64(h.sessions)
		o.Different += float64(h.different)
		o.SaidBetter += float64(h.better)
		o.SaidWorse += float64(h.worse)
		o.SaidBetterDays += float64(h.betterDays) / float64(12*len(all))
		g, truth := h.record.Gain(), h.gained()
		if g == nil {
			continue
		}
		off = append(off, g.Mean-truth)
		o.Gained += truth
		for share, is := range map[*float64]bool{&o.Held: g.Low <= truth && truth <= g.High, &o.Better: g.Low > 0, &o.Worse: g.High < 0} {
			if is {
				*share++
			}
		}
	}
	o.Different /= sessions
	o.SaidBetter /= sessions
	o.SaidWorse /= sessions
	o.Hosts, o.Bias = float64(len(off)), average(off)
	for _, x := range off {
		o.Error += (x - o.Bias) * (x - o.Bias)
	}
	o.Error = math.Sqrt(o.Error) / o.Hosts
	for _, share := range []*float64{&o.Gained, &o.Held, &o.Better, &o.Worse} {
		*share /= o.Hosts
	}
	return o
}

// TestLookingEachDay looks at the gain of hosts at the end of each day, of which nothing changes, and of such as gain.
// It counts those of which a rise or a fall is told on one of the days.
func TestLookingEachDay(t *testing.T) {
	if race.Enabled {
		t.Skip("hosts share nothing")
	}
	hosts, days := 4, 20
	if *full {
		hosts, days = *simulated, 90
	}
	for _, daily := range []float64{0, 0.05} {
		type told struct{ rose, fell, above, below bool }
		all := make([]told, hosts)
		inParallel(hosts, func(i int) {
			r := rand.New(rand.NewPCG(uint64(i), 78))
			h := newHost(r, skills["as the prior"](r), daily)
			for day := range days {
				for range 3 {
					family := h.hobby.Families[r.IntN(2)].Name
					h.practise(day, &hobby.Plan{Family: family, Level: 1 + r.IntN(3), Budget: hobby.Budget{Items: 8}})
				}
				if g := h.record.Gain(); g != nil {
					one := &all[i]
					one.rose, one.fell = one.rose || g.Certain() && g.Mean > 0, one.fell || g.Certain() && g.Mean < 0
					one.above, one.below = one.above || g.Low > 0, one.below || g.High < 0
				}
			}
		})
		var rose, fell, above, below int
		for _, one := range all {
			for n, is := range map[*int]bool{&rose: one.rose, &fell: one.fell, &above: one.above, &below: one.below} {
				if is {
					*n++
				}
			}
		}
		t.Logf("%v a day, on one of %d days, of %d: better %d, worse %d; an interval above zero %d, below zero %d",
			daily, days, hosts, rose, fell, above, below)
		if most := hosts/50 + 1; fell > most || daily == 0 && rose > most {
			t.Errorf("%v a day: %d of %d are told to be better, %d to be worse, want at most %d", daily, rose, hosts, fell, most)
		}
		if daily > 0 && *full && rose < hosts/2 {
			t.Errorf("of %d that gain %v a day %d are told to be better, want half", hosts, daily, rose)
		}
	}
}

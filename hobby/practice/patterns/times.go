package patterns

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/pastime-go/pastime/internal/stat"
)

// The fewest days and weeks of a rhythm, and how many times rounds are rotated.
const (
	leastDays  = 7
	leastWeeks = 5
	rotations  = 19_999
)

// day is the entries of a UTC day.
type day struct {
	number  int // since 1970-01-01
	entries []Entry
}

func days(es []Entry) (all []day) {
	for _, e := range es {
		n := int(e.At.Unix() / 86400)
		if len(all) == 0 || all[len(all)-1].number != n {
			all = append(all, day{number: n})
		}
		last := &all[len(all)-1]
		last.entries = append(last.entries, e)
	}
	return all
}

// rhythms tests hours of the day and weekdays. The first and the last day may be parts of
// a day and are left out.
func (s *stream) rhythms() (all []pattern) {
	ds := days(s.entries)
	if len(ds) < leastDays+2 {
		return nil
	}
	ds = ds[1 : len(ds)-1]
	var hours [][]float64
	for _, d := range ds {
		row := make([]float64, 24)
		for _, e := range d.entries {
			row[e.At.Hour()]++
		}
		hours = append(hours, row)
	}
	at, share := peak(hours)
	all = append(all, pattern{
		days: true, key: "hours " + s.event, test: "rotated days", p: stat.Rhythm(hours, rotations, 1),
		text: fmt.Sprintf("work%s comes at the same hours of the day: %.0f %% of it from %d to %d o'clock UTC", s.in(), 100*share, at, at+1),
	})
	weeks := map[int][]float64{}
	for _, d := range ds {
		// 1970-01-01 was a Thursday, and weeks begin on Monday.
		w := (d.number + 3) / 7
		if weeks[w] == nil {
			weeks[w] = make([]float64, 7)
		}
		weeks[w][(d.number+3)%7] += float64(len(d.entries))
	}
	var whole [][]float64
	for w := (ds[0].number + 3 + 6) / 7; w < (ds[len(ds)-1].number+1+3)/7; w++ {
		if weeks[w] == nil {
			weeks[w] = make([]float64, 7)
		}
		whole = append(whole, weeks[w])
	}
	if len(whole) >= leastWeeks {
		at, share := peak(whole)
		all = append(all, pattern{
			days: true, key: "weekdays " + s.event, test: "rotated weeks", p: stat.Rhythm(whole, rotations, 2),
			text: fmt.Sprintf("work%s comes on the same weekdays: %.0f %% of it on %s", s.in(), 100*share, time.Weekday((at+1)%7)),
		})
	}
	for i := range measures {
		all = append(all, s.byTime(ds, &measures[i])...)
	}
	return all
}

// peak is the place with the largest sum, and its share.
func peak(rounds [][]float64) (at int, share float64) {
	sums := make([]float64, len(rounds[0]))
	total := 0.0
	for _, row := range rounds {
		for i, v := range row {
			sums[i] += v
			total += v
		}
	}
	for i := range sums {
		if sums[i] > sums[at] {
			at = i
		}
	}
	return at, sums[at] / max(1, total)
}

// measure is what days, or parts of them, are compared by.
type measure struct {
	name, groupTest, trendTest string
	known                      func(*Entry) bool
	// of is the value of some entries that are known, and say writes it.
	of  func([]Entry) float64
	say func(v float64) string
	// differ is the p-value of groups of days, and trend the direction of days in order,
	// with its p-value.
	differ func(groups [][]day) float64
	trend  func(ds []day) (way, p float64)
}

// measures are the share of failures and the median duration. A share of few tries is
// not distributed as one of many, so ranks of shares would show how many tries there are.
var measures = []measure{
	{
		"failures", "a weighted analysis of variance", "a weighted regression", func(e *Entry) bool { return e.OK != nil },
		func(es []Entry) float64 { r := rate(es, 0); return float64(r.K) / float64(r.N) },
		func(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) },
		func(groups [][]day) float64 {
			rs := make([][]stat.Rate, len(groups))
			for i, g := range groups {
				for _, d := range g {
					rs[i] = append(rs[i], rate(d.entries, 0))
				}
			}
			return stat.RateGroups(rs...)
		},
		func(ds []day) (way, p float64) {
			var rs []stat.Rate
			for _, d := range ds {
				rs = append(rs, rate(d.entries, d.number-ds[0].number))
			}
			return stat.RateTrend(rs)
		},
	},
	{
		"durations", "Kruskal and Wallis's test", "Mann and Kendall's test", func(e *Entry) bool { return e.Duration > 0 },
		typical, seconds,
		func(groups [][]day) float64 {
			vs := make([][]float64, len(groups))
			for i, g := range groups {
				for _, d := range g {
					vs[i] = append(vs[i], typical(d.entries))
				}
			}
			if _, p, err := stat.KruskalWallis(vs...); err == nil {
				return p
			}
			return 1
		},
		func(ds []day) (way, p float64) {
			values := make([]float64, ds[len(ds)-1].number-ds[0].number+1)
			for i := range values {
				values[i] = math.NaN()
			}
			for _, d := range ds {
				values[d.number-ds[0].number] = typical(d.entries)
			}
			t, err := stat.MannKendall(values, 1, 0.95)
			if err != nil {
				return 0, 1
			}
			return t.Tau, t.P
		},
	},
}

// rate is how many of some entries failed.
func rate(es []Entry, x int) stat.Rate {
	r := stat.Rate{N: len(es), X: float64(x)}
	for i := range es {
		if !*es[i].OK {
			r.K++
		}
	}
	return r
}

// typical is the median duration.
func typical(es []Entry) float64 { return middle(durations(es)) }

// only are the days with those of their entries that are known, without days that have
// none.
func (m *measure) only(ds []day) (some []day) {
	for _, d := range ds {
		var es []Entry
		for i := range d.entries {
			if m.known(&d.entries[i]) {
				es = append(es, d.entries[i])
			}
		}
		if len(es) > 0 {
			some = append(some, day{d.number, es})
		}
	}
	return some
}

// entries are those of days.
func entries(ds []day) (all []Entry) {
	for _, d := range ds {
		all = append(all, d.entries...)
	}
	return all
}

// parts are those of a day, of six hours each.
var parts = []string{
	"at night (0 to 6 o'clock UTC)", "in the morning (6 to 12 o'clock UTC)", "in the afternoon (12 to 18 o'clock UTC)",
	"in the evening (18 to 24 o'clock UTC)",
}

// byTime tests whether failures or durations differ between the parts of the day, and
// between weekdays. Each day has one value in each part, so what comes in bursts counts
// once.
func (s *stream) byTime(ds []day, m *measure) (all []pattern) {
	byPart, byWeekday := make([][]day, len(parts)), make([][]day, 7)
	for _, d := range m.only(ds) {
		cut := make([][]Entry, len(parts))
		for _, e := range d.entries {
			cut[e.At.Hour()/6] = append(cut[e.At.Hour()/6], e)
		}
		for i := range cut {
			if len(cut[i]) > 0 {
				byPart[i] = append(byPart[i], day{d.number, cut[i]})
			}
		}
		i := (d.number + 3) % 7
		byWeekday[i] = append(byWeekday[i], d)
	}
	for _, g := range []struct {
		name   string
		groups [][]day
		say    func(int) string
		least  int
	}{
		{"parts of the day", byPart, func(i int) string { return parts[i] }, leastDays},
		{"weekdays", byWeekday, func(i int) string { return "on " + time.Weekday((i+1)%7).String() + "s" }, leastWeeks},
	} {
		at, groups, most := -1, 0, 0.0
		for i := range g.groups {
			if len(g.groups[i]) < g.least {
				g.groups[i] = nil
				continue
			}
			groups++
			if v := m.of(entries(g.groups[i])); at < 0 || v > most {
				at, most = i, v
			}
		}
		if groups < 2 {
			continue
		}
		var rest []day
		for i := range g.groups {
			if i != at {
				rest = append(rest, g.groups[i]...)
			}
		}
		all = append(all, pattern{
			days: true, key: fmt.Sprintf("%s by %s %s", m.name, g.name, s.event), test: m.groupTest, p: m.differ(g.groups),
			text: fmt.Sprintf("%s%s differ between %s: most %s, with %s, else %s", m.name, s.in(), g.name, g.say(at), m.say(most),
				m.say(m.of(entries(rest)))),
		})
	}
	return all
}

// maxDays bounds the days of a drift, the last ones.
const maxDays = 400

// drifts tests whether failures and durations rise or fall over days, of all entries and
// of each tool.
func (s *stream) drifts() (all []pattern) {
	test := func(what string, es []Entry) {
		for i := range measures {
			m := &measures[i]
			ds := m.only(days(es))
			ds = ds[max(0, len(ds)-maxDays):]
			if len(ds) < stat.MinTrend || ds[len(ds)-1].number-ds[0].number > 4*maxDays { // gaps of years are no series
				continue
			}
			tendency, p := m.trend(ds)
			way := "rise"
			if tendency < 0 {
				way = "fall"
			}
			half := len(ds) / 2
			all = append(all, pattern{
				days: true, key: fmt.Sprintf("drift %s %s %s %s", m.name, s.event, what, way), test: m.trendTest, p: p,
				text: fmt.Sprintf("%s%s%s %s: %s in the first half of %d days, %s in the second", m.name, s.in(),
					strings.TrimSuffix(" of "+what, " of "), way, m.say(m.of(entries(ds[:half]))), len(ds), m.say(m.of(entries(ds[half:])))),
			})
		}
	}
	test("", s.entries)
	names := common(s.entries, tool)
	if len(names) < 2 {
		return all
	}
	for _, n := range names {
		var es []Entry
		for _, e := range s.entries {
			if e.Tool == n {
				es = append(es, e)
			}
		}
		test(named("tool", n), es)
	}
	return all
}

package patterns

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pastime-go/pastime/internal/stat"
)

// pattern is something that was tested.
type pattern struct {
	key  string // the same in every look
	text string // with the size of the effect
	test string // its name
	p    float64
	// days says that days are compared, and not entries, which may come in bursts.
	days bool
}

// rests says what a test rests on that may not be so.
func (p *pattern) rests() string {
	if p.days {
		return ""
	}
	return ", if entries do not depend on each other"
}

// fdr is the share of wrong ones among the patterns that are told.
const fdr = 0.05

// found are the patterns of a log that are not chance, the most certain first, with
// p-values that are corrected for all that were tested.
func found(es []Entry) (told []pattern, tested int) {
	var all []pattern
	for _, of := range streams(es) {
		all = append(all, of.failing()...)
		all = append(all, of.slow()...)
		all = append(all, of.sequences()...)
		all = append(all, of.rhythms()...)
		all = append(all, of.drifts()...)
	}
	ps := make([]float64, len(all))
	for i := range all {
		ps[i] = all[i].p
	}
	for i, p := range stat.BenjaminiHochberg(ps) {
		if p <= fdr {
			all[i].p = p
			told = append(told, all[i])
		}
	}
	slices.SortFunc(told, func(a, b pattern) int { return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(a.key, b.key)) })
	return told, len(all)
}

// stream is the entries of one event.
type stream struct {
	event   string
	entries []Entry
}

func streams(es []Entry) (all []stream) {
	by := map[string][]Entry{}
	for _, e := range es {
		by[e.Event] = append(by[e.Event], e)
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		all = append(all, stream{name, by[name]})
	}
	return all
}

// most is how many tools, topics and symbols of sequences are compared: the commonest,
// which does not depend on what they are compared by. least is the fewest entries of one.
const (
	most  = 20
	least = 10
)

// common are the commonest names, with at least least entries each.
func common(es []Entry, name func(*Entry) string) (names []string) {
	count := map[string]int{}
	for i := range es {
		if n := name(&es[i]); n != "" {
			count[n]++
		}
	}
	for n, c := range count {
		if c >= least {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(count[b]-count[a], cmp.Compare(a, b)) })
	return names[:min(most, len(names))]
}

func tool(e *Entry) string  { return e.Tool }
func topic(e *Entry) string { return e.Topic }

// group is the entries of a tool or a topic, and all others.
type group struct {
	what, name  string
	own, others []Entry
}

// groups are those of the common tools and topics. A topic that has the same entries as a
// tool is left out: it would be the same test, and the same insight, twice.
func groups(es []Entry) (all []group) {
	seen := map[string]bool{}
	for _, of := range []struct {
		what string
		name func(*Entry) string
	}{{"tool", tool}, {"topic", topic}} {
		for _, n := range common(es, of.name) {
			g, which := group{what: of.what, name: n}, make([]byte, len(es))
			for i := range es {
				if of.name(&es[i]) == n {
					g.own, which[i] = append(g.own, es[i]), 1
				} else {
					g.others = append(g.others, es[i])
				}
			}
			if len(g.others) >= least && !seen[string(which)] {
				seen[string(which)] = true
				all = append(all, g)
			}
		}
	}
	return all
}

// named is a name in a sentence: in quotes, because it is a log's word and not ours.
func named(what, name string) string { return fmt.Sprintf("the %s %q", what, name) }

// in says which entries a sentence is about.
func (s *stream) in() string {
	if s.event == "" {
		return ""
	}
	return fmt.Sprintf(" in %q entries", s.event)
}

// failing tests which tools and topics fail more often than the others.
func (s *stream) failing() (all []pattern) {
	var known []Entry
	failed := 0
	for _, e := range s.entries {
		if e.OK != nil {
			known = append(known, e)
			if !*e.OK {
				failed++
			}
		}
	}
	for _, g := range groups(known) {
		calls, bad := len(g.own), 0
		for _, e := range g.own {
			if !*e.OK {
				bad++
			}
		}
		all = append(all, pattern{
			key: fmt.Sprintf("failing %s %s %s", g.what, s.event, g.name), test: "Fisher's exact test",
			p: stat.Fisher(bad, calls, failed, len(known)),
			text: fmt.Sprintf("%s fails in %d of %d%s (%s), the others in %s", named(g.what, g.name), bad, calls, s.in(),
				percent(bad, calls), percent(failed-bad, len(g.others))),
		})
	}
	return all
}

func percent(k, n int) string { return fmt.Sprintf("%.0f %%", 100*float64(k)/float64(n)) }

// slow tests which tools and topics take longer than the others.
func (s *stream) slow() (all []pattern) {
	var known []Entry
	for _, e := range s.entries {
		if e.Duration > 0 {
			known = append(known, e)
		}
	}
	for _, g := range groups(known) {
		own, others := durations(g.own), durations(g.others)
		share, p := stat.MannWhitney(own, others)
		mine, theirs := middle(own), middle(others)
		all = append(all, pattern{
			key: fmt.Sprintf("slow %s %s %s", g.what, s.event, g.name), test: "Mann and Whitney's test", p: p,
			text: fmt.Sprintf("%s takes %.2g times as long as the others%s: a median of %s, theirs is %s; it is slower in %.0f %% of all pairs",
				named(g.what, g.name), mine/theirs, s.in(), seconds(mine), seconds(theirs), 100*share),
		})
	}
	return all
}

// durations are those of entries, in seconds.
func durations(es []Entry) []float64 {
	v := make([]float64, len(es))
	for i := range es {
		v[i] = es[i].Duration.Seconds()
	}
	return v
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}

// pause is the longest time between two entries of which one follows on the other.
const pause = time.Hour

// sequences tests which tool follows on which more often than its share. The same tool
// again counts once: tools are used in runs, and a run is no sequence.
func (s *stream) sequences() (all []pattern) {
	names := common(s.entries, tool)
	at := map[string]int{}
	for i, n := range names {
		at[n] = i
	}
	k := len(names)
	if k < 3 { // of two the other follows always
		return nil
	}
	counts := make([][]float64, k)
	for i := range counts {
		counts[i] = make([]float64, k)
	}
	for i := 1; i < len(s.entries); i++ {
		a, b := &s.entries[i-1], &s.entries[i]
		from, one := at[a.Tool]
		to, other := at[b.Tool]
		if one && other && from != to && b.At.Sub(a.At) <= pause {
			counts[from][to]++
		}
	}
	for i := range k {
		row, column := 0.0, make([]float64, k)
		for j := range k {
			row += counts[i][j]
			for l := range k {
				column[j] += counts[l][j]
			}
		}
		for j := range k {
			if i == j || row < least {
				continue
			}
			n := counts[i][j]
			others := column[j] - n
			chance := expected(counts, i, j)
			if others == 0 || chance == 0 {
				continue // nothing to compare with
			}
			all = append(all, pattern{
				key: fmt.Sprintf("sequence %s %s > %s", s.event, names[i], names[j]), test: "Fisher's exact test",
				p: stat.Fisher(int(n), int(row), int(n+others), int(row)+max(int(others), int(others/chance))),
				text: fmt.Sprintf("%s follows on %s %.0f times of %.0f%s, %.2g times as often as on others", named("tool", names[j]),
					named("tool", names[i]), n, row, s.in(), n/row/chance),
			})
		}
	}
	return all
}

// expected is the chance that after i, when something else comes, j does, as the rest of
// the table has it: rows and columns do not depend on each other off the diagonal
// (quasi-independence, Goodman 1968), and the cell itself says nothing of what to expect
// of it. It is fitted by iterative proportional fitting.
func expected(counts [][]float64, i, j int) float64 {
	const rounds = 30
	k := len(counts)
	in := func(r, c int) bool { return r != c && (r != i || c != j) }
	rows, columns := make([]float64, k), make([]float64, k)
	a, b := make([]float64, k), make([]float64, k)
	for r := range k {
		a[r], b[r] = 1, 1
		for c := range k {
			if in(r, c) {
				rows[r] += counts[r][c]
				columns[c] += counts[r][c]
			}
		}
	}
	for range rounds {
		for r := range k {
			sum := 0.0
			for c := range k {
				if in(r, c) {
					sum += b[c]
				}
			}
			a[r] = rows[r] / max(sum, 1e-300)
		}
		for c := range k {
			sum := 0.0
			for r := range k {
				if in(r, c) {
					sum += a[r]
				}
			}
			b[c] = columns[c] / max(sum, 1e-300)
		}
	}
	sum := 0.0
	for c := range k {
		if c != i {
			sum += b[c]
		}
	}
	if sum == 0 {
		return 0
	}
	return b[j] / sum
}

package hobby

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/internal/irt"
)

// book keeps tallies and the last measurement of each kind. A kind whose tallies
// did not change is not measured again on the same day.
type book struct {
	kinds map[Kind]*kindBook
}

// kindBook has the tallies of a kind by model and family, and how it was
// measured last.
type kindBook struct {
	models map[string]map[familyVersion]*familyBook

	valid    bool
	modelKey string
	today    int
	measured KindProficiency

	// changes counts the tallies that were taken, by model. earlier is the
	// population that was learned from the other models, and their changes at
	// that time.
	changes map[string]int
	earlier struct {
		modelKey   string
		changes    int
		population *irt.Population
	}
}

// familyVersion is one version of a family.
type familyVersion struct {
	name    string
	version int
}

// familyBook has one model's tallies of one family.
type familyBook struct {
	// tallies are the counts of each source, by day and level.
	tallies map[source]map[dayLevel]dayCount
	counts  [2][]dayCount // their sums, by scope; nil when they have changed
}

// scope says which answers of a model count.
type scope int

const (
	everything  scope = iota
	heldOutOnly       // answers to held-out tasks
)

// shown is what counts in the proficiency of a model that is shown.
func shown(modelKey string) scope {
	if Adapted(modelKey) {
		return heldOutOnly
	}
	return everything
}

// source is where a tally comes from. Tallies of different sources are added up.
type source struct {
	agent, node string
	split       Split
}

type dayLevel struct{ day, level int }

// dayCount sums up the answers of one UTC day at one level.
type dayCount struct {
	dayLevel
	tries, passes, millis int64
}

func countOf(t *Tally) dayCount {
	return dayCount{dayLevel{t.Day, t.Level}, t.Tries, t.Passes, max(0, t.Millis)}
}

// valid reports whether the sums agree with each other.
func (c *dayCount) valid() bool { return c.tries > 0 && c.passes >= 0 && c.passes <= c.tries }

func (c *dayCount) add(d dayCount) {
	c.tries, c.passes, c.millis = add(c.tries, d.tries), add(c.passes, d.passes), add(c.millis, d.millis)
}

// answers are one model's answers to one kind, by family, in the order of days.
type answers map[string][]dayCount

func newBook() *book { return &book{kinds: map[Kind]*kindBook{}} }

// of returns the counts that t belongs to, and marks them as changed.
func (b *book) of(t *Tally) map[dayLevel]dayCount {
	k := b.kinds[t.Kind]
	if k == nil {
		k = &kindBook{models: map[string]map[familyVersion]*familyBook{}, changes: map[string]int{}}
		b.kinds[t.Kind] = k
	}
	k.valid = false
	k.changes[t.ModelKey]++
	families := k.models[t.ModelKey]
	if families == nil {
		families = map[familyVersion]*familyBook{}
		k.models[t.ModelKey] = families
	}
	version := familyVersion{t.Family, max(1, t.Version)}
	f := families[version]
	if f == nil {
		f = &familyBook{tallies: map[source]map[dayLevel]dayCount{}}
		families[version] = f
	}
	f.counts = [2][]dayCount{}
	from := source{t.Agent, t.Node, t.Split}
	counts := f.tallies[from]
	if counts == nil {
		counts = map[dayLevel]dayCount{}
		f.tallies[from] = counts
	}
	return counts
}

// add takes one more tally.
func (b *book) add(t Tally) {
	counts, c := b.of(&t), countOf(&t)
	if !c.valid() {
		return
	}
	if was, known := counts[c.dayLevel]; known {
		c.add(was)
	}
	counts[c.dayLevel] = c
}

// put takes a tally that replaces an older state of itself.
func (b *book) put(t Tally) {
	c := countOf(&t)
	b.of(&t)[c.dayLevel] = c
}

// sums returns the family's tallies by day and level, without invalid ones.
func (f *familyBook) sums(s scope) []dayCount {
	if f.counts[s] != nil {
		return f.counts[s]
	}
	var all []dayCount
	for from, counts := range f.tallies {
		if s == heldOutOnly && from.split != HeldOut {
			continue
		}
		for _, c := range counts {
			if c.valid() {
				all = append(all, c)
			}
		}
	}
	f.counts[s] = summed(all)
	return f.counts[s]
}

// summed sorts counts by day and level and adds up those with the same day and
// level.
func summed(all []dayCount) []dayCount {
	slices.SortFunc(all, func(a, b dayCount) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.level, b.level)) })
	sums := all[:0]
	for _, c := range all {
		if last := len(sums) - 1; last >= 0 && sums[last].dayLevel == c.dayLevel {
			sums[last].add(c)
			continue
		}
		sums = append(sums, c)
	}
	return sums
}

// answers returns one model's answers to the current versions of a hobby's
// families.
func (b *book) answers(h *Hobby, modelKey string, s scope) answers {
	own := answers{}
	if kb := b.kinds[h.Kind]; kb != nil {
		for _, f := range familiesOf(h) {
			if fb := kb.models[modelKey][familyVersion{f.Name, max(1, f.Version)}]; fb != nil && len(fb.sums(s)) > 0 {
				own[f.Name] = fb.sums(s)
			}
		}
	}
	return own
}

// older counts a model's answers to other versions of a family than the current
// one.
func (k *kindBook) older(modelKey string, f *Family) (n int64) {
	for v, fb := range k.models[modelKey] {
		if v.name == f.Name && v.version != max(1, f.Version) {
			for _, c := range fb.sums(everything) {
				n = add(n, c.tries)
			}
		}
	}
	return n
}

// newest returns the key of the model with the newest answer.
func (k *kindBook) newest() (key string) {
	day, any := 0, false
	for m, families := range k.models {
		for _, f := range families {
			if c := f.sums(everything); len(c) > 0 {
				if last := c[len(c)-1].day; !any || cmp.Or(cmp.Compare(last, day), cmp.Compare(m, key)) > 0 {
					day, key, any = last, m, true
				}
			}
		}
	}
	return key
}

// share is the model's part of the time that all answers took, or of their number
// where no times are known.
func (k *kindBook) share(modelKey string) float64 {
	var own, all struct{ millis, tries float64 }
	for m, families := range k.models {
		for _, f := range families {
			for _, c := range f.sums(everything) {
				all.millis, all.tries = all.millis+float64(c.millis), all.tries+float64(c.tries)
				if m == modelKey {
					own.millis, own.tries = own.millis+float64(c.millis), own.tries+float64(c.tries)
				}
			}
		}
	}
	if all.millis == 0 {
		return own.tries / all.tries
	}
	return own.millis / all.millis
}

// divided returns the answers up to a day and those after it.
func (a answers) divided(day int) (early, late answers) {
	early, late = answers{}, answers{}
	for name, counts := range a {
		i, _ := slices.BinarySearchFunc(counts, day+1, func(c dayCount, d int) int { return cmp.Compare(c.day, d) })
		early[name], late[name] = counts[:i], counts[i:]
	}
	return early, late
}

// measure is [Measure] of the book's tallies.
func (b *book) measure(hobbies []Hobby, keys map[Kind]string, today int) Proficiency {
	p := Proficiency{AsOf: time.Unix(int64(today)*86400, 0).UTC()}
	var measured, practised []Estimate
	for i := range hobbies {
		k := b.measureKind(&hobbies[i], keys[hobbies[i].Kind], today)
		if k.Estimate.Measured() {
			measured, practised = append(measured, k.Estimate), append(practised, k.Practised)
		}
		p.Kinds = append(p.Kinds, k)
	}
	p.Overall, p.Practised = meanOf(measured), meanOf(practised)
	return p
}

// population is the prior that is learned from the other measured models. It is
// nil, which stands for the default prior, while they are fewer than two, and for
// answers without a model.
func (b *book) population(h *Hobby, modelKey string) *irt.Population {
	kb := b.kinds[h.Kind]
	if modelKey == "" {
		return nil
	}
	changes := 0
	for key, n := range kb.changes {
		if key != modelKey {
			changes += n
		}
	}
	e := &kb.earlier
	if e.modelKey == modelKey && e.changes == changes {
		return e.population
	}
	e.modelKey, e.changes, e.population = modelKey, changes, irt.Learn(b.others(h, modelKey))
	return e.population
}

// maxOthers is the largest number of models that a population is learned from.
const maxOthers = 16

// others returns the answers of the other models, at most maxOthers of them:
// those with the most answers.
func (b *book) others(h *Hobby, modelKey string) []irt.Learner {
	type model struct {
		key   string
		tries int64
		own   answers
	}
	var models []model
	for key := range b.kinds[h.Kind].models {
		if key == "" || key == modelKey {
			continue
		}
		m := model{key: key, own: b.answers(h, key, shown(key))}
		for _, counts := range m.own {
			for _, c := range counts {
				m.tries = add(m.tries, c.tries)
			}
		}
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b model) int { return cmp.Or(cmp.Compare(b.tries, a.tries), cmp.Compare(a.key, b.key)) })
	var all []irt.Learner
	families := familiesOf(h)
	for _, m := range models[:min(len(models), maxOthers)] {
		evidence := make([]irt.Family, len(families))
		for i := range families {
			evidence[i] = cells(&families[i], m.own[families[i].Name], math.MaxInt)
		}
		all = append(all, irt.Learner{Families: evidence, Frozen: Frozen(m.key)})
	}
	return all
}

// measureKind measures a hobby for the model with a key, or for the one that answered
// last.
func (b *book) measureKind(h *Hobby, modelKey string, today int) KindProficiency {
	kb := b.kinds[h.Kind]
	if kb == nil {
		return measureKind(h, nil, nil, today)
	}
	if kb.valid && kb.modelKey == modelKey && kb.today == today {
		return kb.measured
	}
	key := modelKey
	if key == "" {
		key = kb.newest()
	}
	if !h.NeedsModel && len(b.answers(h, key, everything)) == 0 {
		key = ""
	}
	kb.measured = b.measureScope(h, key, shown(key), today)
	if shown(key) != everything {
		if all := b.measureScope(h, key, everything, today); all.Estimate.Items != kb.measured.Estimate.Items {
			kb.measured.Practice = &all
		}
	}
	if !Frozen(key) {
		seen, hidden := b.answers(h, key, everything).shared()
		if len(hidden) > 0 {
			k := measureKind(h, seen, &irt.Options{Population: b.population(h, key)}, today)
			kb.measured.Seen = &k
		}
	}
	kb.valid, kb.modelKey, kb.today = true, modelKey, today
	return kb.measured
}

// measureScope measures a hobby from those answers of a model that are in a scope.
func (b *book) measureScope(h *Hobby, key string, s scope, today int) KindProficiency {
	kb, own := b.kinds[h.Kind], b.answers(h, key, s)
	k := measureKind(h, own, &irt.Options{Frozen: Frozen(key), Population: b.population(h, key)}, today)
	if k.Estimate.Measured() {
		k.ModelKey = key
		k.Share = kb.share(key)
		if !Frozen(key) {
			k.Gain = gain(h, own)
		}
	}
	for i := range k.Families {
		k.Families[i].Older = kb.older(key, &h.Families[i])
	}
	return k
}

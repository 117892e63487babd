package reward

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
)

// TestInformativeIsSpread asks about what is known least, and not of one kind alone.
func TestInformativeIsSpread(t *testing.T) {
	p := peopletest.New(peopletest.Standard(), 10_003)
	obs := ask(p, 0, 600)
	known := obs[:0:0]
	for _, o := range obs { // kind00 and kind01 are hardly known
		if o.Item.Kind > "kind01" || len(known) < 20 {
			known = append(known, o)
		}
	}
	m := fit(t, known, nil)
	var items []Item
	for i, c := range p.Cells() {
		for k := range 3 {
			items = append(items, Item{ID: fmt.Sprint("new", i, k), Kind: c.Name(), Level: c.Level + 1})
		}
	}
	gains := m.Informative(items, nil, 8)
	kinds, cells := map[string]int{}, map[string]int{}
	for i, g := range gains {
		it := items[g.Item]
		kinds[it.Kind]++
		cells[fmt.Sprint(it.Kind, it.Level)]++
		if i > 0 && g.Nats > gains[i-1].Nats+1e-9 {
			t.Errorf("%d teaches %.3f, the one before %.3f", i, g.Nats, gains[i-1].Nats)
		}
	}
	if kinds["kind00"]+kinds["kind01"] < 6 || kinds["kind00"] == 0 || kinds["kind01"] == 0 {
		t.Errorf("of two kinds that are hardly known %v are asked", kinds)
	}
	if len(cells) < 7 {
		t.Errorf("8 questions are of %d cells: %v", len(cells), cells)
	}
	seen := make([]int, len(items))
	seen[gains[0].Item] = 5
	if again := m.Informative(items, seen, 1); again[0].Item == gains[0].Item {
		t.Error("what five people are asked is asked before what nobody is")
	}
}

// TestInformativeTeachesMore rates what is asked first, and as many at random: the first
// leaves less that is not known.
func TestInformativeTeachesMore(t *testing.T) {
	var fewer []float64 // mistakes, as a share of those after ratings at random
	for _, seed := range seeds(6, 100) {
		p := peopletest.New(peopletest.Standard(), seed)
		obs := ask(p, 0, 100)
		var items []Item
		for k := range 100 {
			c := p.Cells()[p.Rand().IntN(48)]
			items = append(items, Item{ID: fmt.Sprint("new", k), Kind: c.Name(), Level: c.Level + 1})
		}
		m := fit(t, obs, nil)
		wrong := func(order []Gain) (e float64) {
			more := append([]Observation(nil), obs...)
			for _, g := range order {
				for _, c := range p.Cells() {
					if it := items[g.Item]; c.Name() == it.Kind && c.Level+1 == it.Level {
						who := p.Person()
						y, _ := p.Rate(who, c)
						more = append(more, Observation{Rater: fmt.Sprint("p", who), Item: it, Stars: y, At: epoch.Add(1e15)})
					}
				}
			}
			m := fit(t, more, nil)
			for _, c := range p.Cells() {
				if pr, ok := m.Cell(c.Name(), "", c.Level+1, 0); ok {
					e += square(pr.Mean - p.Expected(-1, c))
				}
			}
			return e
		}
		var any []Gain
		for i := range 30 {
			any = append(any, Gain{Item: i})
		}
		fewer = append(fewer, 1-wrong(m.Informative(items, nil, 30))/wrong(any))
	}
	share, sd := stat.MeanStdDev(fewer, nil)
	away := 1.96 * sd / math.Sqrt(float64(len(fewer)))
	t.Logf("30 ratings that were asked for leave %.1f %% fewer squared mistakes than as many at random "+
		"(95 %% interval %.1f to %.1f, %d worlds)",
		100*share, 100*(share-away), 100*(share+away), len(fewer))
	if !(share > 0) || *full && !(share > away) {
		t.Errorf("30 ratings that were asked for leave %.1f %% fewer mistakes, give or take %.1f", 100*share, 100*away)
	}
}

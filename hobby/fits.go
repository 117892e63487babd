package hobby

import (
	"encoding/binary"
	"math"

	"github.com/pastime-go/pastime/internal/irt"
)

// posterior is what a fit says of a family: the ends and means of its
// intervals and, as draws, of the family as a whole.
type posterior struct {
	draws  []float64
	whole  Estimate
	levels []Estimate
	open   int // the highest open level
}

// mostFits is how many fits are remembered before the older ones are
// forgotten: about 5 kB each.
const mostFits = 512

// fits remembers fits by the counts that they were made from. The zero value
// is ready; it is not safe for concurrent use.
type fits struct{ young, old map[string]*posterior }

func (f *fits) of(cells []irt.Cell, guess float64) *posterior {
	key := make([]byte, 0, 8*(1+2*len(cells)))
	number := func(v float64) { key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v)) }
	number(guess)
	for _, c := range cells {
		number(c.Tries)
		number(c.Passes)
	}
	if p := f.young[string(key)]; p != nil {
		return p
	}
	p := f.old[string(key)]
	if p == nil {
		p = fit(cells, guess)
	}
	if f.young == nil || len(f.young) >= mostFits {
		f.young, f.old = map[string]*posterior{}, f.young
	}
	f.young[string(key)] = p
	return p
}

func fit(cells []irt.Cell, guess float64) *posterior {
	levels := len(cells)
	p := &posterior{draws: make([]float64, irt.Draws), levels: make([]Estimate, levels), open: 1}
	sure := true
	for l, d := range irt.Fit(cells, guess) {
		for i, v := range d {
			p.draws[i] += v / float64(levels)
		}
		e := &p.levels[l]
		e.Mean, e.Low, e.High = summarise(d)
		above := 0
		for _, v := range d {
			if v > levelUp {
				above++
			}
		}
		if sure = sure && float64(above) >= levelSure*irt.Draws; sure {
			p.open = min(l+2, levels)
		}
	}
	p.whole.Mean, p.whole.Low, p.whole.High = summarise(p.draws)
	return p
}

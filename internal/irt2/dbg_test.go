package irt

import (
	"math/rand/v2"
	"testing"
	"fmt"
)

func TestDbg(t *testing.T) {
	for _, q := range []float64{0.0004, 0.01, 0.1} {
		for _, fam := range []int{1, 4} {
			w := world{families: [2]int{fam, fam}, levels: [2]int{1, 1}, days: [2]int{30, 30}, tries: [2]int{20, 20}, gap: 1, guess: []float64{0}, tell: same, items: binomial, drift: fixed(q)}
			var own, com [5]float64
			var ol, cl float64
			for i := range 200 {
				l, day := w.draw(rand.New(rand.NewPCG(1, uint64(i))))
				p := Fit(l.told, day)
				for a := range p.change.own {
					for b := range p.change.own[a] {
						own[a] += p.change.own[a][b] / 200
						com[a] += p.change.common[a][b] / 200
						ol += p.change.own[a][b] / 200 * dayGrid[b]
						cl += p.change.common[a][b] / 200 * dayGrid[b]
					}
				}
			}
			c, wd, ms := w.run(1000, 1)
			fmt.Printf("q %v F %d own %.3f luck %.3f  common %.3f luck %.3f  cov %.3f %.3f %.3f\n", q, fam, own, ol, com, cl, c, wd, ms)
		}
	}
}

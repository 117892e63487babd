package rlhf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/internal/stat"
	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
)

// TestWhatIsNoWorseGoesOn has a policy that is followed be checked each night, with people who like everything alike,
// so that it is neither better nor worse, and with people who have a taste, whom it helps. It counts how many are
// rolled back.
func TestWhatIsNoWorseGoesOn(t *testing.T) {
	if race.Enabled {
		t.Skip("there is one goroutine")
	}
	for _, w := range []struct {
		name        string
		taste       float64
		day, nights int
	}{
		{"no better", 0, 10, 90},
		{"no better", 0, 3, 365},
		{"a little better", 0.2, 10, 90},
	} {
		if !*full {
			w.nights = 20
		}
		back, all := map[int]int{}, seeds(1, 200)
		for _, seed := range all {
			r := peopletest.Standard()
			r.People, r.Kinds, r.Levels = 5, 4, 2
			r.Shared, r.Own = w.taste, w.taste/2
			l := newLife(t, r, seed)
			l.day, l.quick = w.day, true
			for l.ratings < 60 {
				l.session()
			}
			l.now.Follows, l.now.switched = true, l.at()
			night := 0
			for ; night < w.nights && l.now.Follows; night++ {
				for range w.day {
					l.session()
				}
			}
			for _, by := range []int{30, 90, 365} {
				if !l.now.Follows && night <= by {
					back[by]++
				}
			}
		}
		for _, by := range []int{30, 90, 365} {
			if by <= w.nights {
				low, high := stat.Proportion(back[by], len(all), 0.95)
				t.Logf("%s, %d sessions a day: in %d nights %d of %d are rolled back (%.1f to %.1f %%)",
					w.name, w.day, by, back[by], len(all), 100*low, 100*high)
			}
		}
		if back[365] > 1+len(all)*3/100 { // 1 %, and three standard deviations of 200
			t.Errorf("%s: %d of %d are rolled back", w.name, back[365], len(all))
		}
	}
}

// TestHarmIsSeenSoon has a taste that was learned be followed, and people who like that, do not mind, or like the
// opposite, on any day or after half a year in which they liked it. 14 rate each day. It counts how many are rolled
// back, and after how many nights.
func TestHarmIsSeenSoon(t *testing.T) {
	if race.Enabled {
		t.Skip("there is one goroutine")
	}
	past, _ := record(1, 300, byLevel, nil)
	liked, err := fitTaste(past, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := PolicyOptions{}.withDefaults()
	l := &lottery{items: 12}
	for level := range 8 {
		l.cs = append(l.cs, hobby.Candidate{Kind: "k", Level: level + 1, Probability: 1. / 8})
	}
	lives, every := 4, 7
	if *full {
		lives, every = 1000, 1
	}
	for _, w := range []struct {
		like        float64 // stars for a level more
		good        int     // nights before, of people who like it
		nights      int
		least, most float64 // share that is rolled back
	}{
		{0.2, 0, 90, 0, 0.02}, {0, 0, 90, 0, 0.02}, {0, 180, 270, 0, 0.02},
		{-0.1, 0, 90, 0, 1}, {-0.2, 0, 90, 0.9, 1}, {-0.4, 0, 90, 1, 1}, {-0.4, 180, 270, 1, 1},
	} {
		var after []int
		lift, choices := 0.0, 0.0
		for seed := range uint64(lives) {
			rng := rand.New(rand.NewPCG(seed, 90_000))
			f := following{now: true, since: time.Unix(1_800_000_000, 0).UTC()}
			var ds []decision
			for night := range w.nights {
				for i := range 14 {
					p, like := steer(l.plan(rng), liked, &o, rng), w.like
					if night < w.good {
						like = 0.4
					}
					mean := 3 + like*(float64(p.Level)-4.5)
					ds = append(ds, decision{fmt.Sprint(night, i), &p, f.since.Add(time.Duration(24*night+i) * time.Hour),
						float64(min(max(int(mean+rng.NormFloat64()+0.5), MinRating), MaxRating))})
					if seed == 0 && night >= w.good {
						for k, c := range p.Candidates {
							lift += (c.Probability - 1./8) * starsOf(3+w.like*(float64(k)-3.5))
						}
						choices++
					}
				}
				if night%every == 0 && f.worse(ds, &o).Verdict == Back {
					after = append(after, night+1-w.good)
					break
				}
			}
		}
		slices.Sort(after)
		half := "-"
		if 2*len(after) > lives {
			half = fmt.Sprint(after[lives/2])
		}
		low, high := stat.Proportion(len(after), lives, 0.95)
		t.Logf("a lift of %+.2f stars, after %d nights of a good one: of %d %d are rolled back (%.1f to %.1f %%), half within %s nights",
			lift/choices, w.good, lives, len(after), 100*low, 100*high, half)
		if share := float64(len(after)) / float64(lives); share < w.least || share > w.most {
			t.Errorf("%v a level: %.3f are rolled back, want %v to %v", w.like, share, w.least, w.most)
		}
	}
}

// starsOf is the mean of a normal number around mean that is rounded to stars.
func starsOf(mean float64) float64 {
	s := 1.0
	for k := 1.5; k < 5; k++ {
		s += 0.5 * math.Erfc((k-mean)/math.Sqrt2)
	}
	return s
}

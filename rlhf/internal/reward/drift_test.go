package reward

import (
	"testing"

	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
)

// TestChangedFindsOtherTastes gives people other tastes after 500 ratings: 120 ratings
// later that is known, and about when; of people who keep theirs it is hardly ever said.
func TestChangedFindsOtherTastes(t *testing.T) {
	all := seeds(40, 1000)
	found, near, invented := 0, 0, 0
	for _, seed := range all {
		p := peopletest.New(peopletest.Standard(), seed)
		obs := ask(p, 0, 500)
		if !Changed(append(obs[:500:500], ask(p, 500, 120)...)).IsZero() {
			invented++
		}
		p.Change()
		obs = append(obs, ask(p, 500, 120)...)
		if at := Changed(obs); !at.IsZero() {
			found++
			if !at.Before(obs[460].At) && !at.After(obs[540].At) {
				near++
			}
		}
	}
	t.Logf("of %d changes %d are found, %d of them within 40 ratings; %d are found where there is none", len(all), found, near, invented)
	if found < len(all)*9/10 || near < len(all)*8/10 {
		t.Errorf("of %d changes %d are found, %d of them within 40 ratings", len(all), found, near)
	}
	if invented > len(all)/20 {
		t.Errorf("%d changes are found in %d where there is none, want at most 5 %%", invented, len(all))
	}
}

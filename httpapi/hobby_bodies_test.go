package httpapi

import (
	"testing"

	"github.com/pastime-go/pastime/hobby"
)

// TestOnlyWhatIsCertainIsShown has rates of improvement whose intervals exclude zero, some of them
// clearly: what is looked at every day, of every kind, is shown to have changed only where that is so.
func TestOnlyWhatIsCertainIsShown(t *testing.T) {
	for _, c := range []struct {
		rate *hobby.Change
		want bool
	}{
		{nil, false},
		{&hobby.Change{Mean: 0.1, Low: -0.1, High: 0.3}, false},
		{&hobby.Change{Mean: 0.1, Low: 0.02, High: 0.18}, false},
		{&hobby.Change{Mean: 0.1, Low: 0.05, High: 0.15}, true},
		{&hobby.Change{Mean: -0.1, Low: -0.18, High: -0.02}, false},
		{&hobby.Change{Mean: -0.1, Low: -0.15, High: -0.05}, true},
	} {
		if got := kindProgress(&hobby.KindProgress{ImprovementRate: c.rate}).ImprovementShown; got != c.want {
			t.Errorf("%+v is shown: %v, want %v", c.rate, got, c.want)
		}
	}
}

package compare_test

import (
	"fmt"
	"strings"

	"github.com/pastime-go/pastime/compare"
)

// The first model passes 16 of 20 tasks, the second 8 of the same: the interval does not hold zero.
func ExampleState_Result() {
	s := compare.State{
		Of:     20,
		First:  compare.Side{Passed: strings.Repeat("y", 16) + strings.Repeat("n", 4)},
		Second: compare.Side{Passed: strings.Repeat("y", 8) + strings.Repeat("n", 12)},
	}
	r, complete := s.Result()
	fmt.Printf("%v: %d pairs, %+.0f points (%+.0f to %+.0f)\n", complete, r.Pairs, 100*r.Difference, 100*r.Low, 100*r.High)
	// Output: true: 20 pairs, +40 points (+3 to +67)
}

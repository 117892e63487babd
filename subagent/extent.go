package subagent

import (
	"encoding/json"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// Bounds of a report as JSON. Decoding an empty object takes a hundred times
// its two bytes, so they are checked before a report is decoded.
const (
	maxDepth  = 32             // objects and lists in each other
	maxLength = MaxItems       // elements of a list, members of an object
	maxValues = 200 * MaxItems // all elements and members
)

// UnmarshalJSON decodes a report. It refuses one that would take much more
// memory than a Result of the largest size, with hobby.ErrInvalid.
func (r *Report) UnmarshalJSON(data []byte) error {
	if e := extentOf(data); e.depth > maxDepth || e.length > maxLength || e.values > maxValues {
		return fmt.Errorf("%w: a report with %d values, %d in one list, nested %d deep; at most %d, %d and %d are taken",
			hobby.ErrInvalid, e.values, e.length, e.depth, maxValues, maxLength, maxDepth)
	}
	type plain Report // without this method
	return json.Unmarshal(data, (*plain)(r))
}

// extent is how large a JSON text is.
type extent struct {
	depth  int // of objects and lists in each other
	length int // of the longest list or object
	values int // elements and members of all lists and objects
}

// extentOf measures a valid JSON text without decoding it. An empty list counts
// as one value.
func extentOf(data []byte) (e extent) {
	var open []int // elements so far, of each list or object around the position
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			open = append(open, 1)
			e.depth, e.length, e.values = max(e.depth, len(open)), max(e.length, 1), e.values+1
		case ',':
			if last := len(open) - 1; last >= 0 {
				open[last]++
				e.length, e.values = max(e.length, open[last]), e.values+1
			}
		case '}', ']':
			open = open[:max(0, len(open)-1)]
		}
	}
	return e
}

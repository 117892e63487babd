package cart

import "errors"

var errNone = errors.New("none") // finds: errNone (cart/more.go:5)

// It is seperate of the rest. finds: “seperate” should be “separate”
func weigh(c *Cart, unit string) (int, error) { // finds: unit of weigh
	n := len(c.Lines)
	return n, nil
}

// heavyCart says whether it is. finds: heavyCart above heavy
func heavy(c *Cart) bool {
	// finds: has code that is commented out
	// if c == nil {
	//	return false
	// }
	// c.mu.Lock()
	n, _ := weigh(c, "kg")
	return n > 3
}

// Heavy is as heavy is.
// Deprecated: it is. finds: has not the form
func Heavy(c *Cart) bool { return heavy(c) }

// Package cart is a fixture: what should be found in it is marked.
package cart

import (
	"context"
	"fmt"
	"sync"
	"time"
)

type Line struct { // finds: 3 exported declarations without a comment: Line, Total, Parcels
	Price, Count int
}

// Cart holds lines.
type Cart struct {
	mu    sync.Mutex
	Lines []Line
}

func Total(c Cart) int { // finds: (copylocks)
	sum := 0
	for _, l := range c.Lines {
		sum += l.Price * l.Count
	}
	return sum
}

// Print prints.
func Print(c *Cart) {
	fmt.Printf("%d lines\n", "three") // finds: (printf)
	var m map[string]int
	if m == nil {
		m["a"] = 1 // finds: (nilness)
	}
}

// Wait waits.
func Wait(ctx context.Context) error {
	ctx, _ = context.WithTimeout(ctx, time.Second) // finds: (lostcancel)
	<-ctx.Done()
	if err := ctx.Err(); err == nil == true {
		return nil
	}
	return ctx.Err()
}

// Route takes many parameters.
func Route(a, b, c, d, e, f, g int) int { // finds: takes 7 parameters
	return a + b + c + d + e + f + g
}

func Parcels(c *Cart, heavy, fragile, abroad bool) (n int) { // finds: has a cognitive complexity of
	for _, l := range c.Lines {
		if l.Count > 0 {
			for range l.Count {
				if heavy && l.Price > 10 || fragile {
					if abroad {
						if n > 3 {
							n += 2
						} else if n > 2 && heavy {
							n++
						}
					} else {
						switch {
						case fragile:
							n += 3
						case heavy, l.Price == 2:
							n += 4
						default:
							n++
						}
					}
				}
			}
		}
	}
	return n
}

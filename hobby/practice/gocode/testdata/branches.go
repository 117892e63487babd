// Package branches is a fixture of gocyclo's numbers.
package branches

type T[P any] struct{ v []P }

func straight(a int) int { return a }

func branched(a, b int, s []int, ch chan int) (n int) {
	if a > b && b > 0 || a == 3 {
		n++
	} else if a < 0 {
		n--
	} else {
		n = 5
	}
	for i := 0; i < a && n < 10; i++ {
		n += i
	}
	for range s {
		n++
	}
	for {
		break
	}
	switch {
	case a == 1, a == 2:
		n++
	case b == 1:
		n++
		fallthrough
	default:
		n--
	}
	select {
	case v := <-ch:
		n += v
	default:
	}
	f := func(x int) bool { return x > 1 || x < -1 }
	if f(n) {
		return 1
	}
	return n
}

func (t *T[P]) Len() int {
	if t == nil {
		return 0
	}
	return len(t.v)
}

func (t T[P]) Kind(x any) string {
	switch x.(type) {
	case int, uint:
		return "number"
	case string:
		return "text"
	case nil:
		return "nothing"
	}
	return ""
}

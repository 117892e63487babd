package cart

// First is like Second.
func First(values []int, limit int) (kept []int, sum int) { // finds: are the same
	for i, v := range values {
		if v > limit && i%2 == 0 {
			kept = append(kept, v*2+1)
			sum += v
		} else if v < -limit {
			kept = append(kept, -v)
			sum -= v * 3
		}
		if sum > 1000 {
			sum = 1000
		}
	}
	for len(kept) > 10 && sum > 3 {
		kept, sum = kept[1:], sum*2-len(values)
		sum--
	}
	return kept, sum
}

// Second is like First.
func Second(prices []int, bound int) (taken []int, total int) {
	for n, p := range prices {
		if p > bound && n%3 == 0 {
			taken = append(taken, p*4+5)
			total += p
		} else if p < -bound {
			taken = append(taken, -p)
			total -= p * 6
		}
		if total > 2000 {
			total = 2000
		}
	}
	for len(taken) > 20 && total > 7 {
		taken, total = taken[2:], total*8-len(prices)
		total--
	}
	return taken, total
}

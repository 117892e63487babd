package irt

import "math"

// stability is the number of days after which FSRS's power forgetting curve
// has come down to 0.9.
const stability = 90

// fade is, per family, the standard deviation that the time since its last
// evidence adds. A family without evidence fades with the newest of the rest.
func fade(evidence []history, asOf int) []float64 {
	newest := math.MinInt
	for i := range evidence {
		if n := len(evidence[i].cells); n > 0 {
			newest = max(newest, evidence[i].cells[n-1].Day)
		}
	}
	sd := make([]float64, len(evidence))
	for i := range evidence {
		last := newest
		if n := len(evidence[i].cells); n > 0 {
			last = evidence[i].cells[n-1].Day
		}
		if last > math.MinInt {
			age := float64(asOf) - float64(last)
			r := 1 / math.Sqrt(1+19.0/81*age/stability)
			sd[i] = familySD * math.Sqrt(1-r)
		}
	}
	return sd
}

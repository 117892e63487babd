package hobby

import "time"

// HLC is a hybrid logical clock reading (Kulkarni et al. 2014): 48 bits of
// Unix milliseconds over 16 bits of counter. Readings of one node always
// grow, whatever its wall clock does, and they order as integers.
type HLC uint64

// Next returns the reading after h at wall time now.
func (h HLC) Next(now time.Time) HLC {
	wall := HLC(max(0, now.UnixMilli())) << 16
	if wall > h {
		return wall
	}
	return h + 1
}

// Time returns the wall clock part.
func (h HLC) Time() time.Time { return time.UnixMilli(int64(h >> 16)).UTC() }

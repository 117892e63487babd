package httpapi

import (
	"context"
	"slices"
	"sync"
)

// streams shares out the event streams that may be open between client addresses.
type streams struct {
	most int

	mu   sync.Mutex
	open []*stream // the oldest first
}

type stream struct {
	from string
	end  context.CancelFunc
}

// take opens a stream of an address, whose context ends when another address gets
// its place. done gives the place back; it is nil when there is none. Where all are
// taken the address that has most loses its oldest one to an address that has at
// least two fewer, so that no two addresses take places from each other for ever.
func (s *streams) take(ctx context.Context, from string) (_ context.Context, done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= s.most {
		counts := map[string]int{}
		for _, o := range s.open {
			counts[o.from]++
		}
		i := -1 // the oldest of the address with most
		for j, o := range s.open {
			if i < 0 || counts[o.from] > counts[s.open[i].from] {
				i = j
			}
		}
		if counts[s.open[i].from] < counts[from]+2 {
			return nil, nil
		}
		s.open[i].end()
		s.open = slices.Delete(s.open, i, i+1)
	}
	ctx, end := context.WithCancel(ctx)
	taken := &stream{from, end}
	s.open = append(s.open, taken)
	return ctx, func() {
		end()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open = slices.DeleteFunc(s.open, func(o *stream) bool { return o == taken })
	}
}

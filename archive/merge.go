package archive

import (
	"cmp"
	"container/heap"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// place is where a row stands in the order of a listing: by time, then by id, newest
// first.
type place struct {
	at int64 // Unix nanoseconds
	id string
}

func (p place) compare(o place) int { return cmp.Or(cmp.Compare(o.at, p.at), cmp.Compare(o.id, p.id)) }

// String is the cursor that continues after p.
func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.at, 10) + " " + p.id))
}

// parsePlace reads a cursor; hobby.ErrInvalid.
func parsePlace(cursor string) (p place, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, found := strings.Cut(string(raw), " ")
	if err == nil {
		p.at, err = strconv.ParseInt(at, 10, 64)
	}
	if p.id = id; err != nil || !found || p.String() != cursor {
		return p, fmt.Errorf("%w: the cursor %.64q did not come from a listing", hobby.ErrInvalid, cursor)
	}
	return p, nil
}

// from is the place after which a cursor continues, and the end of the times from which
// on nothing can follow: until, or sooner. "" continues at the newest.
func from(cursor string, until time.Time) (place, time.Time, error) {
	if cursor == "" {
		return place{math.MaxInt64, "\xff"}, until, nil
	}
	after, err := parsePlace(cursor)
	if next := time.Unix(0, after.at).Add(1); until.IsZero() || next.Before(until) {
		until = next
	}
	return after, until, err
}

// entry is a row, or a source of rows that is not loaded yet.
type entry[V any] struct {
	place
	// rank is greater for what is newer: of the rows of one id the one of the greatest
	// rank counts.
	rank int64
	v    V
	// load reads the rows of a source, none of which is newer than at, and what follows.
	load func() ([]entry[V], error)
}

// queue has the newest entry first: sources before the rows of the same time.
type queue[V any] []entry[V]

func (q queue[V]) Len() int      { return len(q) }
func (q queue[V]) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue[V]) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	if a.at != b.at {
		return a.at > b.at
	}
	if (a.load != nil) != (b.load != nil) {
		return a.load != nil
	}
	return cmp.Or(a.compare(b.place), cmp.Compare(b.rank, a.rank)) < 0
}
func (q *queue[V]) Push(x any) { *q = append(*q, x.(entry[V])) }
func (q *queue[V]) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// merge hands the rows of sources over, newest first and each id once, until yield
// returns false. Of each source no more is loaded than that takes. What a source fails
// with goes to fail, which says whether to go on without it.
func merge[V any](sources []entry[V], yield func(place, V) bool, fail func(error) error) error {
	q := queue[V](sources)
	heap.Init(&q)
	var last *place
	for q.Len() > 0 {
		e := heap.Pop(&q).(entry[V])
		if e.load != nil {
			more, err := e.load()
			if err != nil {
				if err := fail(err); err != nil {
					return err
				}
			}
			for _, m := range more {
				heap.Push(&q, m)
			}
			continue
		}
		if last != nil && last.compare(e.place) == 0 {
			continue // an older copy
		}
		last = &e.place
		if !yield(e.place, e.v) {
			return nil
		}
	}
	return nil
}

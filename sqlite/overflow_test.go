package sqlite_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestSumsThatDoNotFit has a store with sums that overflowed in an earlier
// version: SQLite turned them into floats, or they wrapped. All reads answer,
// and sessions are added as ever.
func TestSumsThatDoNotFit(t *testing.T) {
	s := open(t, ":memory:", nil)
	defer closeStore(t, s)
	commit(t, s, session(1))
	err := s.Write(t.Context(), func(tx *sqlite.Tx) error {
		if _, err := tx.Exec("UPDATE pastime_hobby_counts SET tokens_in = 9.3e18, tokens_out = -5, " +
			"time = 1e300, cpu = 9223372036854775807"); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE pastime_hobby_tallies SET millis = 9.3e18")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		for _, bucket := range []hobby.Bucket{hobby.Hourly, hobby.Daily, hobby.Total} {
			counts, err := s.Counts(t.Context(), hobby.CountFilter{Bucket: bucket})
			if err != nil || len(counts) != 1 {
				t.Fatalf("%s: %v, %v", bucket, counts, err)
			}
			want := hobby.Count{Time: math.MaxInt64, Cost: hobby.Cost{TokensIn: math.MaxInt64, CPU: math.MaxInt64}}
			got := hobby.Count{Time: counts[0].Time, Cost: counts[0].Cost}
			if d := cmp.Diff(want, got); d != "" && round == 0 {
				t.Errorf("%s (-want +got):\n%s", bucket, d)
			}
			if got.Time != math.MaxInt64 || got.Cost.TokensIn != math.MaxInt64 || counts[0].Started != int64(1+round) {
				t.Errorf("%s, after %d more: %+v", bucket, round, counts[0])
			}
		}
		tallies, _, err := s.Tallies(t.Context(), hobby.TallyFilter{})
		if err != nil || len(tallies) != 1 || tallies[0].Millis != math.MaxInt64 || tallies[0].Tries != int64(1+round) {
			t.Errorf("tallies: %+v, %v", tallies, err)
		}
		more := session(2)
		more.Activity.Ended = more.Activity.Started.Add(time.Hour)
		more.Activity.Cost = hobby.Cost{TokensIn: 7, TokensOut: 7, CPU: 7}
		commit(t, s, more)
	}
}

package httpapi

import (
	"context"
	"testing"

	"pgregory.net/rapid"
)

// TestStreamsAreShared opens and ends streams of four addresses. No more are open
// than may be, nobody who has fewer than another by two is refused, and no one
// loses a stream to an address that has as many.
func TestStreamsAreShared(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &streams{most: rapid.IntRange(1, 8).Draw(t, "most")}
		type open struct {
			from string
			ctx  context.Context
			done func()
		}
		var all []open
		living := func() (alive []open, counts map[string]int) {
			counts = map[string]int{}
			for _, o := range all {
				if o.ctx.Err() == nil {
					alive = append(alive, o)
					counts[o.from]++
				}
			}
			return alive, counts
		}
		t.Repeat(map[string]func(*rapid.T){
			"open": func(t *rapid.T) {
				from := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "from")
				before, had := living()
				most := 0
				for _, n := range had {
					most = max(most, n)
				}
				ctx, done := s.take(context.Background(), from)
				if want := len(before) < s.most || most >= had[from]+2; (done != nil) != want {
					t.Fatalf("%s with %d of %d, most of them at one address %d: opened %v, want %v",
						from, had[from], len(before), most, done != nil, want)
				}
				if done == nil {
					return
				}
				all = append(all, open{from, ctx, done})
				after, has := living()
				if len(after) > s.most || has[from] != had[from]+1 {
					t.Fatalf("%d are open, %d of %s", len(after), has[from], from)
				}
				for other, n := range had {
					if has[other] < n && n < most {
						t.Fatalf("%s lost one of %d, and another had %d", other, n, most)
					}
				}
			},
			"end": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
				all[i].done()
				all[i].done() // a second time is nothing
				if all[i].ctx.Err() == nil {
					t.Fatal("an ended stream goes on")
				}
			},
		})
	})
}

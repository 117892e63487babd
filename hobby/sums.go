package hobby

import "github.com/pastime-go/pastime/internal/saturate"

// A Store keeps two kinds of sums. This file says once, for all stores, what an
// answer and an activity add to them.

// TallyOf is the tally in which an answer of an activity is counted, if it is
// [Item.Counted]. Its sums are those of this answer alone.
func TallyOf(a *Activity, i *Item) Tally {
	t := Tally{
		Agent: a.Agent, Node: a.Node, ModelKey: i.ModelKey, Kind: a.Plan.Kind, Family: i.Family, Version: max(1, i.Version),
		Level: i.Level, Split: i.Split, Day: Day(i.At), Tries: 1, Millis: i.Latency.Milliseconds(),
	}
	if i.Passed() {
		t.Passes = 1
	}
	return t
}

// Key is t without its sums. Tallies with the same key are added up.
func (t Tally) Key() Tally {
	t.Tries, t.Passes, t.Millis = 0, 0, 0
	return t
}

// Add returns t with the sums of u added. Sums that overflow stay at the largest
// number.
func (t Tally) Add(u Tally) Tally {
	t.Tries, t.Passes, t.Millis = saturate.Add(t.Tries, u.Tries), saturate.Add(t.Passes, u.Passes), saturate.Add(t.Millis, u.Millis)
	return t
}

// CountOf is what an activity that changes from was to a adds to the counts:
// those of all time, of the hour and of the day of its start. A new activity
// changes from the zero Activity.
func CountOf(was, a *Activity) Count {
	one := func(yes bool) int64 {
		if yes {
			return 1
		}
		return 0
	}
	c := Count{
		Kind: a.Plan.Kind, At: a.Started, Last: a.Started,
		Started: one(was.Version == 0), Completed: one(a.Status == Completed),
		Failed: one(a.Status == Failed), Interrupted: one(a.Status == Interrupted),
		Items: int64(a.Items - was.Items), Passes: int64(a.Passes - was.Passes),
		Insights: int64(a.Insights - was.Insights), Cut: int64(a.Cut - was.Cut),
		Cost: a.Cost.Add(Cost{TokensIn: -was.Cost.TokensIn, TokensOut: -was.Cost.TokensOut, CPU: -was.Cost.CPU, MicroUSD: -was.Cost.MicroUSD}),
	}
	if a.Status.Ended() {
		c.Time, c.Engaged = a.Duration(a.Ended), a.Engaged
	}
	return c
}

// Add returns c with the sums of d added, and the newer Last.
func (c Count) Add(d Count) Count {
	c.Started += d.Started
	c.Completed += d.Completed
	c.Failed += d.Failed
	c.Interrupted += d.Interrupted
	c.Items += d.Items
	c.Passes += d.Passes
	c.Insights += d.Insights
	c.Cut += d.Cut
	c.Time = saturate.Add(c.Time, d.Time)
	c.Engaged = saturate.Add(c.Engaged, d.Engaged)
	c.Cost = c.Cost.Add(d.Cost)
	if d.Last.After(c.Last) {
		c.Last = d.Last
	}
	return c
}

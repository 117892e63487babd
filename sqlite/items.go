package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// group is what an ItemFilter tells apart, but for the time.
type group struct {
	kind              hobby.Kind
	family, modelKey  string
	split             hobby.Split
	passed, untainted bool
}

// group finds the group of an item, or makes it. known are those that this commit
// has found.
func (tx *Tx) group(known map[group]int64, a *hobby.Activity, i *hobby.Item) (id int64, err error) {
	g := group{a.Plan.Kind, i.Family, i.ModelKey, i.Split, i.Passed(), i.Trusted()}
	if id, ok := known[g]; ok {
		return id, nil
	}
	// The update changes nothing; it makes the row that is there come back.
	err = tx.QueryRow(`INSERT INTO pastime_hobby_groups (kind, family, model_key, split, passed, untainted) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET kind = kind RETURNING id`, []any{g.kind, g.family, g.modelKey, g.split, g.passed, g.untainted}, &id)
	if err != nil {
		return 0, fmt.Errorf("finding the group of an item: %w", err)
	}
	known[g] = id
	return id, nil
}

// Items implements hobby.Store. It takes the newest of each group that the filter
// selects, and merges them. There is a group for each family and model, and for
// what else a filter tells apart; they do not grow with the history.
func (s *Store) Items(ctx context.Context, f hobby.ItemFilter) (p hobby.ItemPage, err error) {
	var groups, times Where
	groups.If(f.Kind != "", "kind = ?", f.Kind)
	groups.If(f.Family != "", "family = ?", f.Family)
	groups.If(f.Split != "", "split = ?", f.Split)
	if len(f.ModelKeys) > 0 {
		keys, err := json.Marshal(f.ModelKeys)
		if err != nil {
			return p, fmt.Errorf("sqlite: marshalling ItemFilter.ModelKeys: %w", err)
		}
		groups.And("model_key IN (SELECT value FROM json_each(?))", string(keys))
	}
	groups.If(f.Passed, "passed = 1")
	groups.If(f.Missed, "passed = 0")
	groups.If(f.Untainted, "untainted = 1")
	times.If(!f.Since.IsZero(), "at >= ?", nanos(f.Since))
	times.If(!f.Until.IsZero(), "at < ?", nanos(f.Until))
	if err := times.After(f.Cursor, "at", "pos"); err != nil {
		return p, err
	}
	text, args := itemQuery(&groups, &times, clip(f.Limit)+1)
	p.Items, p.Next, err = ReadPage(ctx, s, "reading items", text, args, f.Limit, scanTimed[hobby.Item])
	return p, err
}

// itemQuery is the query for the newest items of some groups, of each so many at
// most, without its LIMIT.
func itemQuery(groups, times *Where, each int) (text string, args []any) {
	const order = " ORDER BY at DESC, pos DESC"
	if len(groups.conditions) == 0 {
		return "SELECT at, pos, body FROM pastime_hobby_items" + times.String() + order, times.Args()
	}
	newest := *times
	newest.conditions = append([]string{"grp = g.id"}, times.conditions...)
	// The page is found in the index on (grp, at); bodies are read of its rows alone.
	text = `WITH page AS (SELECT i.at, i.pos FROM (SELECT id FROM pastime_hobby_groups` + groups.String() + `) g
			CROSS JOIN pastime_hobby_items i WHERE i.pos IN (SELECT pos FROM pastime_hobby_items` + newest.String() + order + ` LIMIT ?)` +
		` ORDER BY i.at DESC, i.pos DESC LIMIT ?)
		SELECT p.at AS at, p.pos AS pos, i.body FROM page p CROSS JOIN pastime_hobby_items i ON i.pos = p.pos` + order
	args = append(append(groups.Args(), newest.args...), each, each)
	return text, args
}

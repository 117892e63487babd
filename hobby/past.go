package hobby

import "context"

// Past is all practice, also what was moved out of the store. package archive has one;
// [PastOf] is that of a store where nothing was.
type Past interface {
	// Session reads one session whole; ErrNotFound.
	Session(ctx context.Context, id string) (Session, error)
	// Insights reads the insights with these ids, in their order. Those that are
	// nowhere are left out.
	Insights(ctx context.Context, ids []string) ([]Insight, error)
	// Items reads verified answers, newest first by At. Its cursors are its own.
	ItemReader
}

// Returner is a [Past] that gives the store a session back, so that a decision on an
// insight can be noted there. Package archive has one.
type Returner interface {
	// Return stores the session that has an insight as it was, unless it is stored;
	// ErrNotFound.
	Return(ctx context.Context, insight string) error
}

// PastOf is what a store has.
func PastOf(r Record) Past { return livePast{r} }

type livePast struct{ Record }

func (p livePast) Session(ctx context.Context, id string) (Session, error) {
	return p.Activity(ctx, id)
}

func (p livePast) Insights(ctx context.Context, ids []string) (all []Insight, err error) {
	for _, id := range ids {
		page, err := p.Record.Insights(ctx, InsightFilter{ID: id, Limit: 1})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Insights...)
	}
	return all, nil
}

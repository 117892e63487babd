package httpapi

// Paging is where a listing goes on. The input of every listing embeds it.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"256" doc:"continue at the next_cursor of an answer"`
}

// Next is where the next page of a listing begins. The answer of every listing
// embeds it.
type Next struct {
	NextCursor *string `json:"next_cursor,omitempty" doc:"give it as cursor for those that follow; absent at the end"`
}

func next(cursor string) Next { return Next{optional(cursor)} }

// each converts what a listing found. A listing that found nothing is an empty
// array in JSON, never null.
func each[A, B any](all []A, convert func(*A) B) []B {
	out := make([]B, 0, len(all))
	for i := range all {
		out = append(out, convert(&all[i]))
	}
	return out
}

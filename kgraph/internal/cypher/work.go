package cypher

import "context"

// maxBytes bounds what is kept for an answer, and a value in between.
const maxBytes = 64 << 20

// patience is how much work is done between two looks at the context.
const patience = 1 << 12

// work bounds what a query costs beside the steps of its matches. A unit is a step, an
// expression that is evaluated, or some bytes of a large value.
type work struct {
	ctx context.Context
	n   int   // units since the context was looked at
	err error // why to stop
}

// do counts units, and reports whether to go on.
func (w *work) do(n int) bool {
	if w.n += n; w.n >= patience && w.err == nil {
		w.n, w.err = 0, context.Cause(w.ctx)
	}
	return w.err == nil
}

// hold counts the work of a value of so many bytes, and stops at one that is too large.
func (w *work) hold(bytes int) bool {
	if bytes > maxBytes && w.err == nil {
		w.err = ErrTooBig
	}
	return w.do(bytes / 64)
}

// weigh estimates the bytes of a value, as large as it is when it is shown. It stops
// counting at what is more than most.
func weigh(v any, most int) int {
	switch v := v.(type) {
	case string:
		return 32 + len(v)
	case []any:
		n := 48
		for _, x := range v {
			if n += weigh(x, most-n); n > most {
				break
			}
		}
		return n
	case map[string]any:
		n := 64
		for k, x := range v {
			if n += 48 + len(k) + weigh(x, most-n); n > most {
				break
			}
		}
		return n
	case Node, Rel:
		return 128
	case Path:
		return 64 + 128*(len(v.Nodes)+len(v.Rels))
	}
	return 24
}

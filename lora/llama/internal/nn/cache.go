package nn

import (
	"math"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// PageTokens is how many tokens a page of a cache holds.
const PageTokens = 32

// page holds the keys and values of some tokens of one sequence, for all layers,
// as panels that the kernel multiplies with: the keys of TileCols tokens
// interleaved, the values of TileCols dimensions interleaved.
type page struct {
	refs   int
	tokens int
	data   []float32
}

// Cache makes the pages of sequences and takes them back. One goroutine at a
// time uses a Cache and its sequences.
type Cache struct {
	c    *Config
	free []*page
	used int
}

// NewCache makes a cache for models of a shape.
func NewCache(c *Config) *Cache { return &Cache{c: c} }

// panelDim is a head's width in whole panels.
func (c *Config) panelDim() int {
	return (c.HeadDim + kernel.TileCols - 1) / kernel.TileCols * kernel.TileCols
}

// pageHead is the number of values of a page: keys and values of one head.
func (c *Config) pageHead() (keys, values int) {
	return PageTokens * c.HeadDim, PageTokens * c.panelDim()
}

// PageBytes is the size of a page.
func (c *Config) PageBytes() int64 {
	keys, values := c.pageHead()
	return int64(c.Layers) * int64(c.KVHeads) * int64(keys+values) * 4
}

// Pages is the number of pages of a sequence whose prompt and answer have this
// many tokens.
func Pages(prompt, answer int) int {
	return (prompt+PageTokens-1)/PageTokens + (answer+PageTokens-1)/PageTokens
}

// Used is the number of pages in use.
func (c *Cache) Used() int { return c.used }

func (c *Cache) page() *page {
	c.used++
	if n := len(c.free); n > 0 {
		p := c.free[n-1]
		c.free = c.free[:n-1]
		p.refs, p.tokens = 1, 0
		return p
	}
	return &page{refs: 1, data: make([]float32, c.c.PageBytes()/4)}
}

// Trim gives the pages that are not in use back to the runtime.
func (c *Cache) Trim() { c.free = nil }

// A Sequence is the keys and values of a text.
type Sequence struct {
	cache *Cache
	pages []*page
	n     int
	// fresh says that the next token starts a page. A page is summed up by itself,
	// so the places where pages begin decide the last bits of the result. They
	// begin at the text's start, where a sequence was forked, and where a page is
	// full.
	fresh bool
}

// Sequence returns an empty sequence.
func (c *Cache) Sequence() *Sequence { return &Sequence{cache: c, fresh: true} }

// Len is the number of tokens.
func (s *Sequence) Len() int { return s.n }

// Fork returns a sequence that continues s; they share what s has. s must not
// grow any more.
func (s *Sequence) Fork() *Sequence {
	for _, p := range s.pages {
		p.refs++
	}
	return &Sequence{cache: s.cache, pages: append([]*page(nil), s.pages...), n: s.n, fresh: true}
}

// Head returns a sequence of the first pages of s, which are full; they share them. Its
// pages begin where they would if it had been read by itself, so the bytes are the same.
// s may grow on.
func (s *Sequence) Head(pages int) *Sequence {
	for _, p := range s.pages[:pages] {
		p.refs++
	}
	return &Sequence{cache: s.cache, pages: append([]*page(nil), s.pages[:pages]...), n: pages * PageTokens, fresh: true}
}

// Free gives back the pages that no other sequence uses.
func (s *Sequence) Free() {
	for _, p := range s.pages {
		if p.refs--; p.refs == 0 {
			s.cache.used--
			s.cache.free = append(s.cache.free, p)
		}
	}
	s.pages, s.n = nil, 0
}

// extend makes room for one more token and returns its position.
func (s *Sequence) extend() int {
	if s.fresh || s.pages[len(s.pages)-1].tokens == PageTokens {
		s.pages = append(s.pages, s.cache.page())
		s.fresh = false
	}
	s.pages[len(s.pages)-1].tokens++
	s.n++
	return s.n - 1
}

// locate is the page and the place in it of a position.
func (s *Sequence) locate(position int) (p *page, i int) {
	at := s.n
	for j := len(s.pages) - 1; ; j-- {
		if at -= s.pages[j].tokens; at <= position {
			return s.pages[j], position - at
		}
	}
}

// panels are the keys, [PageTokens/TileCols, HeadDim, TileCols], and the values,
// [panelDim/TileCols, PageTokens, TileCols], of a head.
func (p *page) panels(c *Config, layer, head int) (k, v []float32) {
	keys, values := c.pageHead()
	at := (layer*c.KVHeads + head) * (keys + values)
	return p.data[at:][:keys], p.data[at+keys:][:values]
}

// put stores the keys and values of a token, all heads.
func (p *page) put(c *Config, layer, i int, k, v []float32) {
	for h := range c.KVHeads {
		keys, values := p.panels(c, layer, h)
		keys = keys[i/kernel.TileCols*kernel.TileCols*c.HeadDim+i%kernel.TileCols:]
		for d, x := range k[h*c.HeadDim:][:c.HeadDim] {
			keys[d*kernel.TileCols] = x
		}
		for d, src := 0, v[h*c.HeadDim:][:c.HeadDim]; d < len(src); d += kernel.TileCols {
			copy(values[(d*PageTokens)+i*kernel.TileCols:], src[d:min(len(src), d+kernel.TileCols)])
		}
	}
}

// lookup is the memory of one thread for attention: up to TileRows queries,
// interleaved; their scores, [8, tokens]; a tile of the result.
type lookup struct {
	a, scores, out []float32
}

// query is one head of one token: its query, where its result goes, and how many
// tokens it sees.
type query struct {
	q, out []float32
	seen   int
}

// attend sets the results of queries, at most TileRows, all of which look at the
// same head of the same sequence's keys.
func (u *lookup) attend(c *Config, s *Sequence, layer, head int, qs []query) {
	seen := 0
	for _, q := range qs {
		seen = max(seen, q.seen)
	}
	width := seen + PageTokens + kernel.TileCols
	u.scores = grown(u.scores, 8*width)
	u.out = grown(u.out, kernel.TileRows*c.panelDim())
	u.a = grown(u.a, kernel.TileRows*max(c.HeadDim, PageTokens)+8)

	for i, q := range qs {
		for d, x := range q.q {
			u.a[d*kernel.TileRows+i] = x
		}
	}
	at := 0
	for _, p := range s.pages {
		if at >= seen {
			break
		}
		keys, _ := p.panels(c, layer, head)
		panels := (p.tokens + kernel.TileCols - 1) / kernel.TileCols
		kernel.Tile(len(qs), c.HeadDim, u.a, keys, panels, c.HeadDim*kernel.TileCols, u.scores[at:], width, false)
		at += p.tokens
	}
	scale := float32(1 / math.Sqrt(float64(c.HeadDim)))
	for i, q := range qs {
		row := u.scores[i*width:][:width]
		kernel.Scale(row[:q.seen], scale)
		kernel.Softmax(row[:q.seen])
		clear(row[q.seen:])
	}
	u.mix(c, s, layer, head, seen, width, len(qs))
	for i, q := range qs {
		copy(q.out, u.out[i*c.panelDim():])
	}
}

// mix adds up the values by their probabilities, a page at a time. Tokens after
// those that a query sees have the probability 0 and change nothing.
func (u *lookup) mix(c *Config, s *Sequence, layer, head, seen, width, rows int) {
	prob := kernel.View(u.scores[:8*width], 8, width) // of which rows count
	at := 0
	for _, p := range s.pages {
		n := min(p.tokens, seen-at)
		if n <= 0 {
			break
		}
		kernel.Interleave(u.a, prob, at, n)
		_, values := p.panels(c, layer, head)
		panels := c.panelDim() / kernel.TileCols
		kernel.Tile(rows, n, u.a, values, panels, PageTokens*kernel.TileCols, u.out, c.panelDim(), at > 0)
		at += p.tokens
	}
}

func grown(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n, n+n/4)
	}
	return s[:n]
}

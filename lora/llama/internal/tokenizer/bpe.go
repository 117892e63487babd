package tokenizer

import (
	"slices"
	"unicode/utf8"
)

// bpe merges the symbols of a word, always the pair of lowest rank and of those
// the leftmost, until no pair is left that the vocabulary merges (Sennrich et
// al., 2016, "Neural Machine Translation of Rare Words with Subword Units").
type bpe struct {
	// byteLevel says that symbols begin as bytes and not as characters.
	byteLevel bool
	single    [256]int32       // the tokens of bytes; -1 where there is none
	chars     map[string]int32 // of characters
	merges    map[uint64]merge // by pair
	// words are the tokens whose text is merged into just them.
	words    map[string]int32
	fallback [256]int32 // the tokens for bytes of characters without one; -1
	unknown  int32      // the token of characters without a token; -1 for none
	fuse     bool       // one unknown for a run
}

type merge struct{ rank, id int32 }

func pair(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

// symbol is a part of a word, in a list; id is -1 when it has been merged away.
type symbol struct{ id, prev, next int32 }

// short is the length from which words are merged with a heap: below, looking
// through all pairs is faster.
const short = 24

// encode appends a word's tokens.
func (b *bpe) encode(ids []int, word string) []int {
	if id, ok := b.words[word]; ok {
		return append(ids, int(id))
	}
	return b.merge(ids, word)
}

func (b *bpe) merge(ids []int, word string) []int {
	var buffer [short]symbol
	symbols := b.symbols(buffer[:0], word)
	if len(symbols) <= short {
		for _, s := range b.mergeShort(symbols) {
			ids = append(ids, int(s.id))
		}
		return ids
	}
	b.mergeLong(symbols)
	for i := int32(0); i >= 0; i = symbols[i].next {
		ids = append(ids, int(symbols[i].id))
	}
	return ids
}

// symbols returns the symbols of a word before merges.
func (b *bpe) symbols(s []symbol, word string) []symbol {
	add := func(id int32) {
		if id >= 0 && !(id == b.unknown && b.fuse && len(s) > 0 && s[len(s)-1].id == id) {
			s = append(s, symbol{id: id})
		}
	}
	if b.byteLevel {
		for i := range len(word) {
			if id := b.single[word[i]]; id >= 0 {
				s = append(s, symbol{id: id})
			} else {
				add(b.unknown)
			}
		}
		return s
	}
	for len(word) > 0 {
		_, n := utf8.DecodeRuneInString(word)
		c := word[:n]
		word = word[n:]
		if id, ok := b.chars[c]; ok {
			s = append(s, symbol{id: id})
		} else if b.hasBytes(c) {
			for i := range len(c) {
				s = append(s, symbol{id: b.fallback[c[i]]})
			}
		} else {
			add(b.unknown)
		}
	}
	return s
}

func (b *bpe) hasBytes(c string) bool {
	for i := range len(c) {
		if b.fallback[c[i]] < 0 {
			return false
		}
	}
	return true
}

// mergeShort looks for the best pair again after every merge.
func (b *bpe) mergeShort(s []symbol) []symbol {
	if len(s) < 2 {
		return s
	}
	var ranks [short]merge // of the pairs that begin at each symbol
	for i := range len(s) - 1 {
		ranks[i] = b.lookup(s[i].id, s[i+1].id)
	}
	for {
		best := 0
		for i := 1; i < len(s)-1; i++ {
			if ranks[i].rank < ranks[best].rank {
				best = i
			}
		}
		if len(s) < 2 || ranks[best].rank == none.rank {
			return s
		}
		s[best].id = ranks[best].id
		copy(ranks[best+1:], ranks[best+2:len(s)])
		s = slices.Delete(s, best+1, best+2)
		if best > 0 {
			ranks[best-1] = b.lookup(s[best-1].id, s[best].id)
		}
		if best < len(s)-1 {
			ranks[best] = b.lookup(s[best].id, s[best+1].id)
		} else {
			ranks[best] = none
		}
	}
}

// none is the merge of a pair that has none.
var none = merge{rank: 1<<31 - 1, id: -1}

func (b *bpe) lookup(left, right int32) merge {
	if m, ok := b.merges[pair(left, right)]; ok {
		return m
	}
	return none
}

// mergeLong takes pairs from a heap and links the remaining symbols.
func (b *bpe) mergeLong(s []symbol) {
	for i := range s {
		s[i].prev, s[i].next = int32(i-1), int32(i+1)
	}
	s[len(s)-1].next = -1
	h := make(heap, 0, len(s))
	push := func(left int32) {
		if left < 0 || s[left].next < 0 {
			return
		}
		if m := b.lookup(s[left].id, s[s[left].next].id); m != none {
			h.push(candidate{key: uint64(m.rank)<<32 | uint64(left), id: m.id})
		}
	}
	for i := range s {
		push(int32(i))
	}
	for len(h) > 0 {
		c := h.pop()
		left := int32(uint32(c.key))
		right := s[left].next
		// A pair may have changed since it was pushed.
		if s[left].id < 0 || right < 0 || b.lookup(s[left].id, s[right].id).id != c.id {
			continue
		}
		s[left].id, s[left].next = c.id, s[right].next
		s[right].id = -1
		if next := s[left].next; next >= 0 {
			s[next].prev = left
		}
		push(s[left].prev)
		push(left)
	}
}

// candidate is a pair that may be merged into id: key orders by rank, then by
// place.
type candidate struct {
	key uint64
	id  int32
}

// heap is a binary heap with the lowest key first.
type heap []candidate

func (h *heap) push(c candidate) {
	*h = append(*h, c)
	q := *h
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q[up].key <= c.key {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = c
}

func (h *heap) pop() candidate {
	q := *h
	top, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	if len(q) == 0 {
		return top
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if down+1 < len(q) && q[down+1].key < q[down].key {
			down++
		}
		if last.key <= q[down].key {
			break
		}
		q[i] = q[down]
		i = down
	}
	q[i] = last
	return top
}

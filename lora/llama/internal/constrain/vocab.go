package constrain

import (
	"fmt"
	"slices"
	"strings"
)

// Vocab is a model's vocabulary, arranged for finding the tokens that may come
// next. It is safe for concurrent use.
type Vocab struct {
	size   int
	pieces []string
	ends   []int
	// tree holds the tokens' texts as a trie, in depth-first order.
	tree []branch
	// tokens are the branches' tokens.
	tokens []int32
	depth  int
	// can are the bytes that are tokens by themselves. wide says that all bytes
	// of UTF-8 beyond ASCII are.
	can  [256]bool
	wide bool
}

type branch struct {
	b     byte
	depth int32
	skip  int32 // index of the first branch that is not below this one
	first int32 // its tokens are tokens[first:next branch's first]
}

// NewVocab makes the vocabulary of size tokens. piece returns the bytes that a
// token adds to a text, and none for tokens that no answer may have. Any of ends
// ends an answer. To write JSON, the tokens must include all of
// {}[]",:\-.0123456789 as single bytes.
func NewVocab(size int, piece func(id int) []byte, ends []int) (*Vocab, error) {
	v := &Vocab{size: size, pieces: make([]string, size), ends: ends}
	ids := make([]int32, 0, size)
	for id := range size {
		v.pieces[id] = string(piece(id))
		if v.pieces[id] != "" && !slices.Contains(ends, id) {
			ids = append(ids, int32(id))
		}
		if len(v.pieces[id]) == 1 {
			v.can[v.pieces[id][0]] = true
		}
	}
	slices.SortFunc(ids, func(a, b int32) int { return strings.Compare(v.pieces[a], v.pieces[b]) })
	v.grow(ids, 0)
	v.tree = append(v.tree, branch{first: int32(len(v.tokens))}) // a fence
	for _, b := range []byte(`{}[]",:\-.0123456789`) {
		if !v.can[b] {
			return v, fmt.Errorf("constrain: the vocabulary has no token for %q alone, so JSON cannot be guaranteed", b)
		}
	}
	v.wide = true
	for b := 0x80; b < 0xc0; b++ {
		v.wide = v.wide && v.can[b]
	}
	return v, nil
}

// grow adds the branches of tokens that agree in their first depth bytes.
func (v *Vocab) grow(ids []int32, depth int) {
	v.depth = max(v.depth, depth)
	for len(ids) > 0 {
		b := v.pieces[ids[0]][depth]
		n := 0 // tokens on this branch
		for n < len(ids) && v.pieces[ids[n]][depth] == b {
			n++
		}
		at := len(v.tree)
		v.tree = append(v.tree, branch{b: b, depth: int32(depth), first: int32(len(v.tokens))})
		here := 0 // tokens that end here
		for here < n && len(v.pieces[ids[here]]) == depth+1 {
			here++
		}
		v.tokens = append(v.tokens, ids[:here]...)
		v.grow(ids[here:n], depth+1)
		v.tree[at].skip = int32(len(v.tree))
		ids = ids[n:]
	}
}

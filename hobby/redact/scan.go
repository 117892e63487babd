package redact

import "strings"

// start is a text that a rule's secrets begin with.
type start struct {
	text string
	rule int
}

// hit is a start that ends at the scanner's place.
type hit struct {
	text  string
	exact bool // in this case only
	rule  int
}

// scanner finds all starts in one pass over a text. It is an automaton by Aho and
// Corasick (1975) with precomputed transitions. Upper and lower case are the same
// to it.
type scanner struct {
	class   [256]uint8 // of a byte; 0 for those in no start
	classes int
	next    []int32 // by state and class: the next state
	hits    [][]hit // by state
}

func newScanner(starts []start) *scanner {
	s := &scanner{classes: 1}
	for _, st := range starts {
		for _, b := range []byte(strings.ToLower(st.text)) {
			if s.class[b] == 0 {
				s.class[b] = uint8(s.classes)
				s.classes++
			}
		}
	}
	for b := 'A'; b <= 'Z'; b++ {
		s.class[b] = s.class[b+'a'-'A']
	}
	s.state()
	for _, st := range starts {
		at := 0
		for _, b := range []byte(st.text) {
			edge := at*s.classes + int(s.class[b])
			if s.next[edge] == 0 {
				to := s.state() // first, because it makes next grow
				s.next[edge] = to
			}
			at = int(s.next[edge])
		}
		s.hits[at] = append(s.hits[at], hit{st.text, st.text != strings.ToLower(st.text), st.rule})
	}
	s.link()
	return s
}

// state adds a state.
func (s *scanner) state() int32 {
	s.next = append(s.next, make([]int32, s.classes)...)
	s.hits = append(s.hits, nil)
	return int32(len(s.hits) - 1)
}

// link fills in the transitions on bytes that continue no start. They go to the
// state of the longest suffix of the text read that begins a start.
func (s *scanner) link() {
	back := make([]int32, len(s.hits)) // by state: the state of its longest suffix
	queue := []int32{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for c := range s.classes {
			edge := int(at)*s.classes + c
			end := int32(0)
			if at != 0 {
				end = s.next[int(back[at])*s.classes+c]
			}
			to := s.next[edge]
			if to == 0 {
				s.next[edge] = end
				continue
			}
			back[to] = end
			s.hits[to] = append(s.hits[to], s.hits[end]...)
			queue = append(queue, to)
		}
	}
}

// each calls fn for each start in text, text[from:to], in the order of the starts'
// ends.
func (s *scanner) each(text string, fn func(from, to, rule int)) {
	state := int32(0)
	for i := range len(text) {
		state = s.next[int(state)*s.classes+int(s.class[text[i]])]
		hits := s.hits[state]
		for j := range hits {
			h := &hits[j]
			at := i + 1 - len(h.text)
			if !h.exact || text[at:i+1] == h.text {
				fn(at, i+1, h.rule)
			}
		}
	}
}

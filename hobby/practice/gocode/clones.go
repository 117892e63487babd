package gocode

import (
	"cmp"
	"go/scanner"
	"go/token"
	"hash/maphash"
	"slices"
)

const (
	// cloneTokens is how long a run of equal tokens must be to be a clone.
	cloneTokens = 100
	// mostPlaces is how often a run may occur and still be looked at: what
	// stands everywhere is an idiom.
	mostPlaces = 20
)

// clone is a run of tokens that stands in two places, names and values of
// literals aside.
type clone struct {
	a, b         *file
	aLine, aEnd  int
	bLine, bEnd  int
	tokens, same int // same counts the tokens whose names and values agree too
}

// similarity is the share of the tokens that are the same to the letter.
func (c *clone) similarity() float64 { return float64(c.same) / float64(c.tokens) }

// tokenStream is a file as tokens.
type tokenStream struct {
	file  *file
	shape []uint64 // of the kind of token
	text  []uint64 // of the whole token
	line  []int
	start []int // the line of the token, or of the next one after a semicolon
}

func tokenize(f *file, seed maphash.Seed) tokenStream {
	s := tokenStream{file: f}
	fset := token.NewFileSet()
	tf := fset.AddFile(f.path, -1, len(f.text))
	var sc scanner.Scanner
	sc.Init(tf, f.text, nil, 0)
	depth := 0 // inside an import block
	imports := false
	var semicolon []bool
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			s.start = slices.Clone(s.line)
			for i := range len(semicolon) - 1 {
				if semicolon[i] {
					s.start[i] = s.line[i+1]
				}
			}
			return s
		}
		if tok == token.IMPORT {
			imports = true
		}
		if imports {
			switch {
			case tok == token.LPAREN:
				depth++
			case tok == token.RPAREN:
				depth--
			}
			imports = depth > 0 || tok != token.SEMICOLON
			continue
		}
		if tok == token.SEMICOLON {
			lit = ";"
		}
		s.shape = append(s.shape, maphash.Comparable(seed, int(tok)))
		s.text = append(s.text, maphash.String(seed, tok.String()+lit))
		s.line = append(s.line, fset.Position(pos).Line)
		semicolon = append(semicolon, tok == token.SEMICOLON)
	}
}

// place is where a window of tokens begins.
type place struct{ stream, at int }

// clones finds the runs of at least cloneTokens tokens that have the same
// shape in two places, each made as long as it goes. The time is linear in the
// tokens, but for the pairs of equal windows.
func clones(files []*file) []clone {
	seed := maphash.MakeSeed()
	streams := make([]tokenStream, 0, len(files))
	for _, f := range files {
		if f.syntax != nil && !f.test {
			streams = append(streams, tokenize(f, seed))
		}
	}
	windows := map[uint64][]place{}
	for i := range streams {
		roll(streams[i].shape, func(at int, h uint64) { windows[h] = append(windows[h], place{i, at}) })
	}
	var found []clone
	covered := map[[2]int]int{} // of a pair of streams' diagonal: how far it is covered
	for i := range streams {
		roll(streams[i].shape, func(at int, h uint64) {
			places := windows[h]
			if len(places) < 2 || len(places) > mostPlaces {
				return
			}
			for _, p := range places {
				if p.stream < i || p.stream == i && p.at <= at+cloneTokens {
					continue // each pair once, and no run that overlaps itself
				}
				key := [2]int{i<<20 | p.stream, p.at - at}
				if at < covered[key] {
					continue
				}
				if c, end := extend(&streams[i], &streams[p.stream], at, p.at); end > 0 {
					covered[key] = end
					found = append(found, c)
				}
			}
		})
	}
	slices.SortStableFunc(found, func(a, b clone) int {
		return cmp.Or(-cmp.Compare(a.tokens, b.tokens), cmp.Compare(a.a.path, b.a.path), cmp.Compare(a.aLine, b.aLine))
	})
	return found
}

// roll calls f with a hash of each window of cloneTokens values.
func roll(values []uint64, f func(at int, hash uint64)) {
	const base = 1099511628211
	var h, top uint64 = 0, 1
	for range cloneTokens - 1 {
		top *= base
	}
	for i, v := range values {
		if i >= cloneTokens {
			h -= values[i-cloneTokens] * top
		}
		h = h*base + v
		if i >= cloneTokens-1 {
			f(i-cloneTokens+1, h)
		}
	}
}

// extend makes the longest clone that begins at two places; end is 0 when the
// windows only share a hash.
func extend(a, b *tokenStream, i, j int) (clone, int) {
	n, same := 0, 0
	for i+n < len(a.shape) && j+n < len(b.shape) && a.shape[i+n] == b.shape[j+n] && (a != b || i+n < j) {
		if a.text[i+n] == b.text[j+n] {
			same++
		}
		n++
	}
	if n < cloneTokens {
		return clone{}, 0
	}
	return clone{a: a.file, b: b.file, aLine: a.start[i], aEnd: a.line[i+n-1], bLine: b.start[j], bEnd: b.line[j+n-1], tokens: n, same: same}, i + n
}

package gocode

import (
	"cmp"
	"context"
	"go/scanner"
	"go/token"
	"hash/maphash"
	"iter"
	"slices"
)

const (
	// cloneTokens is the least number of equal tokens in a row that make a clone.
	cloneTokens = 100
	// markTokens is the number of tokens that a mark stands for.
	markTokens = 60
	// mostPlaces is the largest number of places of a mark that is compared. A
	// mark with more places is an idiom.
	mostPlaces = 20
	// mostPaired is the largest number of places of a mark that are all compared
	// with each other. Of more, each is compared with the next one only.
	mostPaired = 6
	// mostRuns bounds the suspected runs that are kept. The longest mostClones of
	// them are compared token by token.
	mostRuns, mostClones = 1 << 20, 500
)

// done are tokens that do something. A clone with fewer than leastDone of them is a table of
// values or a list of declarations.
var done = map[token.Token]bool{token.IF: true, token.FOR: true, token.SWITCH: true, token.SELECT: true, token.RETURN: true,
	token.ASSIGN: true, token.DEFINE: true, token.DEFER: true, token.GO: true, token.RANGE: true, token.INC: true, token.ADD_ASSIGN: true}

const leastDone = 5

// clone is a run of tokens that is in two places. Names and values of literals
// may differ.
type clone struct {
	a, b         *facts
	aLine, aEnd  int
	bLine, bEnd  int
	tokens, same int // same counts the tokens whose names and values agree too
	does         int // the number of tokens that do something: assign, branch, return
}

// similarity is the share of the tokens whose names and values agree.
func (c *clone) similarity() float64 { return float64(c.same) / float64(c.tokens) }

// tokenStream is a file as tokens.
type tokenStream struct {
	shape []token.Token // of the kind of token
	text  []uint64      // a hash of the whole token
	line  []int
	start []int // the line of the token, or of the next one after a semicolon
}

// seed is for hashes that are compared within one process only.
var seed = maphash.MakeSeed()

func tokenize(text []byte) tokenStream {
	var s tokenStream
	fset := token.NewFileSet()
	tf := fset.AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(tf, text, nil, 0)
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
		s.shape = append(s.shape, tok)
		s.text = append(s.text, maphash.String(seed, tok.String()+lit))
		s.line = append(s.line, fset.PositionFor(pos, false).Line)
		semicolon = append(semicolon, tok == token.SEMICOLON)
	}
}

// mark stands for markTokens tokens. It is the hash of their kinds, and the index
// of the first among the file's tokens.
type mark struct {
	hash uint64
	at   int32
}

// marks chooses some of a file's runs of markTokens tokens. In two equal runs of
// cloneTokens tokens it chooses at least one in both: winnowing (Schleimer,
// Wilkerson, Aiken: Winnowing: Local Algorithms for Document Fingerprinting,
// SIGMOD 2003). It chooses about one in 20.
func marks(shape []token.Token) []mark {
	const window = cloneTokens - markTokens + 1
	var all, chosen []mark
	roll(shape, func(at int, hash uint64) { all = append(all, mark{hash, int32(at)}) })
	least := -1
	for end := window; end <= len(all); end++ {
		from := end - window
		if least >= from && all[end-1].hash > all[least].hash {
			continue
		}
		if least >= from {
			least = end - 1
		} else {
			least = from
			for i := from + 1; i < end; i++ {
				if all[i].hash <= all[least].hash {
					least = i
				}
			}
		}
		chosen = append(chosen, all[least])
	}
	return slices.Clone(chosen) // without spare capacity, because they are kept
}

// place is where a mark is.
type place struct {
	hash uint64
	file int32
	at   int32
}

// run is where two files have the same marks, and so may have the same tokens.
// diagonal is the place in the second file less the place in the first.
type run struct{ a, b, diagonal int32 }

// span is the first and the last place of a run in its first file.
type span struct{ first, last int32 }

// clones finds runs of at least cloneTokens tokens that have the same shape in
// two places, each as long as possible. Of very many it finds the longest, and of
// several on one diagonal of two files the first and the last.
func clones(ctx context.Context, files []*facts, read load) ([]clone, error) {
	runs, err := suspects(ctx, files)
	if err != nil {
		return nil, err
	}
	var found []clone
	streams := map[int32]*tokenStream{}
	stream := func(i int32) *tokenStream {
		if s, ok := streams[i]; ok {
			return s
		}
		if len(streams) >= 64 {
			clear(streams)
		}
		s := tokenize(read(files[i])) // empty when the file has changed
		streams[i] = &s
		return &s
	}
	for r, s := range longestRuns(ctx, runs) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		a, b := stream(r.a), stream(r.b)
		end := 0
		for _, at := range []int32{s.first, s.last} {
			if int(at) < end {
				continue
			}
			c, to := extend(a, b, int(at), int(at+r.diagonal))
			if to > 0 {
				c.a, c.b = files[r.a], files[r.b]
				found = append(found, c)
			}
			end = max(end, to)
		}
	}
	slices.SortStableFunc(found, func(a, b clone) int {
		return cmp.Or(-cmp.Compare(a.tokens, b.tokens), cmp.Compare(a.a.path, b.a.path), cmp.Compare(a.aLine, b.aLine),
			cmp.Compare(a.b.path, b.b.path), cmp.Compare(a.bLine, b.bLine))
	})
	return found, nil
}

// suspects compares the marks of all files, a part at a time, and looks at the
// context between the parts.
func suspects(ctx context.Context, files []*facts) (map[run]span, error) {
	const parts = 256
	var places [parts][]place
	for i, f := range files {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for _, m := range f.marks {
			places[m.hash%parts] = append(places[m.hash%parts], place{m.hash, int32(i), m.at})
		}
	}
	runs := map[run]span{}
	for _, part := range places {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		slices.SortFunc(part, func(a, b place) int {
			return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.file, b.file), cmp.Compare(a.at, b.at))
		})
		for len(part) > 0 {
			n := 1
			for n < len(part) && part[n].hash == part[0].hash {
				n++
			}
			pair(runs, part[:n])
			part = part[n:]
		}
	}
	return runs, nil
}

// pair adds the places of one mark to the runs.
func pair(runs map[run]span, places []place) {
	if len(places) > mostPlaces {
		return
	}
	for i, p := range places {
		for j := i + 1; j < len(places) && (len(places) <= mostPaired || j == i+1); j++ {
			q := places[j]
			if p.file == q.file && q.at <= p.at+cloneTokens {
				continue // a run must not overlap itself
			}
			r := run{p.file, q.file, q.at - p.at}
			s, known := runs[r]
			switch {
			case known:
				runs[r] = span{min(s.first, p.at), max(s.last, p.at)}
			case len(runs) < mostRuns:
				runs[r] = span{p.at, p.at}
			}
		}
	}
}

// longestRuns yields the mostClones longest runs, in a stable order. When ctx
// ends before, it yields some runs.
func longestRuns(ctx context.Context, runs map[run]span) iter.Seq2[run, span] {
	type candidate struct {
		run
		span
	}
	var best []candidate
	keep := func() {
		slices.SortFunc(best, func(a, b candidate) int {
			return cmp.Or(-cmp.Compare(a.last-a.first, b.last-b.first), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b),
				cmp.Compare(a.diagonal, b.diagonal))
		})
		best = best[:min(len(best), mostClones)]
	}
	for r, s := range runs {
		if best = append(best, candidate{r, s}); len(best) == 8*mostClones {
			keep()
			if ctx.Err() != nil {
				break
			}
		}
	}
	keep()
	return func(yield func(run, span) bool) {
		for _, c := range best {
			if !yield(c.run, c.span) {
				return
			}
		}
	}
}

// roll calls f with a hash of each run of markTokens kinds of token.
func roll(shape []token.Token, f func(at int, hash uint64)) {
	const base = 1099511628211
	var h, top uint64 = 0, 1
	for range markTokens - 1 {
		top *= base
	}
	for i, v := range shape {
		if i >= markTokens {
			h -= mix(uint64(shape[i-markTokens])) * top
		}
		h = h*base + mix(uint64(v))
		if i >= markTokens-1 {
			f(i-markTokens+1, mix(h))
		}
	}
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// extend makes the longest clone through two places with the same mark. end is
// its end in the first file, or 0 when it is too short.
func extend(a, b *tokenStream, i, j int) (c clone, end int) {
	if i >= len(a.shape) || j >= len(b.shape) {
		return clone{}, 0
	}
	n := 0
	for i > 0 && j > 0 && a.shape[i-1] == b.shape[j-1] && (a != b || i+n < j) {
		i, j, n = i-1, j-1, n+1
	}
	same, does := 0, 0
	for n = 0; i+n < len(a.shape) && j+n < len(b.shape) && a.shape[i+n] == b.shape[j+n] && (a != b || i+n < j); n++ {
		if a.text[i+n] == b.text[j+n] {
			same++
		}
		if done[a.shape[i+n]] {
			does++
		}
	}
	if n < cloneTokens {
		return clone{}, 0
	}
	return clone{aLine: a.start[i], aEnd: a.line[i+n-1], bLine: b.start[j], bEnd: b.line[j+n-1], tokens: n, same: same, does: does}, i + n
}

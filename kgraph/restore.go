package kgraph

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"github.com/pastime-go/pastime/hobby"
)

// load opens the index from the snapshot, if there is one that is whole and of rev or
// before. Else the index stays empty, and is filled from the log. The caller holds
// g.catching.
func (g *Graph) load(ctx context.Context, rev int64) error {
	var x *index
	err := g.store.ReadSnapshot(ctx, func(r io.Reader) (err error) {
		x, err = restore(r, g.x.rules.fresh())
		return err
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, hobby.ErrNotFound), errors.Is(err, errors.ErrUnsupported):
		return nil
	case err != nil:
		g.opts.Logger.Warn("the graph is read from its log, since its snapshot cannot be used", "error", err)
		return nil
	case x.rev > rev:
		g.opts.Logger.Warn("the graph is read from its log, since its snapshot is newer", "snapshot", x.rev, "log", rev)
		return nil
	}
	g.mu.Lock()
	g.x, g.saved = x, len(x.facts)
	g.mu.Unlock()
	return nil
}

// snapshotReader makes an index of a snapshot.
type snapshotReader struct {
	x                     *index
	r                     io.Reader
	buf                   []byte
	bad                   bool
	sum                   [sha256.Size]byte
	texts, laws           []int32
	names                 []sorted
	sorts                 [][2]int32 // of each of laws
	lastRev, lastRecorded int64
}

// sorted is a name's number here with its sort.
type sorted struct{ n, sort int32 }

// restore makes an index of a snapshot, with these rules.
func restore(r io.Reader, rules *rules) (*index, error) {
	s := &snapshotReader{x: newIndex(rules), r: r}
	if err := s.frame(); err != nil {
		return nil, err
	}
	if len(s.buf) < len(snapshotMagic) || string(s.buf[:len(snapshotMagic)]) != snapshotMagic {
		return nil, fmt.Errorf("%w: it is of another version", errSnapshot)
	}
	s.buf = s.buf[len(snapshotMagic):]
	rev := int64(s.number())
	forms, origins, facts := s.number(), s.number(), s.number()
	if s.bad || max(forms, origins, facts) > maxRows {
		return nil, fmt.Errorf("%w: its header", errSnapshot)
	}
	s.x.grow(int(min(forms, maxRoom)), int(min(origins, maxRoom)), int(min(facts, 2*maxRoom)))
	s.names = make([]sorted, 0, min(forms, maxRoom))
	for {
		if err := s.frame(); err != nil {
			return nil, err
		}
		if len(s.buf) == 0 {
			break
		}
		for len(s.buf) > 0 && !s.bad {
			s.origin()
		}
		if s.bad {
			return nil, fmt.Errorf("%w: after %d origins", errSnapshot, len(s.x.origins))
		}
	}
	if len(s.x.origins) != int(origins) || len(s.x.facts) != int(facts) || s.x.rev > rev {
		return nil, fmt.Errorf("%w: it has %d of %d facts", errSnapshot, len(s.x.facts), facts)
	}
	s.x.rev = rev
	return s.x, nil
}

// grow makes room for so many rows.
func (x *index) grow(forms, origins, facts int) {
	x.names = table[name]{all: make([]name, 0, forms), at: make(map[name]int32, forms)}
	x.forms = make([]form, 0, forms)
	x.nodes = make([]node, 0, forms)
	x.origins, x.ids = make([]origin, 0, origins), make(map[string]int32, origins)
	x.facts = make([]fact, 0, facts)
}

// frame reads the next frame.
func (s *snapshotReader) frame() error {
	var head [4 + sha256.Size]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return fmt.Errorf("reading the graph's snapshot: %w", err)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return fmt.Errorf("%w: a frame of %d bytes", errSnapshot, n)
	}
	s.buf = make([]byte, n)
	if _, err := io.ReadFull(s.r, s.buf); err != nil {
		return fmt.Errorf("reading the graph's snapshot: %w", err)
	}
	if s.sum = chained(s.sum, s.buf); s.sum != [sha256.Size]byte(head[4:]) {
		return fmt.Errorf("%w: a hash is wrong", errSnapshot)
	}
	return nil
}

func (s *snapshotReader) number() uint64 {
	v, n := binary.Uvarint(s.buf)
	s.skip(n)
	return v
}

func (s *snapshotReader) signed() int64 {
	v, n := binary.Varint(s.buf)
	s.skip(n)
	return v
}

func (s *snapshotReader) byte() byte {
	if len(s.buf) == 0 {
		s.bad = true
		return 0
	}
	b := s.buf[0]
	s.buf = s.buf[1:]
	return b
}

func (s *snapshotReader) skip(n int) {
	if n <= 0 {
		s.bad, s.buf = true, nil
		return
	}
	s.buf = s.buf[n:]
}

func (s *snapshotReader) string() string {
	n := s.number()
	if n > uint64(len(s.buf)) {
		s.bad = true
		return ""
	}
	text := string(s.buf[:n])
	s.buf = s.buf[n:]
	return text
}

// entry reads a reference to a table: the number that its entry has here. add gives an
// entry its number when it comes first.
func (s *snapshotReader) entry(t *[]int32, add func(text string) int32) (n int32, fresh bool) {
	ref := s.number()
	if ref < uint64(len(*t)) {
		return (*t)[ref], false
	}
	text, ok := s.first(ref, len(*t))
	if !ok {
		return 0, false
	}
	n = add(text)
	*t = append(*t, n)
	return n, true
}

// first reads the text of an entry that comes first, as number has of a table.
func (s *snapshotReader) first(ref uint64, has int) (text string, ok bool) {
	s.bad = s.bad || ref != uint64(has)
	if !s.bad {
		text = s.string()
	}
	return text, !s.bad
}

func (s *snapshotReader) text() int32 {
	n, _ := s.entry(&s.texts, func(text string) int32 { n, _ := s.x.texts.put(text); return n })
	return n
}

// law reads a relation, and returns the sorts of its ends, too.
func (s *snapshotReader) law() (n int32, sorts [2]int32) {
	x := s.x
	n, fresh := s.entry(&s.laws, func(text string) int32 { return x.rules.number(hobby.Relation(text)) })
	if s.bad {
		return 0, sorts
	}
	for int(n) >= len(s.sorts) {
		s.sorts = append(s.sorts, [2]int32{none, none})
	}
	if fresh {
		d := &x.rules.all[n]
		for i, sort := range []Sort{d.Subject, d.Object} {
			s.sorts[n][i], _ = x.texts.put(string(sort))
		}
	}
	return n, s.sorts[n]
}

// name reads a name of a sort and returns its form.
func (s *snapshotReader) name(sort int32, rev int64) int32 {
	x := s.x
	ref := s.number()
	if ref < uint64(len(s.names)) {
		known := s.names[ref]
		if known.sort == sort {
			x.forms[known.n].uses++
			return known.n
		}
		// The relations are declared in another way than when it was written.
		return x.form(Sort(x.texts.all[sort]), x.names.all[known.n].text, rev)
	}
	text, ok := s.first(ref, len(s.names))
	if !ok {
		return 0
	}
	n := x.form(Sort(x.texts.all[sort]), text, rev)
	s.names = append(s.names, sorted{n, sort})
	return n
}

func (s *snapshotReader) origin() {
	x := s.x
	o := origin{first: int32(len(x.facts))}
	o.rev = s.lastRev + int64(s.number())
	o.id = s.string()
	o.activity, o.kind, o.source, o.file = s.text(), s.text(), s.text(), s.text()
	o.line = int32(s.number())
	o.recorded = s.lastRecorded + s.signed()
	s.lastRev, s.lastRecorded = o.rev, o.recorded
	flags := s.byte()
	o.tainted, o.accepted = flags&taintedFlag > 0, flags&acceptedFlag > 0
	o.version = int32(s.number())
	facts := s.number()
	if _, twice := x.ids[o.id]; s.bad || twice || facts > uint64(len(s.buf)) {
		s.bad = true
		return
	}
	o.facts = int32(facts)
	at := x.put(o)
	for range facts {
		if s.fact(at); s.bad {
			return
		}
	}
	decisions := s.number()
	for i := uint64(0); i < decisions && !s.bad; i++ {
		d := decision{rev: int64(s.number()), version: int32(s.number()), accepted: s.byte() > 0}
		x.decided[at] = append(x.decided[at], d)
		x.rev = max(x.rev, d.rev)
	}
	x.rev = max(x.rev, o.rev)
}

func (s *snapshotReader) fact(at int32) {
	o := &s.x.origins[at]
	relation, sorts := s.law()
	if s.bad {
		return
	}
	f := fact{relation: relation, origin: at, from: o.recorded, to: forever}
	f.subject = s.name(sorts[0], o.rev)
	f.object = s.name(sorts[1], o.rev)
	f.confidence = math.Float64frombits(bits.ReverseBytes64(s.number()))
	s.bad = s.bad || !(f.confidence > 0 && f.confidence <= 1)
	flags := s.byte()
	f.extracted, f.dated = flags&extractedFlag > 0, flags&datedFlag > 0
	if f.dated {
		f.from = s.signed()
	}
	if flags&closedFlag > 0 {
		f.to = s.signed()
	}
	var span Span
	if flags&placedFlag > 0 {
		span = Span{int(s.number()), int(s.number())}
		s.bad = s.bad || span.Start < 0 || span.End < span.Start || span.End > math.MaxInt32
	}
	if !s.bad {
		s.x.link(f, span)
	}
}

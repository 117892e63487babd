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
	"time"
)

// A snapshot is an index as bytes, from which it opens faster than from the log. It says
// what was stated and decided, and each text once; everything else is derived again by
// the same code that follows the log. So a snapshot fits other declarations of relations
// and another way to compare names, too.
//
// It is written in frames: the length, the SHA-256 of the frame before and of this one's
// bytes, and the bytes. A frame is decoded after its hash was found right. The first one
// is the header, the others have whole records, and an empty one is the end.
const (
	snapshotMagic = "pastime graph 2\n"
	frameSize     = 256 << 10
	// maxFrame is more than a frame and one record of the largest origin.
	maxFrame = 64 << 20
	// maxRows bounds what the header says, and maxRoom what is allocated for it before the
	// rows are read.
	maxRows, maxRoom = 1 << 28, 1 << 22
)

var errSnapshot = errors.New("kgraph: the snapshot is damaged")

// snapshotWriter writes a snapshot of an index up to a revision.
type snapshotWriter struct {
	x                     *index
	w                     io.Writer
	rev                   int64
	buf                   []byte
	sum                   [sha256.Size]byte
	texts, names, laws    told
	lastRev, lastRecorded int64
	origins, facts        int
}

// told has the reference to each entry of a table that was written, counted from 1.
type told struct {
	refs []uint32
	n    uint32
}

func newSnapshotWriter(x *index, w io.Writer) *snapshotWriter {
	s := &snapshotWriter{x: x, w: w, rev: x.rev, origins: len(x.origins), facts: len(x.facts)}
	s.buf = append(s.buf, snapshotMagic...)
	for _, n := range []uint64{uint64(x.rev), uint64(len(x.forms)), uint64(len(x.origins)), uint64(len(x.facts))} {
		s.number(n)
	}
	return s
}

func (s *snapshotWriter) number(n uint64) { s.buf = binary.AppendUvarint(s.buf, n) }

func (s *snapshotWriter) string(text string) {
	s.number(uint64(len(text)))
	s.buf = append(s.buf, text...)
}

// entry writes the reference to an entry of a table, and its text the first time.
func (s *snapshotWriter) entry(t *told, n int32, text func() string) {
	for int(n) >= len(t.refs) {
		t.refs = append(t.refs, 0)
	}
	if ref := t.refs[n]; ref > 0 {
		s.number(uint64(ref - 1))
		return
	}
	s.number(uint64(t.n))
	s.string(text())
	t.n++
	t.refs[n] = t.n
}

func (s *snapshotWriter) text(n int32) {
	s.entry(&s.texts, n, func() string { return s.x.texts.all[n] })
}

func (s *snapshotWriter) name(n int32) {
	s.entry(&s.names, n, func() string { return s.x.names.all[n].text })
}

// The flags of records.
const (
	taintedFlag, acceptedFlag            = 1, 2
	extractedFlag, datedFlag, closedFlag = 1, 2, 4
	placedFlag                           = 8
)

// origin writes an origin with its facts and the decisions on it.
func (s *snapshotWriter) origin(at int32) {
	x := s.x
	o := &x.origins[at]
	s.number(uint64(o.rev - s.lastRev))
	s.string(o.id)
	for _, t := range []int32{o.activity, o.kind, o.source, o.file} {
		s.text(t)
	}
	s.number(uint64(uint32(o.line)))
	s.buf = binary.AppendVarint(s.buf, o.recorded-s.lastRecorded)
	s.lastRev, s.lastRecorded = o.rev, o.recorded
	s.buf = append(s.buf, byte(taintedFlag*bit(o.tainted)+acceptedFlag*bit(o.accepted)))
	s.number(uint64(uint32(o.version)))
	s.number(uint64(o.facts))
	for i := range o.facts {
		f := &x.facts[o.first+i]
		s.entry(&s.laws, f.relation, func() string { return string(x.rules.all[f.relation].Name) })
		s.name(f.subject)
		s.name(f.object)
		s.number(bits.ReverseBytes64(math.Float64bits(f.confidence)))
		span, placed := x.spans[o.first+i]
		s.buf = append(s.buf, byte(extractedFlag*bit(f.extracted)+datedFlag*bit(f.dated)+closedFlag*bit(f.to != forever)+placedFlag*bit(placed)))
		if f.dated {
			s.buf = binary.AppendVarint(s.buf, f.from)
		}
		if f.to != forever {
			s.buf = binary.AppendVarint(s.buf, f.to)
		}
		if placed {
			s.number(uint64(span.Start))
			s.number(uint64(span.End))
		}
	}
	known := 0
	for _, d := range x.decided[at] {
		if d.rev <= s.rev {
			known++
		}
	}
	s.number(uint64(known))
	for _, d := range x.decided[at] {
		if d.rev <= s.rev {
			s.number(uint64(d.rev))
			s.number(uint64(uint32(d.version)))
			s.buf = append(s.buf, byte(bit(d.accepted)))
		}
	}
}

// flush writes a frame.
func (s *snapshotWriter) flush() error {
	s.sum = chained(s.sum, s.buf)
	head := append(binary.BigEndian.AppendUint32(nil, uint32(len(s.buf))), s.sum[:]...)
	if _, err := s.w.Write(head); err != nil {
		return err
	}
	_, err := s.w.Write(s.buf)
	s.buf = s.buf[:0]
	return err
}

func chained(before [sha256.Size]byte, frame []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(before[:])
	h.Write(frame)
	return [sha256.Size]byte(h.Sum(nil))
}

// The index is saved when as many facts are new as a fresh process reads from the log in
// little time: a twentieth of all, but at least minSaved.
const (
	minSaved  = 20_000
	savedPart = 20
	// savedAtOnce is how many origins are written while the index is held still.
	savedAtOnce = 2000
)

// save writes a snapshot if that is due. Another process, or what is forgotten
// meanwhile, may make that fail: the next one is then due later.
func (g *Graph) save(ctx context.Context) error {
	g.mu.RLock()
	x, facts, saved := g.x, len(g.x.facts), g.saved
	g.mu.RUnlock()
	if facts-saved < max(minSaved, facts/savedPart) {
		return nil
	}
	begun := time.Now()
	g.mu.RLock()
	s := newSnapshotWriter(x, nil)
	g.mu.RUnlock()
	err := g.store.WriteSnapshot(ctx, s.rev, func(w io.Writer) error {
		s.w = w
		return g.write(s)
	})
	g.mu.Lock()
	if g.x == x {
		g.saved = s.facts
	}
	g.mu.Unlock()
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("kgraph: saving a snapshot: %w", err)
	}
	g.opts.Logger.Debug("the graph's snapshot is saved", "facts", s.facts, "took", time.Since(begun))
	return nil
}

// write writes the frames. What is added meanwhile is not in them.
func (g *Graph) write(s *snapshotWriter) error {
	if err := s.flush(); err != nil {
		return err
	}
	for at := 0; at < s.origins; {
		g.mu.RLock()
		for n := 0; n < savedAtOnce && at < s.origins && len(s.buf) < frameSize; n++ {
			s.origin(int32(at))
			at++
		}
		g.mu.RUnlock()
		if len(s.buf) >= frameSize || at == s.origins {
			if err := s.flush(); err != nil {
				return err
			}
		}
	}
	return s.flush() // the end
}

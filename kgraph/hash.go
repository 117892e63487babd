package kgraph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"slices"
)

// Hash is a hash of all facts, in hexadecimal digits: two graphs of the same facts have
// the same one, in whatever order they were told, and whatever they have forgotten. It
// covers what was stated with where it comes from, and which origins are accepted; not
// the revisions. Its cost grows with the number of facts.
func (g *Graph) Hash(ctx context.Context) (string, error) {
	x, done, err := g.read(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	l := lens{rev: math.MaxInt64, asOf: math.MaxInt64}
	all := make([][sha256.Size]byte, 0, len(x.facts))
	h := digest{Hash: sha256.New()}
	for at := range x.origins {
		o := x.origin(int32(at))
		o.Accepted = x.accepted(int32(at), &l)
		for i := range x.origins[at].facts {
			h.Reset()
			h.origin(&o)
			n := x.origins[at].first + i
			f, s := &x.facts[n], x.statement(n)
			h.text(s.Subject, string(s.Relation), s.Object)
			h.number(int64(math.Float64bits(s.Confidence)), f.from, f.to, bit(f.dated), bit(f.extracted), int64(i),
				int64(s.Sentence.Start), int64(s.Sentence.End))
			all = append(all, [sha256.Size]byte(h.Sum(nil)))
		}
	}
	slices.SortFunc(all, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	h.Reset()
	for i := range all {
		h.Write(all[i][:])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// digest writes values so that different ones differ.
type digest struct {
	hash.Hash
	buf []byte
}

func (d *digest) number(all ...int64) {
	for _, n := range all {
		d.buf = binary.BigEndian.AppendUint64(d.buf[:0], uint64(n))
		d.Write(d.buf)
	}
}

func (d *digest) text(all ...string) {
	for _, s := range all {
		d.number(int64(len(s)))
		d.buf = append(d.buf[:0], s...)
		d.Write(d.buf)
	}
}

func (d *digest) origin(o *Origin) {
	d.text(o.ID, o.Activity, string(o.Kind), o.Source, o.File, string(o.Taint))
	d.number(int64(o.Line), o.Recorded.UnixNano(), bit(o.Accepted))
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

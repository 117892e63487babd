package kgraph

import (
	"iter"
	"math"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// lens is an [At] in the index's own terms.
type lens struct {
	rev, asOf, valid int64
}

func (a At) lens(now time.Time) lens {
	l := lens{rev: math.MaxInt64, asOf: math.MaxInt64, valid: nanos(now)}
	if a.Rev > 0 {
		l.rev = a.Rev
	}
	if !a.AsOf.IsZero() {
		l.asOf = nanos(a.AsOf)
	}
	if !a.Valid.IsZero() {
		l.valid = nanos(a.Valid)
	}
	return l
}

// The times that fit into nanoseconds since 1970.
var earliest, latest = time.Unix(0, math.MinInt64+1), time.Unix(0, math.MaxInt64-1)

// nanos is t, or the nearest time that fits.
func nanos(t time.Time) int64 {
	switch {
	case t.Before(earliest):
		return math.MinInt64 + 1
	case t.After(latest):
		return math.MaxInt64 - 1
	}
	return t.UnixNano()
}

// known reports whether a fact was stored and recorded already, whether or not it holds.
func (x *index) known(f *fact, l *lens) bool {
	o := &x.origins[f.origin]
	return o.rev <= l.rev && o.recorded <= l.asOf
}

// holds reports whether a fact is known and holds.
func (x *index) holds(n int32, l *lens) bool {
	f := &x.facts[n]
	return x.known(f, l) && f.from <= l.valid && l.valid < f.to && l.valid < x.end(n, l)
}

// trusted reports whether a fact may fire a rule, by the decisions until then.
func (x *index) trusted(f *fact, l *lens) bool {
	return !x.origins[f.origin].tainted || x.accepted(f.origin, l)
}

func (x *index) accepted(at int32, l *lens) bool {
	o := &x.origins[at]
	last := decision{version: o.version, accepted: o.accepted}
	for _, d := range x.decided[at] {
		if d.rev <= l.rev && d.version > last.version {
			last = d
		}
	}
	return last.accepted
}

// end is when a fact stopped to hold: its own end, or earlier that of a later fact which
// contradicts it. A tainted fact ends no trusted one.
func (x *index) end(n int32, l *lens) int64 {
	f := &x.facts[n]
	end := f.to
	from, to := x.ends(f)
	if x.rules.all[f.relation].Functional {
		end = x.ended(f, chain{from, none, f.relation}, l, end)
	}
	for _, r := range x.rules.enders[f.relation] {
		end = x.ended(f, chain{from, to, r}, l, end)
	}
	return end
}

// ended is when the first fact of a chain ended f, or end when none did before. A
// functional relation's facts with the same object do not end each other.
func (x *index) ended(f *fact, c chain, l *lens, end int64) int64 {
	all := x.chains[c]
	for _, n := range all[x.later(all, f.from):] {
		g := &x.facts[n]
		if g.from >= end {
			break
		}
		if c.object == none && x.forms[g.object].node == x.forms[f.object].node {
			continue
		}
		if x.known(g, l) && (x.trusted(g, l) || !x.trusted(f, l)) {
			return g.from
		}
	}
	return end
}

// out and in are the facts that leave a node, and that arrive there, newest first.
func (x *index) out(node int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for n := x.nodes[node].out; n != none && yield(n); n = x.facts[n].out {
		}
	}
}

func (x *index) in(node int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for n := x.nodes[node].in; n != none && yield(n); n = x.facts[n].in {
		}
	}
}

func (x *index) statement(n int32) Statement {
	f := &x.facts[n]
	s := Statement{Claim: hobby.Claim{
		Subject: x.names.all[f.subject].text, Relation: x.rules.all[f.relation].Name, Object: x.names.all[f.object].text,
		Confidence: f.confidence,
	}, Extracted: f.extracted, Sentence: x.spans[n]}
	if f.dated {
		s.From = moment(f.from)
	}
	if f.to != forever {
		s.To = moment(f.to)
	}
	return s
}

// origin is an origin as it was stated.
func (x *index) origin(at int32) Origin {
	o := &x.origins[at]
	p := Origin{
		ID: o.id, Activity: x.texts.all[o.activity], Kind: hobby.Kind(x.texts.all[o.kind]), Source: x.texts.all[o.source],
		File: x.texts.all[o.file], Line: int(o.line), Recorded: moment(o.recorded), Accepted: o.accepted,
	}
	if o.tainted {
		p.Taint = hobby.Untrusted
	}
	return p
}

// fact is a fact as it is seen through a lens.
func (x *index) fact(n int32, l *lens) Fact {
	f := &x.facts[n]
	v := Fact{Rev: x.origins[f.origin].rev, Statement: x.statement(n), Origin: x.origin(f.origin)}
	v.Accepted = x.accepted(f.origin, l)
	v.From = moment(f.from)
	if end := x.end(n, l); end != forever {
		v.Ends = moment(end)
	}
	return v
}

package natsagent

import (
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// token writes an agent's id as one token of a subject. A token can have every
// character of an id but '.'. No id has '='.
func token(id string) string { return strings.ReplaceAll(id, ".", "=") }

func agentOf(token string) string { return strings.ReplaceAll(token, "=", ".") }

func inbox(id string) string { return "_INBOX_" + token(id) }

func (o *Options) stream(what string) string { return strings.ToUpper(o.Prefix) + "_" + what }

func (o *Options) orders() string  { return o.stream("ORDERS") }
func (o *Options) reports() string { return o.stream("REPORTS") }

// order is the subject of an order; with kind ">" it is all of the agent's.
func (o *Options) order(id string, k hobby.Kind) string {
	return o.Prefix + ".order." + token(id) + "." + string(k)
}

func (o *Options) report(id string) string { return o.Prefix + ".report." + token(id) }
func (o *Options) live(id string) string   { return o.Prefix + ".live." + token(id) }
func (o *Options) cancel(id string) string { return o.Prefix + ".cancel." + token(id) }

// who asks every agent to say that it is there.
func (o *Options) who() string { return o.Prefix + ".who" }

// sender is the agent that a subject of ours names.
func sender(subject string) string {
	_, rest, _ := strings.Cut(subject, ".")
	_, t, _ := strings.Cut(rest, ".")
	return agentOf(t)
}

// Permissions are the subjects that an agent needs with [Serve], for the
// permissions of its user on the server: what it publishes to and what it
// subscribes to. They let it speak for itself only, and read its own orders
// only.
func Permissions(prefix, id string) (publish, subscribe []string) {
	o := Options{Prefix: prefix}
	if o.Prefix == "" {
		o.Prefix = "pastime"
	}
	t, orders := token(id), o.orders()
	publish = []string{
		o.report(id), o.live(id),
		"$JS.API.CONSUMER.CREATE." + orders + "." + t + "." + o.order(id, ">"),
		"$JS.API.CONSUMER.INFO." + orders + "." + t, "$JS.API.CONSUMER.MSG.NEXT." + orders + "." + t,
		"$JS.ACK." + orders + "." + t + ".>",
	}
	return publish, []string{inbox(id) + ".>", o.cancel(id), o.who()}
}

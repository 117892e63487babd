package rlhf

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// person is who gives feedback or is asked for it, as it is stored.
type person struct{ rater, user, source string }

// person is who it is. A name that is claimed is another rater than the one of that name.
func (p *Pipeline) person(ctx context.Context, user, address string, claimed bool, now time.Time) (person, error) {
	key, err := p.secret(ctx)
	if err != nil {
		return person{}, err
	}
	if user == "" {
		return person{rater: stranger(key, address, now)}, nil
	}
	who := person{rater: UserSource(user), user: user, source: hobby.SourceHash(UserSource(user))}
	if p.opts.Redact != nil && p.opts.Redact(user) != user {
		who.user = "hash:" + keyed(key, "user", user)
		who.rater = who.user // and not that of a user who says to be "hash:..."
	}
	if claimed {
		who.rater = "claimed:" + who.rater
	}
	return who, nil
}

// anonymous begins the names of raters that have none.
const anonymous = "anonymous:"

// stranger is the rater that those without a name at an address are on a UTC day.
func stranger(key []byte, address string, now time.Time) string {
	return anonymous + keyed(key, "day", now.UTC().Format(time.DateOnly), network(address))
}

// secret reads the store's key once.
func (p *Pipeline) secret(ctx context.Context) ([]byte, error) {
	p.keyOnce.Lock()
	defer p.keyOnce.Unlock()
	if p.key != nil {
		return p.key, nil
	}
	key, err := p.store.Key(ctx)
	if err != nil {
		return nil, fmt.Errorf("rlhf: reading the key of the raters' hashes: %w", err)
	}
	p.key = key
	return key, nil
}

// keyed is a hash of parts that only the store's owner can compute.
func keyed(key []byte, parts ...string) string {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// network is what one household or server usually has: an IPv4 address, or the first
// 64 bits of an IPv6 one. Another text stays as it is.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if prefix, err := a.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return a.String()
}

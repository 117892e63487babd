package rlhf

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"
)

// rater names who gives feedback or is asked for it, and the user as it is stored.
func (p *Pipeline) rater(ctx context.Context, user, address string, now time.Time) (rater, stored string, err error) {
	key, err := p.secret(ctx)
	if err != nil {
		return "", "", err
	}
	if user == "" {
		return "anonymous:" + keyed(key, "day", now.UTC().Format(time.DateOnly), network(address)), "", nil
	}
	if p.opts.Redact != nil && p.opts.Redact(user) != user {
		user = "hash:" + keyed(key, "user", user)
	}
	return UserSource(user), user, nil
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

package hobby

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// keyLength is the number of hexadecimal digits of a ModelKey.
const keyLength = 32

// weakPrefix begins a weak key, and adapterPrefix that of a model with an adapter.
const (
	weakPrefix    = "weak-"
	adapterPrefix = "adapter-"
)

// ModelKey hashes its parts into 32 hexadecimal digits. The parts identify a
// model's weights and everything else that its answers depend on. They are
// length-prefixed, so ("ab","c") and ("a","bc") differ.
func ModelKey(parts ...string) string {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:keyLength/2])
}

// WeakModelKey is the key of a model that is known by its name alone: "weak-"
// and the ModelKey of the parts. The prefix shows this wherever the key is kept.
func WeakModelKey(parts ...string) string { return weakPrefix + ModelKey(parts...) }

// AdapterKey is the key of a model with an adapter: "adapter-" and the ModelKey of
// the parts, which are the digests of the base and of the adapter, and the prompt
// template's version. The prefix shows wherever the key is kept that the model has
// learned from practice, see [Measure].
func AdapterKey(parts ...string) string { return adapterPrefix + ModelKey(parts...) }

// WeakAdapterKey is the AdapterKey of a model or an adapter that is known by its
// name alone.
func WeakAdapterKey(parts ...string) string { return weakPrefix + AdapterKey(parts...) }

// Adapted reports whether a key is that of a model with an adapter.
func Adapted(key string) bool {
	return strings.HasPrefix(strings.TrimPrefix(key, weakPrefix), adapterPrefix)
}

// Frozen reports whether the model that a key stands for cannot change, which is
// so for a [ModelKey] and an [AdapterKey]. It is false for a weak key, for a key of
// another form, and for "", the key of answers that no model gave.
func Frozen(key string) bool {
	key = strings.TrimPrefix(key, adapterPrefix)
	return len(key) == keyLength && strings.Trim(key, "0123456789abcdef") == ""
}

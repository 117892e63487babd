package hobby

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// keyLength is the number of hexadecimal digits of a ModelKey.
const keyLength = 32

// weakPrefix begins a WeakModelKey.
const weakPrefix = "weak-"

// ModelKey hashes what identifies a model's weights and all else that its
// answers depend on into 32 hexadecimal digits. Parts are length-prefixed, so
// ("ab","c") and ("a","bc") differ.
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
// and the ModelKey of the parts. It says so wherever the key is kept.
func WeakModelKey(parts ...string) string { return weakPrefix + ModelKey(parts...) }

// Frozen reports whether a key says that what it is of cannot change: it is a
// [ModelKey]. A [WeakModelKey], a key of another form and "", which is for
// answers that no model gave, do not say so.
func Frozen(key string) bool {
	return len(key) == keyLength && strings.Trim(key, "0123456789abcdef") == ""
}

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

// Frozen reports whether the model that a key stands for cannot change, which is
// so for a [ModelKey]. It is false for a [WeakModelKey], for a key of another
// form, and for "", the key of answers that no model gave.
func Frozen(key string) bool {
	return len(key) == keyLength && strings.Trim(key, "0123456789abcdef") == ""
}

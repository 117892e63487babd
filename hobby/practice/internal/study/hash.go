package study

import "hash/fnv"

// Hash is the 64-bit FNV-1a hash of a text.
func Hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

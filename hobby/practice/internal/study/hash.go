package study

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Hash is the 64-bit FNV-1a hash of a text.
func Hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// Same names texts that are shown together, in any order. Texts that differ in letter
// case or blanks only have the same name, so that their questions are in one split.
func Same(texts ...string) string {
	names := make([]string, len(texts))
	for i, s := range texts {
		names[i] = fmt.Sprintf("%x", Hash(strings.Join(strings.Fields(strings.ToLower(s)), " ")))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

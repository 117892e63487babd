package archive

import "hash/fnv"

// bloom is a Bloom filter of strings (Bloom 1970): it may claim to have a string that it
// lacks, in one of some 120 cases, and never the other way round. The double hashing
// is that of Kirsch and Mitzenmacher (2006).
type bloom []byte

const (
	bloomBits   = 10 // for each string
	bloomHashes = 7
)

// newBloom makes a filter for n strings.
func newBloom(n int) bloom { return make(bloom, max(8, (n*bloomBits+7)/8)) }

// spread is two hashes of a string, of which the others are made.
func spread(s string) (a, b uint64) {
	h := fnv.New64a()
	h.Write([]byte(s))
	a = h.Sum64()
	b = a ^ a>>33
	b *= 0xff51afd7ed558ccd // the finalizer of MurmurHash3
	b ^= b >> 33
	b *= 0xc4ceb9fe1a85ec53
	return a ^ b>>29, b | 1
}

func (f bloom) add(s string) {
	a, b := spread(s)
	for i := range uint64(bloomHashes) {
		bit := (a + i*b) % uint64(len(f)*8)
		f[bit/8] |= 1 << (bit % 8)
	}
}

// may reports whether s may have been added. A filter that is not there has everything.
func (f bloom) may(s string) bool {
	if len(f) == 0 {
		return true
	}
	a, b := spread(s)
	for i := range uint64(bloomHashes) {
		bit := (a + i*b) % uint64(len(f)*8)
		if f[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
	}
	return true
}

package archive

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

// hashOf is the hash of a string (FNV-1a), of which the bits of a filter are made.
func hashOf(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}

// spread makes two hashes of one, of which the others are made.
func spread(hash uint64) (a, b uint64) {
	b = hash ^ hash>>33
	b *= 0xff51afd7ed558ccd // the finalizer of MurmurHash3
	b ^= b >> 33
	b *= 0xc4ceb9fe1a85ec53
	return hash ^ b>>29, b | 1
}

// add adds the string with a hash.
func (f bloom) add(hash uint64) {
	a, b := spread(hash)
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
	a, b := spread(hashOf(s))
	for i := range uint64(bloomHashes) {
		bit := (a + i*b) % uint64(len(f)*8)
		if f[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
	}
	return true
}

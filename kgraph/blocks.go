package kgraph

// blockSize is how many values lie side by side.
const blockSize = 512

// blocks is a list of which a fork shares all blocks that it does not change. Only the
// newest fork may change, and only until it is shared.
type blocks[T any] struct {
	all []*[blockSize]T
	own []bool // of each block, whether it was copied for this fork
	n   int32
}

// blocksOf makes blocks of a list, whose room they keep.
func blocksOf[T any](list []T) blocks[T] {
	b := blocks[T]{n: int32(len(list))}
	whole := len(list) / blockSize * blockSize
	for i := 0; i < whole; i += blockSize {
		b.all = append(b.all, (*[blockSize]T)(list[i:]))
	}
	if whole < len(list) {
		var rest [blockSize]T
		copy(rest[:], list[whole:])
		b.all = append(b.all, &rest)
	}
	b.own = make([]bool, len(b.all))
	return b
}

func (b *blocks[T]) len() int32 { return b.n }

// at is a value, which must not be changed.
func (b *blocks[T]) at(i int32) *T { return &b.all[uint32(i)/blockSize][uint32(i)%blockSize] }

// edit is a value of this fork alone.
func (b *blocks[T]) edit(i int32) *T {
	n := i / blockSize
	if !b.own[n] {
		whole := *b.all[n]
		b.all[n], b.own[n] = &whole, true
	}
	return &b.all[n][i%blockSize]
}

// push adds a value and returns its number.
func (b *blocks[T]) push(v T) int32 {
	i := b.n
	if b.n++; int(i/blockSize) == len(b.all) {
		b.all, b.own = append(b.all, new([blockSize]T)), append(b.own, true)
	}
	*b.edit(i) = v
	return i
}

// fork is a copy that shares all blocks.
func (b *blocks[T]) fork() blocks[T] {
	return blocks[T]{all: append([]*[blockSize]T(nil), b.all...), own: make([]bool, len(b.all)), n: b.n}
}

// Package kernel multiplies matrices and computes the vector functions of a
// transformer in float32, on several threads.
//
// A product C = A B or C += A B is [Pool.Mul]. A and B are [Matrix] views, which
// are transposed by swapping strides; B may also be a weight in the number format
// of its file ([Weight], dequantised while it is packed), or one that was packed
// before ([Pack] in float32, [Compact] in fewer bits), which is best for
// decoding:
//
//	pool := kernel.NewPool(2)
//	pool.Mul(y, x, kernel.Weight(&w).T(), false) // y[T,out] = x[T,in] w[out,in]^T
//	packed := kernel.Pack(pool, kernel.Weight(&w).T())
//	pool.Mul(y, x, packed, false)                // the same bytes, no packing
//
// The loops are those of Goto and van de Geijn, "Anatomy of High-Performance
// Matrix Multiplication" (2008): panels of A, 6 rows interleaved, and of B, 16
// columns interleaved, are packed and multiplied by a micro-kernel that keeps a
// 6 by 16 tile of C in registers. On amd64 with AVX2 and FMA it is assembly,
// elsewhere Go; another instruction set adds a file with its own micro-kernel.
// AVX-512 multiplies 12 by 32 at a time, with the same bytes.
//
// [Pool.Work] keeps a pool's threads ready between products.
//
// # Every element is one sum in one order
//
// An element of C is the sum over k in blocks whose length depends on K alone;
// within a block one accumulator runs over k in order, whatever the tile's
// shape. So the bytes of a row of C do not depend on the number of threads, on
// how many other rows are computed with it, or on whether B was packed before.
// Generation relies on it (the same answer in every batch), training too (the
// same adapter on any number of threads). Never split K over threads, and add no
// path with another order. AVX2 and portable Go differ in the last bits.
//
// [CompactDots] is for products of another kind: of quantised weights with A rounded to
// eight bits. Their parts are exact sums of integers, added in one order without fused
// operations, so for the same input the bytes are the same on every processor.
package kernel

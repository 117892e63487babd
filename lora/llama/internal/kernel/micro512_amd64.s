#include "textflag.h"

// The micro-kernels of AVX-512: as those of micro_amd64.s, with two panels of B
// (DI and BX, whose rows are R11 bytes apart), and one or two panels of A. A tile of C of 6 or 12 by 32 stays in
// Z4 to Z27. Every value is the same chain of fused multiply-adds over k, so the
// bytes are those of AVX2.

#define B512 \
	VMOVUPS (DI), Z0; \
	VMOVUPS (BX), Z1; \
	PREFETCHT0 (DI)(R11*8); \
	PREFETCHT0 (BX)(R11*8); \
	ADDQ R11, DI; \
	ADDQ R11, BX

#define ROW512(off, from, lo, hi) \
	VBROADCASTSS off(from), Z2; \
	VFMADD231PS  Z0, Z2, lo; \
	VFMADD231PS  Z1, Z2, hi

#define SIX(off, from, z0, z1, z2, z3, z4, z5, z6, z7, z8, z9, z10, z11) \
	ROW512(off, from, z0, z1); \
	ROW512(off+4, from, z2, z3); \
	ROW512(off+8, from, z4, z5); \
	ROW512(off+12, from, z6, z7); \
	ROW512(off+16, from, z8, z9); \
	ROW512(off+20, from, z10, z11)

#define UPPER(off) SIX(off, SI, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
#define LOWER(off) SIX(off, R10, Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27)

#define STEP6x32(a) B512; UPPER(a)
#define STEP12x32(a) B512; UPPER(a); LOWER(a)

#define ZERO512(lo, hi) \
	VPXORD lo, lo, lo; \
	VPXORD hi, hi, hi

#define OUT512(lo, hi) \
	VMOVUPS lo, (DX); \
	VMOVUPS hi, 64(DX); \
	ADDQ    R8, DX

#define SUM512(lo, hi) \
	VADDPS (DX), lo, lo; \
	VADDPS 64(DX), hi, hi; \
	OUT512(lo, hi)

#define EACH6(F) F(Z4, Z5); F(Z6, Z7); F(Z8, Z9); F(Z10, Z11); F(Z12, Z13); F(Z14, Z15)
#define EACH12(F) EACH6(F); F(Z16, Z17); F(Z18, Z19); F(Z20, Z21); F(Z22, Z23); F(Z24, Z25); F(Z26, Z27)

// func microNx32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int). Both
// strides are in bytes. The second panel of A follows the first.
#define MICRO512(EACH, STEP) \
	MOVQ k+0(FP), CX; \
	MOVQ a+8(FP), SI; \
	MOVQ b0+16(FP), DI; \
	MOVQ b1+24(FP), BX; \
	MOVQ ldb+32(FP), R11; \
	MOVQ c+40(FP), DX; \
	MOVQ ldc+48(FP), R8; \
	MOVQ add+56(FP), R9; \
	LEAQ (CX)(CX*2), R10; \
	SHLQ $3, R10; \
	ADDQ SI, R10; \
	EACH(ZERO512); \
	SUBQ $2, CX; \
	JLT  rest; \
loop: \
	STEP(0); \
	STEP(24); \
	ADDQ $48, SI; \
	ADDQ $48, R10; \
	SUBQ $2, CX; \
	JGE  loop; \
rest: \
	ADDQ $2, CX; \
	JEQ  done; \
	STEP(0); \
done: \
	TESTQ R9, R9; \
	JNE  sum; \
	EACH(OUT512); \
	VZEROUPPER; \
	RET; \
sum: \
	EACH(SUM512); \
	VZEROUPPER; \
	RET

TEXT ·micro6x32(SB), NOSPLIT, $0-64
	MICRO512(EACH6, STEP6x32)

TEXT ·micro12x32(SB), NOSPLIT, $0-64
	MICRO512(EACH12, STEP12x32)

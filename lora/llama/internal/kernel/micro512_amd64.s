#include "textflag.h"

// The micro-kernels of AVX-512: as those of micro_amd64.s, with two panels of B
// (DI and BX, whose rows are R11 bytes apart), and one or two panels of A. A tile of C of up to 12 by 32 stays in
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

#define FIRST1(off) ROW512(off, SI, Z4, Z5)
#define FIRST2(off) FIRST1(off); ROW512(off+4, SI, Z6, Z7)
#define FIRST3(off) FIRST2(off); ROW512(off+8, SI, Z8, Z9)
#define FIRST4(off) FIRST3(off); ROW512(off+12, SI, Z10, Z11)
#define FIRST5(off) FIRST4(off); ROW512(off+16, SI, Z12, Z13)
#define FIRST6(off) FIRST5(off); ROW512(off+20, SI, Z14, Z15)

#define SECOND(off) \
	ROW512(off, R10, Z16, Z17); \
	ROW512(off+4, R10, Z18, Z19); \
	ROW512(off+8, R10, Z20, Z21); \
	ROW512(off+12, R10, Z22, Z23); \
	ROW512(off+16, R10, Z24, Z25); \
	ROW512(off+20, R10, Z26, Z27)

#define STEP1x32(a) B512; FIRST1(a)
#define STEP2x32(a) B512; FIRST2(a)
#define STEP3x32(a) B512; FIRST3(a)
#define STEP4x32(a) B512; FIRST4(a)
#define STEP5x32(a) B512; FIRST5(a)
#define STEP6x32(a) B512; FIRST6(a)
#define STEP12x32(a) B512; FIRST6(a); SECOND(a)

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

#define EACH1(F) F(Z4, Z5)
#define EACH2(F) EACH1(F); F(Z6, Z7)
#define EACH3(F) EACH2(F); F(Z8, Z9)
#define EACH4(F) EACH3(F); F(Z10, Z11)
#define EACH5(F) EACH4(F); F(Z12, Z13)
#define EACH6(F) EACH5(F); F(Z14, Z15)
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

TEXT ·micro1x32(SB), NOSPLIT, $0-64
	MICRO512(EACH1, STEP1x32)

TEXT ·micro2x32(SB), NOSPLIT, $0-64
	MICRO512(EACH2, STEP2x32)

TEXT ·micro3x32(SB), NOSPLIT, $0-64
	MICRO512(EACH3, STEP3x32)

TEXT ·micro4x32(SB), NOSPLIT, $0-64
	MICRO512(EACH4, STEP4x32)

TEXT ·micro5x32(SB), NOSPLIT, $0-64
	MICRO512(EACH5, STEP5x32)

TEXT ·micro6x32(SB), NOSPLIT, $0-64
	MICRO512(EACH6, STEP6x32)

TEXT ·micro12x32(SB), NOSPLIT, $0-64
	MICRO512(EACH12, STEP12x32)

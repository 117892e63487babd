#include "textflag.h"

// The micro-kernels: SI walks a panel of A (6 interleaved rows), DI 16 columns of B,
// whose rows are R10 bytes apart, and a tile of C of up to 6 by 16 stays in Y4 to Y15.
// Their difference is the number of rows alone: every value of the tile is one
// chain of fused multiply-adds over k.

#define B(at) \
	VMOVUPS 0 at, Y0; \
	VMOVUPS 32 at, Y1

#define ROW(off, lo, hi) \
	VBROADCASTSS off(SI), Y2; \
	VFMADD231PS  Y0, Y2, lo; \
	VFMADD231PS  Y1, Y2, hi

#define STEP1(a, b) B(b); ROW(a, Y4, Y5)
#define STEP2(a, b) STEP1(a, b); ROW(a+4, Y6, Y7)
#define STEP3(a, b) STEP2(a, b); ROW(a+8, Y8, Y9)
#define STEP4(a, b) STEP3(a, b); ROW(a+12, Y10, Y11)
#define STEP5(a, b) STEP4(a, b); ROW(a+16, Y12, Y13)
#define STEP6(a, b) STEP5(a, b); ROW(a+20, Y14, Y15)

#define ZERO(lo, hi) \
	VXORPS lo, lo, lo; \
	VXORPS hi, hi, hi

#define OUT(lo, hi) \
	VMOVUPS lo, (DX); \
	VMOVUPS hi, 32(DX); \
	ADDQ    R8, DX

#define SUM(lo, hi) \
	VADDPS (DX), lo, lo; \
	VADDPS 32(DX), hi, hi; \
	OUT(lo, hi)

#define EACH1(F) F(Y4, Y5)
#define EACH2(F) EACH1(F); F(Y6, Y7)
#define EACH3(F) EACH2(F); F(Y8, Y9)
#define EACH4(F) EACH3(F); F(Y10, Y11)
#define EACH5(F) EACH4(F); F(Y12, Y13)
#define EACH6(F) EACH5(F); F(Y14, Y15)

// func microN(k int, a, b *float32, ldb int, c *float32, ldc, add int). Both strides
// are in bytes.
#define MICRO(EACH, STEP) \
	MOVQ k+0(FP), CX; \
	MOVQ a+8(FP), SI; \
	MOVQ b+16(FP), DI; \
	MOVQ ldb+24(FP), R10; \
	MOVQ c+32(FP), DX; \
	MOVQ ldc+40(FP), R8; \
	MOVQ add+48(FP), R9; \
	LEAQ (R10)(R10*2), R11; \
	EACH(ZERO); \
	SUBQ $4, CX; \
	JLT  rest; \
loop: \
	PREFETCHT0 (DI)(R10*8); \
	STEP(0, (DI)); \
	STEP(24, (DI)(R10*1)); \
	PREFETCHT0 128(DI)(R10*8); \
	STEP(48, (DI)(R10*2)); \
	STEP(72, (DI)(R11*1)); \
	ADDQ $96, SI; \
	LEAQ (DI)(R10*4), DI; \
	SUBQ $4, CX; \
	JGE  loop; \
rest: \
	ADDQ $4, CX; \
	JEQ  done; \
one: \
	STEP(0, (DI)); \
	ADDQ $24, SI; \
	ADDQ R10, DI; \
	DECQ CX; \
	JNE  one; \
done: \
	TESTQ R9, R9; \
	JNE  sum; \
	EACH(OUT); \
	VZEROUPPER; \
	RET; \
sum: \
	EACH(SUM); \
	VZEROUPPER; \
	RET

TEXT ·micro6(SB), NOSPLIT, $0-56
	MICRO(EACH6, STEP6)

TEXT ·micro5(SB), NOSPLIT, $0-56
	MICRO(EACH5, STEP5)

TEXT ·micro4(SB), NOSPLIT, $0-56
	MICRO(EACH4, STEP4)

TEXT ·micro3(SB), NOSPLIT, $0-56
	MICRO(EACH3, STEP3)

TEXT ·micro2(SB), NOSPLIT, $0-56
	MICRO(EACH2, STEP2)

TEXT ·micro1(SB), NOSPLIT, $0-56
	MICRO(EACH1, STEP1)

// func transpose8AVX2(dst *float32, dstStride int, src *float32, srcStride, n int)
// Strides are in bytes, n is a multiple of 8. Eight rows of eight are read,
// turned and written as eight rows; with a stride under 32 bytes each row's end
// is overwritten by the next.
TEXT ·transpose8AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ dstStride+8(FP), R8
	MOVQ src+16(FP), SI
	MOVQ srcStride+24(FP), R9
	MOVQ n+32(FP), CX
	LEAQ (R9)(R9*2), R10
	LEAQ (SI)(R9*4), DX
	LEAQ (R8)(R8*2), R11
	LEAQ (DI)(R8*4), BX

turn:
	// Rows i and i+4 share a register, in halves.
	VMOVUPS     (SI), X0
	VINSERTF128 $1, (DX), Y0, Y0
	VMOVUPS     (SI)(R9*1), X1
	VINSERTF128 $1, (DX)(R9*1), Y1, Y1
	VMOVUPS     (SI)(R9*2), X2
	VINSERTF128 $1, (DX)(R9*2), Y2, Y2
	VMOVUPS     (SI)(R10*1), X3
	VINSERTF128 $1, (DX)(R10*1), Y3, Y3
	VMOVUPS     16(SI), X4
	VINSERTF128 $1, 16(DX), Y4, Y4
	VMOVUPS     16(SI)(R9*1), X5
	VINSERTF128 $1, 16(DX)(R9*1), Y5, Y5
	VMOVUPS     16(SI)(R9*2), X6
	VINSERTF128 $1, 16(DX)(R9*2), Y6, Y6
	VMOVUPS     16(SI)(R10*1), X7
	VINSERTF128 $1, 16(DX)(R10*1), Y7, Y7

	// 4 by 4 transposes within the halves.
	VUNPCKLPS Y1, Y0, Y8
	VUNPCKHPS Y1, Y0, Y9
	VUNPCKLPS Y3, Y2, Y10
	VUNPCKHPS Y3, Y2, Y11
	VUNPCKLPD Y10, Y8, Y0
	VUNPCKHPD Y10, Y8, Y1
	VUNPCKLPD Y11, Y9, Y2
	VUNPCKHPD Y11, Y9, Y3
	VUNPCKLPS Y5, Y4, Y8
	VUNPCKHPS Y5, Y4, Y9
	VUNPCKLPS Y7, Y6, Y10
	VUNPCKHPS Y7, Y6, Y11
	VUNPCKLPD Y10, Y8, Y4
	VUNPCKHPD Y10, Y8, Y5
	VUNPCKLPD Y11, Y9, Y6
	VUNPCKHPD Y11, Y9, Y7

	VMOVUPS Y0, (DI)
	VMOVUPS Y1, (DI)(R8*1)
	VMOVUPS Y2, (DI)(R8*2)
	VMOVUPS Y3, (DI)(R11*1)
	VMOVUPS Y4, (BX)
	VMOVUPS Y5, (BX)(R8*1)
	VMOVUPS Y6, (BX)(R8*2)
	VMOVUPS Y7, (BX)(R11*1)
	ADDQ    $32, SI
	ADDQ    $32, DX
	LEAQ    (DI)(R8*8), DI
	LEAQ    (BX)(R8*8), BX
	SUBQ    $8, CX
	JNE     turn
	VZEROUPPER
	RET

// func spreadAVX2(dst *float32, stride int, src *float32, row, rows, panels int)
// stride and row are in bytes; rows and panels are positive. What is eight rows ahead is
// fetched: a row's part is too short for the processor to see that more follows.
TEXT ·spreadAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DX
	MOVQ stride+8(FP), R8
	MOVQ src+16(FP), BX
	MOVQ row+24(FP), R9
	MOVQ rows+32(FP), R10
	MOVQ panels+40(FP), R11

row:
	MOVQ DX, DI
	MOVQ BX, SI
	MOVQ R11, CX

panel:
	PREFETCHT0 (SI)(R9*8)
	VMOVUPS    (SI), Y0
	VMOVUPS    32(SI), Y1
	VMOVUPS    Y0, (DI)
	VMOVUPS    Y1, 32(DI)
	ADDQ       $64, SI
	ADDQ       R8, DI
	DECQ       CX
	JNE        panel
	ADDQ       $64, DX
	ADDQ       R9, BX
	DECQ       R10
	JNE        row
	VZEROUPPER
	RET

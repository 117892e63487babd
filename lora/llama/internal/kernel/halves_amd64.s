#include "textflag.h"

// Eight numbers of 16 bits as float32: BF16 is the upper half of one.
#define LOADBF16(from, to) \
	VPMOVZXWD from, to; \
	VPSLLD    $16, to, to

#define LOADF16(from, to) VCVTPH2PS from, to

// func widenX(dst *float32, h *uint16, n int); n is a multiple of 8.
#define WIDEN(LOAD) \
	MOVQ dst+0(FP), DI; \
	MOVQ h+8(FP), SI; \
	MOVQ n+16(FP), CX; \
loop: \
	LOAD((SI), Y0); \
	VMOVUPS Y0, (DI); \
	ADDQ $16, SI; \
	ADDQ $32, DI; \
	SUBQ $8, CX; \
	JNE  loop; \
	VZEROUPPER; \
	RET

// func fuseX(sum, a *float32, h0, h1 *uint16, n int)
// Four chains of 8 columns; a's values are 6 apart.
#define FUSE(LOAD) \
	MOVQ    sum+0(FP), DI; \
	MOVQ    a+8(FP), SI; \
	MOVQ    h0+16(FP), R8; \
	MOVQ    h1+24(FP), R9; \
	MOVQ    n+32(FP), CX; \
	VMOVUPS (DI), Y4; \
	VMOVUPS 32(DI), Y5; \
	VMOVUPS 64(DI), Y6; \
	VMOVUPS 96(DI), Y7; \
row: \
	VBROADCASTSS (SI), Y2; \
	LOAD((R8), Y0); \
	VFMADD231PS Y0, Y2, Y4; \
	LOAD(16(R8), Y1); \
	VFMADD231PS Y1, Y2, Y5; \
	LOAD((R9), Y0); \
	VFMADD231PS Y0, Y2, Y6; \
	LOAD(16(R9), Y1); \
	VFMADD231PS Y1, Y2, Y7; \
	ADDQ $24, SI; \
	ADDQ $32, R8; \
	ADDQ $32, R9; \
	DECQ CX; \
	JNE  row; \
	VMOVUPS Y4, (DI); \
	VMOVUPS Y5, 32(DI); \
	VMOVUPS Y6, 64(DI); \
	VMOVUPS Y7, 96(DI); \
	VZEROUPPER; \
	RET

TEXT ·widenBF16(SB), NOSPLIT, $0-24
	WIDEN(LOADBF16)

TEXT ·widenF16(SB), NOSPLIT, $0-24
	WIDEN(LOADF16)

TEXT ·fuseBF16(SB), NOSPLIT, $0-40
	FUSE(LOADBF16)

TEXT ·fuseF16(SB), NOSPLIT, $0-40
	FUSE(LOADF16)

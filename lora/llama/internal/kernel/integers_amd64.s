#include "textflag.h"

// func widenAVX2(dst *float32, q *int8, scale, offset *float32, n int)
// n rows of 16.
TEXT ·widenAVX2(SB), NOSPLIT, $0-40
	MOVQ    dst+0(FP), DI
	MOVQ    q+8(FP), SI
	MOVQ    scale+16(FP), R8
	MOVQ    offset+24(FP), R9
	MOVQ    n+32(FP), CX
	VMOVUPS (R8), Y8
	VMOVUPS 32(R8), Y9
	VMOVUPS (R9), Y10
	VMOVUPS 32(R9), Y11

row:
	VPMOVSXBD (SI), Y0
	VPMOVSXBD 8(SI), Y1
	VCVTDQ2PS Y0, Y0
	VCVTDQ2PS Y1, Y1
	VMULPS    Y8, Y0, Y0
	VMULPS    Y9, Y1, Y1
	VADDPS    Y10, Y0, Y0
	VADDPS    Y11, Y1, Y1
	VMOVUPS   Y0, (DI)
	VMOVUPS   Y1, 32(DI)
	ADDQ      $16, SI
	ADDQ      $64, DI
	DECQ      CX
	JNE       row
	VZEROUPPER
	RET

#define COLUMNS(off, q, scale, offset, sum) \
	VPMOVSXBD   off(q), Y0; \
	VCVTDQ2PS   Y0, Y0; \
	VMULPS      scale, Y0, Y0; \
	VADDPS      offset, Y0, Y0; \
	VFMADD231PS Y0, Y2, sum

// func fuseAVX2(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 *float32, n int)
// Four chains of 8 columns; a's values are 6 apart.
TEXT ·fuseAVX2(SB), NOSPLIT, $0-72
	MOVQ    sum+0(FP), DI
	MOVQ    a+8(FP), SI
	MOVQ    q0+16(FP), R8
	MOVQ    q1+24(FP), R9
	MOVQ    s0+32(FP), R10
	MOVQ    s1+40(FP), R11
	MOVQ    o0+48(FP), R12
	MOVQ    o1+56(FP), R13
	MOVQ    n+64(FP), CX
	VMOVUPS (DI), Y4
	VMOVUPS 32(DI), Y5
	VMOVUPS 64(DI), Y6
	VMOVUPS 96(DI), Y7
	VMOVUPS (R10), Y8
	VMOVUPS 32(R10), Y9
	VMOVUPS (R11), Y10
	VMOVUPS 32(R11), Y11
	VMOVUPS (R12), Y12
	VMOVUPS 32(R12), Y13
	VMOVUPS (R13), Y14
	VMOVUPS 32(R13), Y15

row:
	VBROADCASTSS (SI), Y2
	COLUMNS(0, R8, Y8, Y12, Y4)
	COLUMNS(8, R8, Y9, Y13, Y5)
	COLUMNS(0, R9, Y10, Y14, Y6)
	COLUMNS(8, R9, Y11, Y15, Y7)
	ADDQ         $24, SI
	ADDQ         $16, R8
	ADDQ         $16, R9
	DECQ         CX
	JNE          row
	VMOVUPS      Y4, (DI)
	VMOVUPS      Y5, 32(DI)
	VMOVUPS      Y6, 64(DI)
	VMOVUPS      Y7, 96(DI)
	VZEROUPPER
	RET

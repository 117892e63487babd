#include "textflag.h"

// Products of bytes with AVX-512 and VNNI. A line is 64 bytes of a panel: four values of 16
// columns. VPDPBUSD multiplies them by four values of a row and adds each column's four
// products to its sum, without saturation.

#define UNPACKARGS \
	MOVQ dst+0(FP), DI; \
	MOVQ src+8(FP), SI; \
	MOVQ groups+16(FP), CX; \
	MOVQ stride+24(FP), R8

// Rows of A: their address, the sums of their integers and their sums.
#define ROWS1(F, x) F(x, (SI), Z4, Z16)

#define ROWS2(F, x) \
	ROWS1(F, x); \
	F(x, (SI)(R8*1), Z5, Z17)

#define ROWS4(F, x) \
	ROWS2(F, x); \
	F(x, (SI)(R8*2), Z6, Z18); \
	F(x, (SI)(R9*1), Z7, Z19)

#define ROWS8(F, x) \
	ROWS4(F, x); \
	F(x, (R10), Z8, Z20); \
	F(x, (R10)(R8*1), Z9, Z21); \
	F(x, (R10)(R8*2), Z10, Z22); \
	F(x, (R10)(R9*1), Z11, Z23)

#define ROWS12(F, x) \
	ROWS8(F, x); \
	F(x, (R11), Z12, Z24); \
	F(x, (R11)(R8*1), Z13, Z25); \
	F(x, (R11)(R8*2), Z14, Z26); \
	F(x, (R11)(R9*1), Z15, Z27)

#define NONE(x, row, acc, sum) VPXORD sum, sum, sum

#define LOAD(x, row, acc, sum) \
	VMOVUPS (DX), sum; \
	ADDQ    R12, DX

#define STORE(x, row, acc, sum) \
	VMOVUPS sum, (DX); \
	ADDQ    R12, DX

#define ZERO(x, row, acc, sum) VPXORD acc, acc, acc
#define LESS(x, row, acc, sum) VPBROADCASTD x row, acc
#define DOT(x, row, acc, sum) VPDPBUSD.BCST x row, Z0, acc

#define SCALED(x, row, acc, sum) \
	VCVTDQ2PS   acc, acc; \
	VMULPS      Z1, acc, acc; \
	VMULPS.BCST x row, acc, acc; \
	VADDPS      acc, sum, sum

#define OFFSET(x, row, acc, sum) \
	VMULPS.BCST x row, Z2, acc; \
	VADDPS      acc, sum, sum

#define LINE(ROWS, at, x) \
	VMOVDQU32 at(DI), Z0; \
	ROWS(DOT, x)

#define LINES4(ROWS, at, x) \
	LINE(ROWS, at, x); \
	LINE(ROWS, at+64, x+4); \
	LINE(ROWS, at+128, x+8); \
	LINE(ROWS, at+192, x+12)

#define WHOLE(ROWS) \
	ROWS(LESS, 40); \
	LINES4(ROWS, 0, 0); \
	LINES4(ROWS, 256, 16); \
	VMOVUPS (BX), Z1; \
	ROWS(SCALED, 32); \
	ADDQ $128, BX

#define WHOLEPLUS(ROWS) \
	ROWS(ZERO, 0); \
	LINES4(ROWS, 0, 0); \
	LINES4(ROWS, 256, 16); \
	VMOVUPS (BX), Z1; \
	VMOVUPS 64(BX), Z2; \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 36); \
	ADDQ $128, BX

#define HALVES(ROWS) \
	ROWS(LESS, 44); \
	LINES4(ROWS, 0, 0); \
	VMOVUPS (BX), Z1; \
	ROWS(SCALED, 32); \
	ROWS(LESS, 48); \
	LINES4(ROWS, 256, 16); \
	VMOVUPS 128(BX), Z1; \
	ROWS(SCALED, 32); \
	ADDQ $256, BX

#define HALVESPLUS(ROWS) \
	ROWS(ZERO, 0); \
	LINES4(ROWS, 0, 0); \
	VMOVUPS (BX), Z1; \
	VMOVUPS 64(BX), Z2; \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 52); \
	ROWS(ZERO, 0); \
	LINES4(ROWS, 256, 16); \
	VMOVUPS 128(BX), Z1; \
	VMOVUPS 192(BX), Z2; \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 56); \
	ADDQ $256, BX

#define DOTS(ROWS, GROUP) \
	MOVQ  f+0(FP), AX; \
	MOVQ  (AX), SI; \
	MOVQ  8(AX), R8; \
	MOVQ  16(AX), DI; \
	MOVQ  24(AX), BX; \
	MOVQ  32(AX), DX; \
	MOVQ  40(AX), R12; \
	MOVQ  48(AX), CX; \
	MOVQ  56(AX), R13; \
	MOVQ  DX, AX; \
	LEAQ  (R8)(R8*2), R9; \
	LEAQ  (SI)(R8*4), R10; \
	LEAQ  (SI)(R8*8), R11; \
	TESTQ R13, R13; \
	JNE   load; \
	ROWS(NONE, 0); \
	JMP   group; \
load: \
	ROWS(LOAD, 0); \
group: \
	GROUP(ROWS); \
	ADDQ  $64, SI; \
	ADDQ  $64, R10; \
	ADDQ  $64, R11; \
	ADDQ  $512, DI; \
	DECQ  CX; \
	JNE   group; \
	MOVQ  AX, DX; \
	ROWS(STORE, 0); \
	VZEROUPPER; \
	RET

TEXT ·dots1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLE)

TEXT ·dots2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, WHOLE)

TEXT ·dots4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLE)

TEXT ·dots8(SB), NOSPLIT, $0-8
	DOTS(ROWS8, WHOLE)

TEXT ·dots12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, WHOLE)

TEXT ·dotsPlus1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLEPLUS)

TEXT ·dotsPlus2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, WHOLEPLUS)

TEXT ·dotsPlus4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLEPLUS)

TEXT ·dotsPlus8(SB), NOSPLIT, $0-8
	DOTS(ROWS8, WHOLEPLUS)

TEXT ·dotsPlus12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, WHOLEPLUS)

TEXT ·dotsHalves1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, HALVES)

TEXT ·dotsHalves2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, HALVES)

TEXT ·dotsHalves4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, HALVES)

TEXT ·dotsHalves8(SB), NOSPLIT, $0-8
	DOTS(ROWS8, HALVES)

TEXT ·dotsHalves12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, HALVES)

TEXT ·dotsHalvesPlus1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, HALVESPLUS)

TEXT ·dotsHalvesPlus2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, HALVESPLUS)

TEXT ·dotsHalvesPlus4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, HALVESPLUS)

TEXT ·dotsHalvesPlus8(SB), NOSPLIT, $0-8
	DOTS(ROWS8, HALVESPLUS)

TEXT ·dotsHalvesPlus12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, HALVESPLUS)

// func unpackBytes512(dst, src *byte, groups, stride, lines int)
TEXT ·unpackBytes512(SB), NOSPLIT, $0-40
	UNPACKARGS
	MOVQ lines+32(FP), R9

group:
	MOVQ SI, R10
	MOVQ R9, AX

line:
	VMOVDQU32  (R10), Z0
	PREFETCHT0 256(R10)
	VMOVDQU32  Z0, (DI)
	ADDQ       $64, R10
	ADDQ       $64, DI
	DECQ       AX
	JNE        line
	ADDQ       R8, SI
	DECQ       CX
	JNE        group
	VZEROUPPER
	RET

// func unpackNibbles512(dst, src *byte, groups, stride, lines, more int)
TEXT ·unpackNibbles512(SB), NOSPLIT, $0-48
	UNPACKARGS
	MOVQ         lines+32(FP), R9
	MOVQ         more+40(FP), AX
	VPBROADCASTB AX, Z31
	MOVL         $15, AX
	VPBROADCASTB AX, Z30

group:
	MOVQ SI, R10
	MOVQ R9, AX

line:
	VMOVDQU32  (R10), Z0
	PREFETCHT0 256(R10)
	VPSRLW     $4, Z0, Z1
	VPANDD     Z30, Z0, Z0
	VPANDD     Z30, Z1, Z1
	VPADDB     Z31, Z0, Z0
	VPADDB     Z31, Z1, Z1
	VMOVDQU32  Z0, (DI)
	VMOVDQU32  Z1, 64(DI)
	ADDQ       $64, R10
	ADDQ       $128, DI
	DECQ       AX
	JNE        line
	ADDQ       R8, SI
	DECQ       CX
	JNE        group
	VZEROUPPER
	RET

// func unpackSixes512(dst, src *byte, groups, stride int)
TEXT ·unpackSixes512(SB), NOSPLIT, $0-32
	UNPACKARGS
	MOVL         $96, AX
	VPBROADCASTB AX, Z31
	MOVL         $15, AX
	VPBROADCASTB AX, Z30
	MOVL         $48, AX
	VPBROADCASTB AX, Z29

group:
	VMOVDQU32  (SI), Z0
	VMOVDQU32  64(SI), Z2
	VMOVDQU32  128(SI), Z4
	PREFETCHT0 256(SI)
	PREFETCHT0 320(SI)
	PREFETCHT0 384(SI)
	VPSRLW     $4, Z0, Z1
	VPSRLW     $4, Z2, Z3
	VPANDD     Z30, Z0, Z0
	VPANDD     Z30, Z1, Z1
	VPANDD     Z30, Z2, Z2
	VPANDD     Z30, Z3, Z3
	VPSLLW     $4, Z4, Z5
	VPSLLW     $2, Z4, Z6
	VPSRLW     $2, Z4, Z7
	VPANDD     Z29, Z4, Z4
	VPANDD     Z29, Z5, Z5
	VPANDD     Z29, Z6, Z6
	VPANDD     Z29, Z7, Z7
	VPADDB     Z31, Z0, Z0
	VPADDB     Z31, Z1, Z1
	VPADDB     Z31, Z2, Z2
	VPADDB     Z31, Z3, Z3
	VPADDB     Z5, Z0, Z0
	VPADDB     Z6, Z1, Z1
	VPADDB     Z4, Z2, Z2
	VPADDB     Z7, Z3, Z3
	VMOVDQU32  Z0, (DI)
	VMOVDQU32  Z1, 64(DI)
	VMOVDQU32  Z2, 128(DI)
	VMOVDQU32  Z3, 192(DI)
	ADDQ       $256, DI
	ADDQ       R8, SI
	DECQ       CX
	JNE        group
	VZEROUPPER
	RET

// func scaleHalves512(dst *float32, group *byte, groups, stride, plus int)
TEXT ·scaleHalves512(SB), NOSPLIT, $0-40
	MOVQ  dst+0(FP), DI
	MOVQ  group+8(FP), SI
	MOVQ  groups+16(FP), CX
	MOVQ  stride+24(FP), R8
	MOVQ  plus+32(FP), R9

group:
	VCVTPH2PS (SI), Z0
	VMOVUPS   Z0, (DI)
	TESTQ     R9, R9
	JEQ       next
	VCVTPH2PS 32(SI), Z1
	VMOVUPS   Z1, 64(DI)

next:
	ADDQ $128, DI
	ADDQ R8, SI
	DECQ CX
	JNE  group
	VZEROUPPER
	RET

// func scaleFactors512(dst *float32, group *byte, units *uint16, groups, stride, plus int)
TEXT ·scaleFactors512(SB), NOSPLIT, $0-48
	MOVQ      dst+0(FP), DI
	MOVQ      group+8(FP), SI
	MOVQ      units+16(FP), R10
	MOVQ      groups+24(FP), CX
	MOVQ      stride+32(FP), R8
	MOVQ      plus+40(FP), R9
	VCVTPH2PS (R10), Z2
	TESTQ     R9, R9
	JEQ       group
	VCVTPH2PS 32(R10), Z3

group:
	VPMOVSXBD (SI), Z0
	VCVTDQ2PS Z0, Z0
	VMULPS    Z2, Z0, Z0
	VMOVUPS   Z0, (DI)
	TESTQ     R9, R9
	JEQ       next
	VPMOVSXBD 16(SI), Z1
	VCVTDQ2PS Z1, Z1
	VMULPS    Z3, Z1, Z1
	VMOVUPS   Z1, 64(DI)

next:
	ADDQ $128, DI
	ADDQ R8, SI
	DECQ CX
	JNE  group
	VZEROUPPER
	RET

#include "textflag.h"

// Products of bytes with AVX2, of eight columns of a panel. VPMADDUBSW multiplies bytes
// without a sign by those with one, and adds two neighbouring products with saturation,
// which the products here are too small for. Integers without an offset get their own
// sign, q-128, which is moved to the values of A: 2 * 128 * 127 is less than 2^15. Those with
// an offset are at most 31.

#define ROWS1(F, x) F(x, Y4, Y8)

#define ROWS2(F, x) \
	ROWS1(F, x); \
	F(x+64, Y5, Y9)

#define ROWS4(F, x) \
	ROWS2(F, x); \
	F(x+128, Y6, Y10); \
	F(x+192, Y7, Y11)

#define NONE(x, acc, sum) VPXOR sum, sum, sum

#define LOAD(x, acc, sum) \
	VMOVUPS (DX), sum; \
	ADDQ    R12, DX

#define STORE(x, acc, sum) \
	VMOVUPS sum, (DX); \
	ADDQ    R12, DX

#define ZERO(x, acc, sum) VPXOR acc, acc, acc

#define SIGNED(x, acc, sum) \
	VPBROADCASTD x(SI), Y2; \
	VPSIGNB      Y0, Y2, Y2; \
	VPMADDUBSW   Y2, Y1, Y2; \
	VPMADDWD     Y14, Y2, Y2; \
	VPADDD       Y2, acc, acc

#define PLAIN(x, acc, sum) \
	VPBROADCASTD x(SI), Y2; \
	VPMADDUBSW   Y2, Y0, Y2; \
	VPMADDWD     Y14, Y2, Y2; \
	VPADDD       Y2, acc, acc

#define SCALED(x, acc, sum) \
	VCVTDQ2PS    acc, acc; \
	VMULPS       Y12, acc, acc; \
	VBROADCASTSS x(SI), Y2; \
	VMULPS       Y2, acc, acc; \
	VADDPS       acc, sum, sum

#define OFFSET(x, acc, sum) \
	VBROADCASTSS x(SI), Y2; \
	VMULPS       Y2, Y13, Y2; \
	VADDPS       Y2, sum, sum

#define LINE(ROWS, at, x) \
	VMOVDQU at(DI), Y0; \
	VPXOR   Y15, Y0, Y0; \
	VPABSB  Y0, Y1; \
	ROWS(SIGNED, x)

#define LINEPLUS(ROWS, at, x) \
	VMOVDQU at(DI), Y0; \
	ROWS(PLAIN, x)

#define LINES4(LINE, ROWS, at, x) \
	LINE(ROWS, at, x); \
	LINE(ROWS, at+64, x+4); \
	LINE(ROWS, at+128, x+8); \
	LINE(ROWS, at+192, x+12)

#define WHOLE(ROWS) \
	ROWS(ZERO, 0); \
	LINES4(LINE, ROWS, 0, 0); \
	LINES4(LINE, ROWS, 256, 16); \
	VMOVUPS (BX), Y12; \
	ROWS(SCALED, 32); \
	ADDQ $128, BX

#define WHOLEPLUS(ROWS) \
	ROWS(ZERO, 0); \
	LINES4(LINEPLUS, ROWS, 0, 0); \
	LINES4(LINEPLUS, ROWS, 256, 16); \
	VMOVUPS (BX), Y12; \
	VMOVUPS 64(BX), Y13; \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 36); \
	ADDQ $128, BX

#define HALVES(ROWS) \
	ROWS(ZERO, 0); \
	LINES4(LINE, ROWS, 0, 0); \
	VMOVUPS (BX), Y12; \
	ROWS(SCALED, 32); \
	ROWS(ZERO, 0); \
	LINES4(LINE, ROWS, 256, 16); \
	VMOVUPS 128(BX), Y12; \
	ROWS(SCALED, 32); \
	ADDQ $256, BX

#define HALVESPLUS(ROWS) \
	ROWS(ZERO, 0); \
	LINES4(LINEPLUS, ROWS, 0, 0); \
	VMOVUPS (BX), Y12; \
	VMOVUPS 64(BX), Y13; \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 56); \
	ROWS(ZERO, 0); \
	LINES4(LINEPLUS, ROWS, 256, 16); \
	VMOVUPS 128(BX), Y12; \
	VMOVUPS 192(BX), Y13; \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 60); \
	ADDQ $256, BX

#define DOTS(ROWS, GROUP) \
	MOVQ         f+0(FP), AX; \
	MOVQ         (AX), SI; \
	MOVQ         8(AX), R8; \
	MOVQ         16(AX), DI; \
	MOVQ         24(AX), R9; \
	MOVQ         32(AX), BX; \
	MOVQ         48(AX), DX; \
	MOVQ         56(AX), R12; \
	MOVQ         64(AX), CX; \
	MOVQ         72(AX), R13; \
	MOVQ         DX, R10; \
	MOVL         $0x00010001, AX; \
	VMOVD        AX, X14; \
	VPBROADCASTD X14, Y14; \
	MOVL         $0x80808080, AX; \
	VMOVD        AX, X15; \
	VPBROADCASTD X15, Y15; \
	TESTQ        R13, R13; \
	JNE          load; \
	ROWS(NONE, 0); \
	JMP          group; \
load: \
	ROWS(LOAD, 0); \
group: \
	GROUP(ROWS); \
	ADDQ R8, SI; \
	ADDQ R9, DI; \
	DECQ CX; \
	JNE  group; \
	MOVQ R10, DX; \
	ROWS(STORE, 0); \
	VZEROUPPER; \
	RET

#define UNPACKARGS256 \
	MOVQ dst+0(FP), DI; \
	MOVQ src+8(FP), SI; \
	MOVQ groups+16(FP), CX; \
	MOVQ stride+24(FP), R8

#define SIXES256(at) \
	VMOVDQU at(SI), Y0; \
	VMOVDQU at+64(SI), Y2; \
	VMOVDQU at+128(SI), Y4; \
	VPSRLW  $4, Y0, Y1; \
	VPSRLW  $4, Y2, Y3; \
	VPAND   Y14, Y0, Y0; \
	VPAND   Y14, Y1, Y1; \
	VPAND   Y14, Y2, Y2; \
	VPAND   Y14, Y3, Y3; \
	VPSLLW  $4, Y4, Y5; \
	VPSLLW  $2, Y4, Y6; \
	VPSRLW  $2, Y4, Y7; \
	VPAND   Y13, Y4, Y4; \
	VPAND   Y13, Y5, Y5; \
	VPAND   Y13, Y6, Y6; \
	VPAND   Y13, Y7, Y7; \
	VPADDB  Y15, Y0, Y0; \
	VPADDB  Y15, Y1, Y1; \
	VPADDB  Y15, Y2, Y2; \
	VPADDB  Y15, Y3, Y3; \
	VPADDB  Y5, Y0, Y0; \
	VPADDB  Y6, Y1, Y1; \
	VPADDB  Y4, Y2, Y2; \
	VPADDB  Y7, Y3, Y3; \
	VMOVDQU Y0, at(DI); \
	VMOVDQU Y1, at+64(DI); \
	VMOVDQU Y2, at+128(DI); \
	VMOVDQU Y3, at+192(DI)

TEXT ·dotsHalf1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLE)

TEXT ·dotsHalf2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, WHOLE)

TEXT ·dotsHalf4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLE)

TEXT ·dotsHalfPlus1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLEPLUS)

TEXT ·dotsHalfPlus2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, WHOLEPLUS)

TEXT ·dotsHalfPlus4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLEPLUS)

TEXT ·dotsHalfHalves1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, HALVES)

TEXT ·dotsHalfHalves2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, HALVES)

TEXT ·dotsHalfHalves4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, HALVES)

TEXT ·dotsHalfHalvesPlus1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, HALVESPLUS)

TEXT ·dotsHalfHalvesPlus2(SB), NOSPLIT, $0-8
	DOTS(ROWS2, HALVESPLUS)

TEXT ·dotsHalfHalvesPlus4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, HALVESPLUS)

// func unpackBytes256(dst, src *byte, groups, stride, lines int)
TEXT ·unpackBytes256(SB), NOSPLIT, $0-40
	UNPACKARGS256
	MOVQ lines+32(FP), R9

group:
	MOVQ SI, R10
	MOVQ R9, AX

line:
	VMOVDQU    (R10), Y0
	VMOVDQU    32(R10), Y1
	PREFETCHT0 256(R10)
	VMOVDQU    Y0, (DI)
	VMOVDQU    Y1, 32(DI)
	ADDQ       $64, R10
	ADDQ       $64, DI
	DECQ       AX
	JNE        line
	ADDQ       R8, SI
	DECQ       CX
	JNE        group
	VZEROUPPER
	RET

// func unpackNibbles256(dst, src *byte, groups, stride, lines, more int)
TEXT ·unpackNibbles256(SB), NOSPLIT, $0-48
	UNPACKARGS256
	MOVQ         lines+32(FP), R9
	MOVQ         more+40(FP), AX
	VMOVD        AX, X15
	VPBROADCASTB X15, Y15
	MOVL         $15, AX
	VMOVD        AX, X14
	VPBROADCASTB X14, Y14

group:
	MOVQ SI, R10
	MOVQ R9, AX

line:
	VMOVDQU    (R10), Y0
	VMOVDQU    32(R10), Y1
	PREFETCHT0 256(R10)
	VPSRLW     $4, Y0, Y2
	VPSRLW     $4, Y1, Y3
	VPAND      Y14, Y0, Y0
	VPAND      Y14, Y1, Y1
	VPAND      Y14, Y2, Y2
	VPAND      Y14, Y3, Y3
	VPADDB     Y15, Y0, Y0
	VPADDB     Y15, Y1, Y1
	VPADDB     Y15, Y2, Y2
	VPADDB     Y15, Y3, Y3
	VMOVDQU    Y0, (DI)
	VMOVDQU    Y1, 32(DI)
	VMOVDQU    Y2, 64(DI)
	VMOVDQU    Y3, 96(DI)
	ADDQ       $64, R10
	ADDQ       $128, DI
	DECQ       AX
	JNE        line
	ADDQ       R8, SI
	DECQ       CX
	JNE        group
	VZEROUPPER
	RET

// func unpackSixes256(dst, src *byte, groups, stride int)
TEXT ·unpackSixes256(SB), NOSPLIT, $0-32
	UNPACKARGS256
	MOVL         $96, AX
	VMOVD        AX, X15
	VPBROADCASTB X15, Y15
	MOVL         $15, AX
	VMOVD        AX, X14
	VPBROADCASTB X14, Y14
	MOVL         $48, AX
	VMOVD        AX, X13
	VPBROADCASTB X13, Y13

group:
	PREFETCHT0 256(SI)
	PREFETCHT0 320(SI)
	PREFETCHT0 384(SI)
	SIXES256(0)
	SIXES256(32)
	ADDQ       $256, DI
	ADDQ       R8, SI
	DECQ       CX
	JNE        group
	VZEROUPPER
	RET

// func scaleHalves256(dst *float32, group *byte, groups, stride, plus int)
TEXT ·scaleHalves256(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ group+8(FP), SI
	MOVQ groups+16(FP), CX
	MOVQ stride+24(FP), R8
	MOVQ plus+32(FP), R9

group:
	VCVTPH2PS (SI), Y0
	VCVTPH2PS 16(SI), Y1
	VMOVUPS   Y0, (DI)
	VMOVUPS   Y1, 32(DI)
	TESTQ     R9, R9
	JEQ       next
	VCVTPH2PS 32(SI), Y0
	VCVTPH2PS 48(SI), Y1
	VMOVUPS   Y0, 64(DI)
	VMOVUPS   Y1, 96(DI)

next:
	ADDQ $128, DI
	ADDQ R8, SI
	DECQ CX
	JNE  group
	VZEROUPPER
	RET

#define FACTORS256(at, units, to) \
	VPMOVSXBD at(SI), Y0; \
	VCVTDQ2PS Y0, Y0; \
	VMULPS    units, Y0, Y0; \
	VMOVUPS   Y0, to(DI)

// func scaleFactors256(dst *float32, group *byte, units *uint16, groups, stride, plus int)
TEXT ·scaleFactors256(SB), NOSPLIT, $0-48
	MOVQ      dst+0(FP), DI
	MOVQ      group+8(FP), SI
	MOVQ      units+16(FP), R10
	MOVQ      groups+24(FP), CX
	MOVQ      stride+32(FP), R8
	MOVQ      plus+40(FP), R9
	VCVTPH2PS (R10), Y2
	VCVTPH2PS 16(R10), Y3
	TESTQ     R9, R9
	JEQ       group
	VCVTPH2PS 32(R10), Y4
	VCVTPH2PS 48(R10), Y5

group:
	FACTORS256(0, Y2, 0)
	FACTORS256(8, Y3, 32)
	TESTQ R9, R9
	JEQ   next
	FACTORS256(16, Y4, 64)
	FACTORS256(24, Y5, 96)

next:
	ADDQ $128, DI
	ADDQ R8, SI
	DECQ CX
	JNE  group
	VZEROUPPER
	RET

#include "textflag.h"

// Products of bytes with AVX-512 and VNNI. A line is 64 bytes of a panel: four values of 16
// columns. VPDPBUSD multiplies them by four values of a row and adds each column's four
// products to its sum, without saturation.

// Rows of A: where the byte x of a record is, the sums of their integers and their sums.
#define ROWS1(F, x) F(x, Z4, Z16)

#define ROWS4(F, x) \
	ROWS1(F, x); \
	F(x+64, Z5, Z17); \
	F(x+128, Z6, Z18); \
	F(x+192, Z7, Z19)

#define ROWS12(F, x) \
	ROWS4(F, x); \
	F(x+256, Z8, Z20); \
	F(x+320, Z9, Z21); \
	F(x+384, Z10, Z22); \
	F(x+448, Z11, Z23); \
	F(x+512, Z12, Z24); \
	F(x+576, Z13, Z25); \
	F(x+640, Z14, Z26); \
	F(x+704, Z15, Z27)

#define NONE(x, acc, sum) VPXORD sum, sum, sum

#define LOAD(x, acc, sum) \
	VMOVUPS (DX), sum; \
	ADDQ    R12, DX

#define STORE(x, acc, sum) \
	VMOVUPS sum, (DX); \
	ADDQ    R12, DX

#define ZERO(x, acc, sum) VPXORD acc, acc, acc
#define LESS(x, acc, sum) VPBROADCASTD x(SI), acc
#define DOT(x, acc, sum) VPDPBUSD.BCST x(SI), Z0, acc

#define SCALED(x, acc, sum) \
	VCVTDQ2PS   acc, acc; \
	VMULPS      Z1, acc, acc; \
	VMULPS.BCST x(SI), acc, acc; \
	VADDPS      acc, sum, sum

#define OFFSET(x, acc, sum) \
	VMULPS.BCST x(SI), Z2, acc; \
	VADDPS      acc, sum, sum

// The next 16 rows of a panel, whose integers are at an address, times the rows' values from
// the byte x on. Unpacking takes what else the processor has than multipliers.
#define BYTES(ROWS, at, x) \
	PREFETCHT0 at+256+4096(DI); \
	VMOVDQU32 at(DI), Z0; \
	PREFETCHT0 at+4096(DI); \
	ROWS(DOT, x); \
	VMOVDQU32 at+64(DI), Z0; \
	PREFETCHT0 at+64+4096(DI); \
	ROWS(DOT, x+4); \
	VMOVDQU32 at+128(DI), Z0; \
	PREFETCHT0 at+128+4096(DI); \
	ROWS(DOT, x+8); \
	VMOVDQU32 at+192(DI), Z0; \
	PREFETCHT0 at+192+4096(DI); \
	ROWS(DOT, x+12)

#define NIBBLES4(MORE, ROWS, at, x) \
	PREFETCHT0 at+128+4096(DI); \
	VMOVDQU32 at(DI), Z1; \
	PREFETCHT0 at+4096(DI); \
	VPANDD    Z28, Z1, Z0; \
	MORE; \
	ROWS(DOT, x); \
	VPSRLW    $4, Z1, Z0; \
	VPANDD    Z28, Z0, Z0; \
	MORE; \
	ROWS(DOT, x+4); \
	VMOVDQU32 at+64(DI), Z1; \
	PREFETCHT0 at+64+4096(DI); \
	VPANDD    Z28, Z1, Z0; \
	MORE; \
	ROWS(DOT, x+8); \
	VPSRLW    $4, Z1, Z0; \
	VPANDD    Z28, Z0, Z0; \
	MORE; \
	ROWS(DOT, x+12)

#define ASIS
#define NIBBLES(ROWS, at, x) NIBBLES4(ASIS, ROWS, at, x)

// CENTRED are nibbles that are kept 8 larger, and become 32 larger as sixes are.
#define MORE24 VPADDB Z30, Z0, Z0
#define CENTRED(ROWS, at, x) NIBBLES4(MORE24, ROWS, at, x)

// SIX is the lower four bits of low and the next two of Z0. Z28 is 15, Z29 63.
#define SIX(low) \
	VPTERNLOGD $0xd8, Z28, low, Z0; \
	VPANDD     Z29, Z0, Z0

#define SIXES(ROWS, at, x) \
	PREFETCHT0 at+192+4096(DI); \
	VMOVDQU32 at(DI), Z1; \
	PREFETCHT0 at+4096(DI); \
	VMOVDQU32 at+128(DI), Z3; \
	PREFETCHT0 at+128+4096(DI); \
	VPSLLW    $4, Z3, Z0; \
	SIX(Z1); \
	ROWS(DOT, x); \
	VPSRLW    $4, Z1, Z1; \
	VPSLLW    $2, Z3, Z0; \
	SIX(Z1); \
	ROWS(DOT, x+4); \
	VMOVDQU32 at+64(DI), Z1; \
	PREFETCHT0 at+64+4096(DI); \
	VMOVDQA32 Z3, Z0; \
	SIX(Z1); \
	ROWS(DOT, x+8); \
	VPSRLW    $4, Z1, Z1; \
	VPSRLW    $2, Z3, Z0; \
	SIX(Z1); \
	ROWS(DOT, x+12)

// Scales, and offsets, of a quantum whose integers are at an address: made before, or those
// of the group as they are kept, float16 or integers times the units.
#define MADE(at, made) VMOVUPS made(BX), Z1

#define MADEPLUS(at, made) \
	VMOVUPS made(BX), Z1; \
	VMOVUPS 64+made(BX), Z2

#define HALF(at, made) VCVTPH2PS at-32(DI), Z1

#define HALFPLUS(at, made) \
	VCVTPH2PS at-64(DI), Z1; \
	VCVTPH2PS at-32(DI), Z2

#define FACTOR(at, made) \
	VPMOVSXBD at-16(DI), Z1; \
	VCVTDQ2PS Z1, Z1; \
	VMULPS    Z24, Z1, Z1

#define FACTORPLUS(at, made) \
	VPMOVSXBD at-32(DI), Z1; \
	VPMOVSXBD at-16(DI), Z2; \
	VCVTDQ2PS Z1, Z1; \
	VCVTDQ2PS Z2, Z2; \
	VMULPS    Z24, Z1, Z1; \
	VMULPS    Z25, Z2, Z2

// A group of 32 rows, with a scale for all or for 16, without offsets and with. The second
// half's integers are at an address.
#define WHOLE(ROWS, less, INTEGERS, second, SCALES) \
	ROWS(LESS, less); \
	INTEGERS(ROWS, 0, 0); \
	INTEGERS(ROWS, second, 16); \
	SCALES(0, 0); \
	ROWS(SCALED, 32); \
	ADDQ $128, BX

#define WHOLEPLUS(ROWS, less, INTEGERS, second, SCALES) \
	ROWS(ZERO, 0); \
	INTEGERS(ROWS, 0, 0); \
	INTEGERS(ROWS, second, 16); \
	SCALES(0, 0); \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 36); \
	ADDQ $128, BX

#define HALVES(ROWS, less, INTEGERS, second, SCALES) \
	ROWS(LESS, less); \
	INTEGERS(ROWS, 0, 0); \
	SCALES(0, 0); \
	ROWS(SCALED, 32); \
	ROWS(LESS, less+4); \
	INTEGERS(ROWS, second, 16); \
	SCALES(second, 128); \
	ROWS(SCALED, 32); \
	ADDQ $256, BX

#define HALVESPLUS(ROWS, less, INTEGERS, second, SCALES) \
	ROWS(ZERO, 0); \
	INTEGERS(ROWS, 0, 0); \
	SCALES(0, 0); \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 56); \
	ROWS(ZERO, 0); \
	INTEGERS(ROWS, second, 16); \
	SCALES(second, 128); \
	ROWS(SCALED, 32); \
	ROWS(OFFSET, 60); \
	ADDQ $256, BX

#define NOUNITS
#define UNITS \
	MOVQ      f+0(FP), BX; \
	MOVQ      40(BX), BX; \
	VCVTPH2PS (BX), Z24

#define UNITSPLUS \
	UNITS; \
	VCVTPH2PS 32(BX), Z25

#define DOTS(ROWS, GROUP, less, INTEGERS, second, UNITS, SCALES) \
	MOVL         $15, AX; \
	VPBROADCASTB AX, Z28; \
	MOVL         $63, AX; \
	VPBROADCASTB AX, Z29; \
	MOVL         $24, AX; \
	VPBROADCASTB AX, Z30; \
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
	MOVQ         DX, AX; \
	UNITS; \
	TESTQ        R13, R13; \
	JNE          load; \
	ROWS(NONE, 0); \
	JMP          group; \
load: \
	ROWS(LOAD, 0); \
group: \
	GROUP(ROWS, less, INTEGERS, second, SCALES); \
	ADDQ R8, SI; \
	ADDQ R9, DI; \
	DECQ CX; \
	JNE  group; \
	MOVQ AX, DX; \
	ROWS(STORE, 0); \
	VZEROUPPER; \
	RET

TEXT ·dotsBytes12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, WHOLE, 40, BYTES, 256, NOUNITS, MADE)

TEXT ·dotsBytes4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLE, 40, BYTES, 256, NOUNITS, MADE)

TEXT ·dotsBytesPlus12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, WHOLEPLUS, 0, BYTES, 256, NOUNITS, MADEPLUS)

TEXT ·dotsBytesPlus4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLEPLUS, 0, BYTES, 256, NOUNITS, MADEPLUS)

TEXT ·dotsNibbles12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, WHOLE, 44, CENTRED, 128, NOUNITS, MADE)

TEXT ·dotsNibbles4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLE, 44, CENTRED, 128, NOUNITS, MADE)

TEXT ·dotsNibblesPlus12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, WHOLEPLUS, 0, NIBBLES, 128, NOUNITS, MADEPLUS)

TEXT ·dotsNibblesPlus4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, WHOLEPLUS, 0, NIBBLES, 128, NOUNITS, MADEPLUS)

TEXT ·dotsNibblesHalves12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, HALVES, 48, CENTRED, 144, NOUNITS, MADE)

TEXT ·dotsNibblesHalves4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, HALVES, 48, CENTRED, 144, NOUNITS, MADE)

TEXT ·dotsNibblesHalvesPlus12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, HALVESPLUS, 0, NIBBLES, 160, NOUNITS, MADEPLUS)

TEXT ·dotsNibblesHalvesPlus4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, HALVESPLUS, 0, NIBBLES, 160, NOUNITS, MADEPLUS)

TEXT ·dotsSixesHalves12(SB), NOSPLIT, $0-8
	DOTS(ROWS12, HALVES, 48, SIXES, 208, NOUNITS, MADE)

TEXT ·dotsSixesHalves4(SB), NOSPLIT, $0-8
	DOTS(ROWS4, HALVES, 48, SIXES, 208, NOUNITS, MADE)

TEXT ·dotsBytesHalf1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLE, 40, BYTES, 256, NOUNITS, HALF)

TEXT ·dotsBytesPlusHalf1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLEPLUS, 0, BYTES, 256, NOUNITS, HALFPLUS)

TEXT ·dotsBytesFactor1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLE, 40, BYTES, 256, UNITS, FACTOR)

TEXT ·dotsBytesPlusFactor1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLEPLUS, 0, BYTES, 256, UNITSPLUS, FACTORPLUS)

TEXT ·dotsNibblesHalf1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLE, 44, CENTRED, 128, NOUNITS, HALF)

TEXT ·dotsNibblesPlusHalf1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLEPLUS, 0, NIBBLES, 128, NOUNITS, HALFPLUS)

TEXT ·dotsNibblesPlusFactor1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, WHOLEPLUS, 0, NIBBLES, 128, UNITSPLUS, FACTORPLUS)

TEXT ·dotsNibblesHalvesFactor1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, HALVES, 48, CENTRED, 144, UNITS, FACTOR)

TEXT ·dotsNibblesHalvesPlusFactor1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, HALVESPLUS, 0, NIBBLES, 160, UNITSPLUS, FACTORPLUS)

TEXT ·dotsSixesHalvesFactor1(SB), NOSPLIT, $0-8
	DOTS(ROWS1, HALVES, 48, SIXES, 208, UNITS, FACTOR)

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

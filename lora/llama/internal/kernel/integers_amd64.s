#include "textflag.h"

DATA nibbles<>+0(SB)/8, $0x0000000f0000000f
DATA nibbles<>+8(SB)/8, $0x0000000f0000000f
DATA nibbles<>+16(SB)/8, $0x0000000f0000000f
DATA nibbles<>+24(SB)/8, $0x0000000f0000000f
GLOBL nibbles<>(SB), RODATA|NOPTR, $32

// 15, 0x30 and 32, eight times each.
DATA sixes<>+0(SB)/8, $0x0000000f0000000f
DATA sixes<>+8(SB)/8, $0x0000000f0000000f
DATA sixes<>+16(SB)/8, $0x0000000f0000000f
DATA sixes<>+24(SB)/8, $0x0000000f0000000f
DATA sixes<>+32(SB)/8, $0x0000003000000030
DATA sixes<>+40(SB)/8, $0x0000003000000030
DATA sixes<>+48(SB)/8, $0x0000003000000030
DATA sixes<>+56(SB)/8, $0x0000003000000030
DATA sixes<>+64(SB)/8, $0x0000002000000020
DATA sixes<>+72(SB)/8, $0x0000002000000020
DATA sixes<>+80(SB)/8, $0x0000002000000020
DATA sixes<>+88(SB)/8, $0x0000002000000020
GLOBL sixes<>(SB), RODATA|NOPTR, $96

DATA minus8<>+0(SB)/4, $0xc1000000
GLOBL minus8<>(SB), RODATA|NOPTR, $4

DATA minus0<>+0(SB)/4, $0x80000000
GLOBL minus0<>(SB), RODATA|NOPTR, $4

// A group is scales, offsets and integers of 16 columns. HALVES and FACTORS load eight
// scales or offsets: float16, or integers of 8 bits times float16. I is the number of
// eights before them.
#define HALVES(I, g, units, y, tmp) \
	VCVTPH2PS (16*I)(g), y

#define FACTORS(I, g, units, y, tmp) \
	VPMOVSXBD (8*I)(g), y; \
	VCVTPH2PS (16*I)(units), tmp; \
	VCVTDQ2PS y, y; \
	VMULPS    tmp, y, y

// HEAD skips a group's scales (HEADER bytes), and the DX rows that are left out, of
// 1<<SHIFT bytes. ROWS is the size of a group, AX how many rows of it follow, CX how many after these.
#define HEAD(HEADER, SHIFT, ROWS) \
	MOVQ    DX, AX; \
	SHLQ    $SHIFT, AX; \
	LEAQ    HEADER(R8)(AX*1), R8; \
	LEAQ    HEADER(R9)(AX*1), R9; \
	MOVQ    ROWS, AX; \
	SUBQ    DX, AX; \
	XORL    DX, DX; \
	CMPQ    AX, CX; \
	CMOVQGT CX, AX; \
	SUBQ    AX, CX

// The products of one row of A, whose values are 6 apart, with two panels: four chains
// of 8 columns.
//
// An integer times its scale is exact where there are offsets: an integer of at most 5
// bits, and a scale of at most 17. So it is as well rounded once, with the offset.
//
// func fuseX(f *fusing)

#define ARGS \
	MOVQ    f+0(FP), BX; \
	MOVQ    (BX), DI; \
	MOVQ    8(BX), SI; \
	MOVQ    16(BX), R8; \
	MOVQ    24(BX), R9; \
	MOVQ    48(BX), R10; \
	MOVQ    56(BX), R11; \
	MOVQ    80(BX), DX; \
	MOVQ    88(BX), CX; \
	VMOVUPS (DI), Y4; \
	VMOVUPS 32(DI), Y5; \
	VMOVUPS 64(DI), Y6; \
	VMOVUPS 96(DI), Y7

#define SCALES(LOAD) \
	LOAD(0, R8, R10, Y8, Y0); \
	LOAD(1, R8, R10, Y9, Y1); \
	LOAD(0, R9, R11, Y10, Y2); \
	LOAD(1, R9, R11, Y11, Y3)

#define OFFSETS(LOAD) \
	LOAD(2, R8, R10, Y12, Y0); \
	LOAD(3, R8, R10, Y13, Y1); \
	LOAD(2, R9, R11, Y14, Y2); \
	LOAD(3, R9, R11, Y15, Y3)

// CENTRED are the offsets of nibbles without: the products and sums are exact.
#define CENTRED(LOAD) \
	VBROADCASTSS minus8<>(SB), Y0; \
	VMULPS       Y0, Y8, Y12; \
	VMULPS       Y0, Y9, Y13; \
	VMULPS       Y0, Y10, Y14; \
	VMULPS       Y0, Y11, Y15

#define NONE(LOAD)

#define DONE \
	VMOVUPS Y4, (DI); \
	VMOVUPS Y5, 32(DI); \
	VMOVUPS Y6, 64(DI); \
	VMOVUPS Y7, 96(DI); \
	VZEROUPPER; \
	RET

#define COLUMNS(q, scale, offset, sum) \
	VPMOVSXBD   q, Y0; \
	VCVTDQ2PS   Y0, Y0; \
	VMULPS      scale, Y0, Y0; \
	VFMADD231PS Y0, Y2, sum

#define COLUMNSPLUS(q, scale, offset, sum) \
	VPMOVSXBD   q, Y0; \
	VCVTDQ2PS   Y0, Y0; \
	VFMADD213PS offset, scale, Y0; \
	VFMADD231PS Y0, Y2, sum

#define BYTES(HEADER, LOAD, OFFSETS, COLUMNS) \
	ARGS; \
group: \
	SCALES(LOAD); \
	OFFSETS(LOAD); \
	HEAD(HEADER, 4, 96(BX)); \
row: \
	VBROADCASTSS (SI), Y2; \
	COLUMNS((R8), Y8, Y12, Y4); \
	COLUMNS(8(R8), Y9, Y13, Y5); \
	COLUMNS((R9), Y10, Y14, Y6); \
	COLUMNS(8(R9), Y11, Y15, Y7); \
	ADDQ         $24, SI; \
	ADDQ         $16, R8; \
	ADDQ         $16, R9; \
	DECQ         AX; \
	JNE          row; \
	TESTQ        CX, CX; \
	JNE          group; \
	DONE

// TWO is eight columns of two rows; Y2 and Y3 are their values of A. The mask
// is at R12.
#define TWO(q, scale, offset, sum) \
	VPMOVZXBD   q, Y0; \
	VPAND       (R12), Y0, Y1; \
	VCVTDQ2PS   Y1, Y1; \
	VFMADD213PS offset, scale, Y1; \
	VFMADD231PS Y1, Y2, sum; \
	VPSRLD      $4, Y0, Y0; \
	VCVTDQ2PS   Y0, Y0; \
	VFMADD213PS offset, scale, Y0; \
	VFMADD231PS Y0, Y3, sum

#define NIBBLES(HEADER, LOAD, OFFSETS) \
	LEAQ nibbles<>(SB), R12; \
	ARGS; \
group: \
	SCALES(LOAD); \
	OFFSETS(LOAD); \
	HEAD(HEADER, 3, 96(BX)); \
rows: \
	VBROADCASTSS (SI), Y2; \
	VBROADCASTSS 24(SI), Y3; \
	TWO((R8), Y8, Y12, Y4); \
	TWO(8(R8), Y9, Y13, Y5); \
	TWO((R9), Y10, Y14, Y6); \
	TWO(8(R9), Y11, Y15, Y7); \
	ADDQ         $48, SI; \
	ADDQ         $16, R8; \
	ADDQ         $16, R9; \
	SUBQ         $2, AX; \
	JNE          rows; \
	TESTQ        CX, CX; \
	JNE          group; \
	DONE

// SIX is a row's six bits as a number: SHIFT brings the upper two, in Y0, to bits 4
// and 5 of Y2, and LOW the lower four, of Y1, to Y3. The masks are at R13.
#define SIX(SHIFT, LOW, scale) \
	SHIFT; \
	LOW; \
	VPAND     32(R13), Y2, Y2; \
	VPOR      Y3, Y2, Y2; \
	VPSUBD    64(R13), Y2, Y2; \
	VCVTDQ2PS Y2, Y2; \
	VMULPS    scale, Y2, Y2

#define UP4 VPSLLD $4, Y0, Y2
#define UP2 VPSLLD $2, Y0, Y2
#define UP0 VMOVDQA Y0, Y2
#define DOWN2 VPSRLD $2, Y0, Y2
#define FIRST VPAND (R13), Y1, Y3
#define SECOND VPSRLD $4, Y1, Y3

// FOUR is eight columns of four rows, whose values of A are in Y12 to Y15. p is where
// they are, p + R12 where their upper bits are.
#define FOUR(I, p, scale, sum) \
	VPMOVZXBD   (8*I)(p)(R12*1), Y0; \
	VPMOVZXBD   (8*I)(p), Y1; \
	SIX(UP4, FIRST, scale); \
	VFMADD231PS Y2, Y12, sum; \
	SIX(UP2, SECOND, scale); \
	VFMADD231PS Y2, Y13, sum; \
	VPMOVZXBD   (8*I+16)(p), Y1; \
	SIX(UP0, FIRST, scale); \
	VFMADD231PS Y2, Y14, sum; \
	SIX(DOWN2, SECOND, scale); \
	VFMADD231PS Y2, Y15, sum

// UPPER sets R12 to the distance from a group's nibbles of row DX to the bits above
// them: 8 bytes a row from where those begin, and 4.
#define UPPER(ROWS) \
	MOVQ ROWS, R12; \
	SHLQ $3, R12; \
	LEAQ (DX*4), AX; \
	SUBQ AX, R12

#define SIXES(LOAD) \
	LEAQ sixes<>(SB), R13; \
	ARGS; \
group: \
	SCALES(LOAD); \
	UPPER(96(BX)); \
	HEAD(16, 3, 96(BX)); \
rows: \
	VBROADCASTSS (SI), Y12; \
	VBROADCASTSS 24(SI), Y13; \
	VBROADCASTSS 48(SI), Y14; \
	VBROADCASTSS 72(SI), Y15; \
	FOUR(0, R8, Y8, Y4); \
	FOUR(1, R8, Y9, Y5); \
	FOUR(0, R9, Y10, Y6); \
	FOUR(1, R9, Y11, Y7); \
	ADDQ         $96, SI; \
	ADDQ         $32, R8; \
	ADDQ         $32, R9; \
	SUBQ         $16, R12; \
	SUBQ         $4, AX; \
	JNE          rows; \
	ADDQ         R12, R8; \
	ADDQ         R12, R9; \
	TESTQ        CX, CX; \
	JNE          group; \
	DONE

// Rows of 16 as float32: an integer times its scale is rounded, and then the sum.
//
// func widenX(dst *float32, group *byte, units *uint16, skip, n, quantum int)

#define WIDENARGS \
	MOVQ dst+0(FP), DI; \
	MOVQ group+8(FP), R8; \
	MOVQ units+16(FP), R10; \
	MOVQ skip+24(FP), DX; \
	MOVQ n+32(FP), CX; \
	MOVQ quantum+40(FP), BX

#define WIDENSCALES(LOAD) \
	LOAD(0, R8, R10, Y8, Y0); \
	LOAD(1, R8, R10, Y9, Y1)

#define WIDENOFFSETS(LOAD) \
	LOAD(2, R8, R10, Y10, Y0); \
	LOAD(3, R8, R10, Y11, Y1)

#define WIDENCENTRED(LOAD) \
	VBROADCASTSS minus8<>(SB), Y0; \
	VMULPS       Y0, Y8, Y10; \
	VMULPS       Y0, Y9, Y11

#define WIDENNONE(LOAD) \
	VBROADCASTSS minus0<>(SB), Y10; \
	VMOVAPS      Y10, Y11

#define AFFINE(low, high) \
	VCVTDQ2PS low, low; \
	VCVTDQ2PS high, high; \
	VMULPS    Y8, low, low; \
	VMULPS    Y9, high, high; \
	VADDPS    Y10, low, low; \
	VADDPS    Y11, high, high

#define WIDENBYTES(HEADER, LOAD, OFFSETS) \
	WIDENARGS; \
group: \
	WIDENSCALES(LOAD); \
	OFFSETS(LOAD); \
	HEAD(HEADER, 4, BX); \
row: \
	VPMOVSXBD (R8), Y0; \
	VPMOVSXBD 8(R8), Y1; \
	AFFINE(Y0, Y1); \
	VMOVUPS   Y0, (DI); \
	VMOVUPS   Y1, 32(DI); \
	ADDQ      $16, R8; \
	ADDQ      $64, DI; \
	DECQ      AX; \
	JNE       row; \
	TESTQ     CX, CX; \
	JNE       group; \
	VZEROUPPER; \
	RET

#define WIDENNIBBLES(HEADER, LOAD, OFFSETS) \
	VMOVDQU nibbles<>(SB), Y7; \
	WIDENARGS; \
group: \
	WIDENSCALES(LOAD); \
	OFFSETS(LOAD); \
	HEAD(HEADER, 3, BX); \
rows: \
	VPMOVZXBD (R8), Y0; \
	VPMOVZXBD 8(R8), Y1; \
	VPAND     Y7, Y0, Y2; \
	VPAND     Y7, Y1, Y3; \
	VPSRLD    $4, Y0, Y0; \
	VPSRLD    $4, Y1, Y1; \
	AFFINE(Y2, Y3); \
	AFFINE(Y0, Y1); \
	VMOVUPS   Y2, (DI); \
	VMOVUPS   Y3, 32(DI); \
	VMOVUPS   Y0, 64(DI); \
	VMOVUPS   Y1, 96(DI); \
	ADDQ      $16, R8; \
	ADDQ      $128, DI; \
	SUBQ      $2, AX; \
	JNE       rows; \
	TESTQ     CX, CX; \
	JNE       group; \
	VZEROUPPER; \
	RET

#define WIDENFOUR(I, scale) \
	VPMOVZXBD (8*I)(R8)(R12*1), Y0; \
	VPMOVZXBD (8*I)(R8), Y1; \
	SIX(UP4, FIRST, scale); \
	VMOVUPS   Y2, (32*I)(DI); \
	SIX(UP2, SECOND, scale); \
	VMOVUPS   Y2, (32*I+64)(DI); \
	VPMOVZXBD (8*I+16)(R8), Y1; \
	SIX(UP0, FIRST, scale); \
	VMOVUPS   Y2, (32*I+128)(DI); \
	SIX(DOWN2, SECOND, scale); \
	VMOVUPS   Y2, (32*I+192)(DI)

#define WIDENSIXES(LOAD) \
	LEAQ sixes<>(SB), R13; \
	WIDENARGS; \
group: \
	WIDENSCALES(LOAD); \
	UPPER(BX); \
	HEAD(16, 3, BX); \
rows: \
	WIDENFOUR(0, Y8); \
	WIDENFOUR(1, Y9); \
	ADDQ  $32, R8; \
	ADDQ  $256, DI; \
	SUBQ  $16, R12; \
	SUBQ  $4, AX; \
	JNE   rows; \
	ADDQ  R12, R8; \
	TESTQ CX, CX; \
	JNE   group; \
	VZEROUPPER; \
	RET

TEXT ·fuseBytes(SB), NOSPLIT, $0-8
	BYTES(32, HALVES, NONE, COLUMNS)

TEXT ·fuseBytesFactors(SB), NOSPLIT, $0-8
	BYTES(16, FACTORS, NONE, COLUMNS)

TEXT ·fuseBytesPlus(SB), NOSPLIT, $0-8
	BYTES(64, HALVES, OFFSETS, COLUMNSPLUS)

TEXT ·fuseBytesPlusFactors(SB), NOSPLIT, $0-8
	BYTES(32, FACTORS, OFFSETS, COLUMNSPLUS)

TEXT ·fuseNibbles(SB), NOSPLIT, $0-8
	NIBBLES(32, HALVES, CENTRED)

TEXT ·fuseNibblesFactors(SB), NOSPLIT, $0-8
	NIBBLES(16, FACTORS, CENTRED)

TEXT ·fuseNibblesPlus(SB), NOSPLIT, $0-8
	NIBBLES(64, HALVES, OFFSETS)

TEXT ·fuseNibblesPlusFactors(SB), NOSPLIT, $0-8
	NIBBLES(32, FACTORS, OFFSETS)

TEXT ·widenBytes(SB), NOSPLIT, $0-48
	WIDENBYTES(32, HALVES, WIDENNONE)

TEXT ·widenBytesFactors(SB), NOSPLIT, $0-48
	WIDENBYTES(16, FACTORS, WIDENNONE)

TEXT ·widenBytesPlus(SB), NOSPLIT, $0-48
	WIDENBYTES(64, HALVES, WIDENOFFSETS)

TEXT ·widenBytesPlusFactors(SB), NOSPLIT, $0-48
	WIDENBYTES(32, FACTORS, WIDENOFFSETS)

TEXT ·widenNibbles(SB), NOSPLIT, $0-48
	WIDENNIBBLES(32, HALVES, WIDENCENTRED)

TEXT ·widenNibblesFactors(SB), NOSPLIT, $0-48
	WIDENNIBBLES(16, FACTORS, WIDENCENTRED)

TEXT ·widenNibblesPlus(SB), NOSPLIT, $0-48
	WIDENNIBBLES(64, HALVES, WIDENOFFSETS)

TEXT ·widenNibblesPlusFactors(SB), NOSPLIT, $0-48
	WIDENNIBBLES(32, FACTORS, WIDENOFFSETS)

TEXT ·fuseSixesFactors(SB), NOSPLIT, $0-8
	SIXES(FACTORS)

TEXT ·widenSixesFactors(SB), NOSPLIT, $0-48
	WIDENSIXES(FACTORS)

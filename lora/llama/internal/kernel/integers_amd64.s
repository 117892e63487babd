#include "textflag.h"

DATA nibbles<>+0(SB)/8, $0x0000000f0000000f
DATA nibbles<>+8(SB)/8, $0x0000000f0000000f
DATA nibbles<>+16(SB)/8, $0x0000000f0000000f
DATA nibbles<>+24(SB)/8, $0x0000000f0000000f
GLOBL nibbles<>(SB), RODATA|NOPTR, $32

DATA minus8<>+0(SB)/4, $0xc1000000
GLOBL minus8<>(SB), RODATA|NOPTR, $4

// The products of one row of A, whose values are 6 apart, with two panels: four chains
// of 8 columns, or two of 16. Scales and offsets are float32 or float16; nibbles
// without offsets are 8 too large.
//
// An integer times its scale is exact where there are offsets: an integer of at most 5
// bits, and a scale of at most 17. So it is as well rounded once, with the offset.
//
// func fuseX(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

#define ARGS \
	MOVQ sum+0(FP), DI; \
	MOVQ a+8(FP), SI; \
	MOVQ q0+16(FP), R8; \
	MOVQ q1+24(FP), R9; \
	MOVQ s0+32(FP), R10; \
	MOVQ s1+40(FP), R11; \
	MOVQ o0+48(FP), R12; \
	MOVQ o1+56(FP), R13; \
	MOVQ n+64(FP), CX

// LOAD is VMOVUPS for float32 and VCVTPH2PS for float16, and SIZE that of eight.
#define SCALES(LOAD, SIZE) \
	LOAD (R10), Y8; \
	LOAD SIZE(R10), Y9; \
	LOAD (R11), Y10; \
	LOAD SIZE(R11), Y11

#define OFFSETS(LOAD, SIZE) \
	LOAD (R12), Y12; \
	LOAD SIZE(R12), Y13; \
	LOAD (R13), Y14; \
	LOAD SIZE(R13), Y15

// CENTRED are the offsets of nibbles without: the products and sums are exact.
#define CENTRED \
	VBROADCASTSS minus8<>(SB), Y0; \
	VMULPS       Y0, Y8, Y12; \
	VMULPS       Y0, Y9, Y13; \
	VMULPS       Y0, Y10, Y14; \
	VMULPS       Y0, Y11, Y15

#define SUMS \
	VMOVUPS (DI), Y4; \
	VMOVUPS 32(DI), Y5; \
	VMOVUPS 64(DI), Y6; \
	VMOVUPS 96(DI), Y7

#define DONE \
	VMOVUPS Y4, (DI); \
	VMOVUPS Y5, 32(DI); \
	VMOVUPS Y6, 64(DI); \
	VMOVUPS Y7, 96(DI); \
	VZEROUPPER; \
	RET

#define COLUMNS(q, scale, sum) \
	VPMOVSXBD   q, Y0; \
	VCVTDQ2PS   Y0, Y0; \
	VMULPS      scale, Y0, Y0; \
	VFMADD231PS Y0, Y2, sum

#define COLUMNSPLUS(q, scale, offset, sum) \
	VPMOVSXBD   q, Y0; \
	VCVTDQ2PS   Y0, Y0; \
	VFMADD213PS offset, scale, Y0; \
	VFMADD231PS Y0, Y2, sum

#define BYTES \
	SUMS; \
row: \
	VBROADCASTSS (SI), Y2; \
	COLUMNS((R8), Y8, Y4); \
	COLUMNS(8(R8), Y9, Y5); \
	COLUMNS((R9), Y10, Y6); \
	COLUMNS(8(R9), Y11, Y7); \
	ADDQ         $24, SI; \
	ADDQ         $16, R8; \
	ADDQ         $16, R9; \
	DECQ         CX; \
	JNE          row; \
	DONE

#define BYTESPLUS \
	SUMS; \
row: \
	VBROADCASTSS (SI), Y2; \
	COLUMNSPLUS((R8), Y8, Y12, Y4); \
	COLUMNSPLUS(8(R8), Y9, Y13, Y5); \
	COLUMNSPLUS((R9), Y10, Y14, Y6); \
	COLUMNSPLUS(8(R9), Y11, Y15, Y7); \
	ADDQ         $24, SI; \
	ADDQ         $16, R8; \
	ADDQ         $16, R9; \
	DECQ         CX; \
	JNE          row; \
	DONE

// TWO is eight columns of two rows; Y2 and Y3 are their values of A. The mask
// is at BX.
#define TWO(q, scale, offset, sum) \
	VPMOVZXBD   q, Y0; \
	VPAND       (BX), Y0, Y1; \
	VCVTDQ2PS   Y1, Y1; \
	VFMADD213PS offset, scale, Y1; \
	VFMADD231PS Y1, Y2, sum; \
	VPSRLD      $4, Y0, Y0; \
	VCVTDQ2PS   Y0, Y0; \
	VFMADD213PS offset, scale, Y0; \
	VFMADD231PS Y0, Y3, sum

#define NIBBLES \
	LEAQ nibbles<>(SB), BX; \
	SUMS; \
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
	SUBQ         $2, CX; \
	JNE          rows; \
	DONE

TEXT ·fuseBytesF32(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VMOVUPS, 32)
	BYTES

TEXT ·fuseBytesF16(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VCVTPH2PS, 16)
	BYTES

TEXT ·fuseBytesPlusF32(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VMOVUPS, 32)
	OFFSETS(VMOVUPS, 32)
	BYTESPLUS

TEXT ·fuseBytesPlusF16(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VCVTPH2PS, 16)
	OFFSETS(VCVTPH2PS, 16)
	BYTESPLUS

TEXT ·fuseNibblesF32(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VMOVUPS, 32)
	CENTRED
	NIBBLES

TEXT ·fuseNibblesF16(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VCVTPH2PS, 16)
	CENTRED
	NIBBLES

TEXT ·fuseNibblesPlusF32(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VMOVUPS, 32)
	OFFSETS(VMOVUPS, 32)
	NIBBLES

TEXT ·fuseNibblesPlusF16(SB), NOSPLIT, $0-72
	ARGS
	SCALES(VCVTPH2PS, 16)
	OFFSETS(VCVTPH2PS, 16)
	NIBBLES

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

// func widenNibblesAVX2(dst *float32, q *int8, scale, offset *float32, n int)
// n rows of 16, an even number: a byte has the numbers of two rows.
TEXT ·widenNibblesAVX2(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVQ         q+8(FP), SI
	MOVQ         scale+16(FP), R8
	MOVQ         offset+24(FP), R9
	MOVQ         n+32(FP), CX
	VMOVUPS      (R8), Y8
	VMOVUPS      32(R8), Y9
	VMOVUPS      (R9), Y10
	VMOVUPS      32(R9), Y11
	VMOVDQU      nibbles<>(SB), Y7

rows:
	VPMOVZXBD (SI), Y0
	VPMOVZXBD 8(SI), Y1
	VPAND     Y7, Y0, Y2
	VPAND     Y7, Y1, Y3
	VPSRLD    $4, Y0, Y0
	VPSRLD    $4, Y1, Y1
	VCVTDQ2PS Y2, Y2
	VCVTDQ2PS Y3, Y3
	VCVTDQ2PS Y0, Y0
	VCVTDQ2PS Y1, Y1
	VMULPS    Y8, Y2, Y2
	VMULPS    Y9, Y3, Y3
	VMULPS    Y8, Y0, Y0
	VMULPS    Y9, Y1, Y1
	VADDPS    Y10, Y2, Y2
	VADDPS    Y11, Y3, Y3
	VADDPS    Y10, Y0, Y0
	VADDPS    Y11, Y1, Y1
	VMOVUPS   Y2, (DI)
	VMOVUPS   Y3, 32(DI)
	VMOVUPS   Y0, 64(DI)
	VMOVUPS   Y1, 96(DI)
	ADDQ      $16, SI
	ADDQ      $128, DI
	SUBQ      $2, CX
	JNE       rows
	VZEROUPPER
	RET

#include "textflag.h"

// The products of integers_amd64.s with AVX-512: four chains of 16 columns. Every value
// is the same chain, so the bytes are those of AVX2.

DATA numbers<>+0(SB)/8, $0x3f80000000000000
DATA numbers<>+8(SB)/8, $0x4040000040000000
DATA numbers<>+16(SB)/8, $0x40a0000040800000
DATA numbers<>+24(SB)/8, $0x40e0000040c00000
DATA numbers<>+32(SB)/8, $0x4110000041000000
DATA numbers<>+40(SB)/8, $0x4130000041200000
DATA numbers<>+48(SB)/8, $0x4150000041400000
DATA numbers<>+56(SB)/8, $0x4170000041600000
GLOBL numbers<>(SB), RODATA|NOPTR, $64

DATA less32<>+0(SB)/4, $0xc2000000
GLOBL less32<>(SB), RODATA|NOPTR, $4
DATA lows<>+0(SB)/4, $0x0000000f
GLOBL lows<>(SB), RODATA|NOPTR, $4
DATA uppers<>+0(SB)/4, $0x00000030
GLOBL uppers<>(SB), RODATA|NOPTR, $4

// -8, a sixteenth, and the high four bits of a byte.
DATA less8<>+0(SB)/4, $0xc1000000
GLOBL less8<>(SB), RODATA|NOPTR, $4
DATA sixteenth<>+0(SB)/4, $0x3d800000
GLOBL sixteenth<>(SB), RODATA|NOPTR, $4
DATA highs<>+0(SB)/4, $0x000000f0
GLOBL highs<>(SB), RODATA|NOPTR, $4

// func fuseX512(f *fusing)
#define ARGS512 \
	MOVQ    f+0(FP), BX; \
	MOVQ    (BX), DI; \
	MOVQ    8(BX), SI; \
	MOVQ    16(BX), R8; \
	MOVQ    24(BX), R9; \
	MOVQ    32(BX), R10; \
	MOVQ    40(BX), R11; \
	MOVQ    80(BX), DX; \
	MOVQ    88(BX), CX; \
	VMOVUPS (DI), Z4; \
	VMOVUPS 64(DI), Z5; \
	VMOVUPS 128(DI), Z6; \
	VMOVUPS 192(DI), Z7

// Units, once: Z20 to Z23 of scales, Z24 to Z27 of offsets.
#define NOUNITS512
#define UNITS512 \
	MOVQ      48(BX), AX; \
	VCVTPH2PS (AX), Z20; \
	MOVQ      56(BX), AX; \
	VCVTPH2PS (AX), Z21; \
	MOVQ      64(BX), AX; \
	VCVTPH2PS (AX), Z22; \
	MOVQ      72(BX), AX; \
	VCVTPH2PS (AX), Z23

#define UNITSPLUS512 \
	UNITS512; \
	MOVQ      48(BX), AX; \
	VCVTPH2PS 32(AX), Z24; \
	MOVQ      56(BX), AX; \
	VCVTPH2PS 32(AX), Z25; \
	MOVQ      64(BX), AX; \
	VCVTPH2PS 32(AX), Z26; \
	MOVQ      72(BX), AX; \
	VCVTPH2PS 32(AX), Z27

// Scales, or with I 1 offsets, of a panel.
#define HALVES512(I, g, unit, z) \
	VCVTPH2PS (32*I)(g), z

#define FACTORS512(I, g, unit, z) \
	VPMOVSXBD (16*I)(g), z; \
	VCVTDQ2PS z, z; \
	VMULPS    unit, z, z

#define SCALES512(LOAD) \
	LOAD(0, R8, Z20, Z8); \
	LOAD(0, R9, Z21, Z9); \
	LOAD(0, R10, Z22, Z10); \
	LOAD(0, R11, Z23, Z11)

#define OFFSETS512(LOAD) \
	LOAD(1, R8, Z24, Z12); \
	LOAD(1, R9, Z25, Z13); \
	LOAD(1, R10, Z26, Z14); \
	LOAD(1, R11, Z27, Z15)

#define CENTRED512(LOAD) \
	VBROADCASTSS less8<>(SB), Z0; \
	VMULPS       Z0, Z8, Z12; \
	VMULPS       Z0, Z9, Z13; \
	VMULPS       Z0, Z10, Z14; \
	VMULPS       Z0, Z11, Z15

#define NONE512(LOAD)

// HEAD512 skips a group's scales, as HEAD does.
#define HEAD512(HEADER, SHIFT) \
	MOVQ    DX, AX; \
	SHLQ    $SHIFT, AX; \
	LEAQ    HEADER(R8)(AX*1), R8; \
	LEAQ    HEADER(R9)(AX*1), R9; \
	LEAQ    HEADER(R10)(AX*1), R10; \
	LEAQ    HEADER(R11)(AX*1), R11; \
	MOVQ    96(BX), AX; \
	SUBQ    DX, AX; \
	XORL    DX, DX; \
	CMPQ    AX, CX; \
	CMOVQGT CX, AX; \
	SUBQ    AX, CX

#define DONE512 \
	VMOVUPS Z4, (DI); \
	VMOVUPS Z5, 64(DI); \
	VMOVUPS Z6, 128(DI); \
	VMOVUPS Z7, 192(DI); \
	VZEROUPPER; \
	RET

#define COLUMNS512(g, tmp, scale, offset, sum) \
	VPMOVSXBD   (g), tmp; \
	VCVTDQ2PS   tmp, tmp; \
	VMULPS      scale, tmp, tmp; \
	VFMADD231PS tmp, Z2, sum; \
	ADDQ        $16, g

#define COLUMNSPLUS512(g, tmp, scale, offset, sum) \
	VPMOVSXBD   (g), tmp; \
	VCVTDQ2PS   tmp, tmp; \
	VFMADD213PS offset, scale, tmp; \
	VFMADD231PS tmp, Z2, sum; \
	ADDQ        $16, g

#define BYTES512(HEADER, UNITS, LOAD, OFFSETS, COLUMNS) \
	ARGS512; \
	UNITS; \
group: \
	SCALES512(LOAD); \
	OFFSETS(LOAD); \
	HEAD512(HEADER, 4); \
row: \
	VBROADCASTSS (SI), Z2; \
	COLUMNS(R8, Z0, Z8, Z12, Z4); \
	COLUMNS(R9, Z1, Z9, Z13, Z5); \
	COLUMNS(R10, Z16, Z10, Z14, Z6); \
	COLUMNS(R11, Z17, Z11, Z15, Z7); \
	ADDQ         $24, SI; \
	DECQ         AX; \
	JNE          row; \
	TESTQ        CX, CX; \
	JNE          group; \
	DONE512

// TWO512 is sixteen columns of two rows. A permutation of the numbers 0 to 15 turns the
// low four bits of an integer into a float. The high four are taken as 16 times as
// much, of a sixteenth of the scale.
#define TWO512(g, high, low, scale, less, offset, sum) \
	VPMOVZXBD   (g), high; \
	VPERMPS     Z28, high, low; \
	VPANDD      Z29, high, high; \
	VCVTDQ2PS   high, high; \
	VFMADD213PS offset, scale, low; \
	VFMADD213PS offset, less, high; \
	VFMADD231PS low, Z2, sum; \
	VFMADD231PS high, Z3, sum; \
	ADDQ        $16, g

#define NIBBLES512(HEADER, UNITS, LOAD, OFFSETS) \
	VMOVUPS      numbers<>(SB), Z28; \
	VPBROADCASTD highs<>(SB), Z29; \
	VBROADCASTSS sixteenth<>(SB), Z30; \
	ARGS512; \
	UNITS; \
group: \
	SCALES512(LOAD); \
	OFFSETS(LOAD); \
	VMULPS       Z30, Z8, Z16; \
	VMULPS       Z30, Z9, Z17; \
	VMULPS       Z30, Z10, Z18; \
	VMULPS       Z30, Z11, Z19; \
	HEAD512(HEADER, 3); \
rows: \
	VBROADCASTSS (SI), Z2; \
	VBROADCASTSS 24(SI), Z3; \
	TWO512(R8, Z0, Z1, Z8, Z16, Z12, Z4); \
	TWO512(R9, Z0, Z1, Z9, Z17, Z13, Z5); \
	TWO512(R10, Z0, Z1, Z10, Z18, Z14, Z6); \
	TWO512(R11, Z0, Z1, Z11, Z19, Z15, Z7); \
	ADDQ         $48, SI; \
	PREFETCHT0   704(R8); \
	PREFETCHT0   704(R9); \
	PREFETCHT0   704(R10); \
	PREFETCHT0   704(R11); \
	SUBQ         $2, AX; \
	JNE          rows; \
	TESTQ        CX, CX; \
	JNE          group; \
	DONE512

// SIX512 is a row's six bits as a number, as SIX does it: Z24 is 32 more, and scale times
// that less 32 times scale is rounded once.
#define SIX512(SHIFT, LOW, scale, offset) \
	SHIFT; \
	LOW; \
	VPANDD      Z29, Z19, Z19; \
	VPORD       Z19, Z24, Z24; \
	VCVTDQ2PS   Z24, Z24; \
	VFMADD213PS offset, scale, Z24

#define UP4x512 VPSLLD $4, Z16, Z19
#define UP2x512 VPSLLD $2, Z16, Z19
#define UP0x512 VMOVDQA32 Z16, Z19
#define DOWN2x512 VPSRLD $2, Z16, Z19
#define FIRST512 VPANDD Z28, Z17, Z24
#define SECOND512 VPSRLD $4, Z17, Z24

#define FOUR512(p, scale, offset, sum) \
	VPMOVZXBD   (p)(R12*1), Z16; \
	VPMOVZXBD   (p), Z17; \
	SIX512(UP4x512, FIRST512, scale, offset); \
	VFMADD231PS Z24, Z0, sum; \
	SIX512(UP2x512, SECOND512, scale, offset); \
	VFMADD231PS Z24, Z1, sum; \
	VPMOVZXBD   16(p), Z17; \
	SIX512(UP0x512, FIRST512, scale, offset); \
	VFMADD231PS Z24, Z2, sum; \
	SIX512(DOWN2x512, SECOND512, scale, offset); \
	VFMADD231PS Z24, Z3, sum; \
	ADDQ        $32, p

// UPPER512 is UPPER.
#define UPPER512(ROWS) \
	MOVQ ROWS, R12; \
	SHLQ $3, R12; \
	LEAQ (DX*4), AX; \
	SUBQ AX, R12

#define MASKS512 \
	VPBROADCASTD lows<>(SB), Z28; \
	VPBROADCASTD uppers<>(SB), Z29; \
	VBROADCASTSS less32<>(SB), Z30

#define SIXES512 \
	MASKS512; \
	ARGS512; \
	UNITS512; \
group: \
	SCALES512(FACTORS512); \
	VMULPS       Z30, Z8, Z12; \
	VMULPS       Z30, Z9, Z13; \
	VMULPS       Z30, Z10, Z14; \
	VMULPS       Z30, Z11, Z15; \
	UPPER512(96(BX)); \
	HEAD512(16, 3); \
rows: \
	VBROADCASTSS (SI), Z0; \
	VBROADCASTSS 24(SI), Z1; \
	VBROADCASTSS 48(SI), Z2; \
	VBROADCASTSS 72(SI), Z3; \
	FOUR512(R8, Z8, Z12, Z4); \
	FOUR512(R9, Z9, Z13, Z5); \
	FOUR512(R10, Z10, Z14, Z6); \
	FOUR512(R11, Z11, Z15, Z7); \
	ADDQ         $96, SI; \
	SUBQ         $16, R12; \
	SUBQ         $4, AX; \
	JNE          rows; \
	ADDQ         R12, R8; \
	ADDQ         R12, R9; \
	ADDQ         R12, R10; \
	ADDQ         R12, R11; \
	TESTQ        CX, CX; \
	JNE          group; \
	DONE512

// Rows of 16 as float32. An integer times its scale is exact where there is an offset,
// and rounded once where there is none.
//
// func widenX512(dst *float32, group *byte, units *uint16, skip, n, quantum int)
#define WIDENARGS512 \
	MOVQ dst+0(FP), DI; \
	MOVQ group+8(FP), R8; \
	MOVQ units+16(FP), R10; \
	MOVQ skip+24(FP), DX; \
	MOVQ n+32(FP), CX; \
	MOVQ quantum+40(FP), BX

#define WIDENUNITS512 \
	VCVTPH2PS (R10), Z20

#define WIDENUNITSPLUS512 \
	VCVTPH2PS (R10), Z20; \
	VCVTPH2PS 32(R10), Z24

#define WIDENOFFSETS512(LOAD) \
	LOAD(1, R8, Z24, Z12)

#define WIDENCENTRED512(LOAD) \
	VBROADCASTSS less8<>(SB), Z0; \
	VMULPS       Z0, Z8, Z12

#define WIDENHEAD512(HEADER, SHIFT) \
	MOVQ    DX, AX; \
	SHLQ    $SHIFT, AX; \
	LEAQ    HEADER(R8)(AX*1), R8; \
	MOVQ    BX, AX; \
	SUBQ    DX, AX; \
	XORL    DX, DX; \
	CMPQ    AX, CX; \
	CMOVQGT CX, AX; \
	SUBQ    AX, CX

#define TIMES512 VMULPS Z8, Z0, Z0
#define AFFINE512 VFMADD213PS Z12, Z8, Z0

#define WIDENBYTES512(HEADER, UNITS, LOAD, OFFSETS, VALUES) \
	WIDENARGS512; \
	UNITS; \
group: \
	LOAD(0, R8, Z20, Z8); \
	OFFSETS(LOAD); \
	WIDENHEAD512(HEADER, 4); \
row: \
	VPMOVSXBD (R8), Z0; \
	VCVTDQ2PS Z0, Z0; \
	VALUES; \
	VMOVUPS   Z0, (DI); \
	ADDQ      $16, R8; \
	ADDQ      $64, DI; \
	DECQ      AX; \
	JNE       row; \
	TESTQ     CX, CX; \
	JNE       group; \
	VZEROUPPER; \
	RET

#define WIDENNIBBLES512(HEADER, UNITS, LOAD, OFFSETS) \
	VMOVUPS      numbers<>(SB), Z28; \
	VPBROADCASTD highs<>(SB), Z29; \
	VBROADCASTSS sixteenth<>(SB), Z30; \
	WIDENARGS512; \
	UNITS; \
group: \
	LOAD(0, R8, Z20, Z8); \
	OFFSETS(LOAD); \
	VMULPS       Z30, Z8, Z16; \
	WIDENHEAD512(HEADER, 3); \
rows: \
	VPMOVZXBD   (R8), Z0; \
	VPERMPS     Z28, Z0, Z1; \
	VPANDD      Z29, Z0, Z0; \
	VCVTDQ2PS   Z0, Z0; \
	VFMADD213PS Z12, Z8, Z1; \
	VFMADD213PS Z12, Z16, Z0; \
	VMOVUPS     Z1, (DI); \
	VMOVUPS     Z0, 64(DI); \
	ADDQ        $16, R8; \
	ADDQ        $128, DI; \
	SUBQ        $2, AX; \
	JNE         rows; \
	TESTQ       CX, CX; \
	JNE         group; \
	VZEROUPPER; \
	RET

#define WIDENSIXES512 \
	MASKS512; \
	WIDENARGS512; \
	WIDENUNITS512; \
group: \
	FACTORS512(0, R8, Z20, Z8); \
	VMULPS    Z30, Z8, Z12; \
	UPPER512(BX); \
	WIDENHEAD512(16, 3); \
rows: \
	VPMOVZXBD (R8)(R12*1), Z16; \
	VPMOVZXBD (R8), Z17; \
	SIX512(UP4x512, FIRST512, Z8, Z12); \
	VMOVUPS   Z24, (DI); \
	SIX512(UP2x512, SECOND512, Z8, Z12); \
	VMOVUPS   Z24, 64(DI); \
	VPMOVZXBD 16(R8), Z17; \
	SIX512(UP0x512, FIRST512, Z8, Z12); \
	VMOVUPS   Z24, 128(DI); \
	SIX512(DOWN2x512, SECOND512, Z8, Z12); \
	VMOVUPS   Z24, 192(DI); \
	ADDQ      $32, R8; \
	ADDQ      $256, DI; \
	SUBQ      $16, R12; \
	SUBQ      $4, AX; \
	JNE       rows; \
	ADDQ      R12, R8; \
	TESTQ     CX, CX; \
	JNE       group; \
	VZEROUPPER; \
	RET

TEXT ·fuseBytes512(SB), NOSPLIT, $0-8
	BYTES512(32, NOUNITS512, HALVES512, NONE512, COLUMNS512)

TEXT ·fuseBytesFactors512(SB), NOSPLIT, $0-8
	BYTES512(16, UNITS512, FACTORS512, NONE512, COLUMNS512)

TEXT ·fuseBytesPlus512(SB), NOSPLIT, $0-8
	BYTES512(64, NOUNITS512, HALVES512, OFFSETS512, COLUMNSPLUS512)

TEXT ·fuseBytesPlusFactors512(SB), NOSPLIT, $0-8
	BYTES512(32, UNITSPLUS512, FACTORS512, OFFSETS512, COLUMNSPLUS512)

TEXT ·fuseNibbles512(SB), NOSPLIT, $0-8
	NIBBLES512(32, NOUNITS512, HALVES512, CENTRED512)

TEXT ·fuseNibblesFactors512(SB), NOSPLIT, $0-8
	NIBBLES512(16, UNITS512, FACTORS512, CENTRED512)

TEXT ·fuseNibblesPlus512(SB), NOSPLIT, $0-8
	NIBBLES512(64, NOUNITS512, HALVES512, OFFSETS512)

TEXT ·fuseNibblesPlusFactors512(SB), NOSPLIT, $0-8
	NIBBLES512(32, UNITSPLUS512, FACTORS512, OFFSETS512)

TEXT ·widenBytes512(SB), NOSPLIT, $0-48
	WIDENBYTES512(32, NOUNITS512, HALVES512, NONE512, TIMES512)

TEXT ·widenBytesFactors512(SB), NOSPLIT, $0-48
	WIDENBYTES512(16, WIDENUNITS512, FACTORS512, NONE512, TIMES512)

TEXT ·widenBytesPlus512(SB), NOSPLIT, $0-48
	WIDENBYTES512(64, NOUNITS512, HALVES512, WIDENOFFSETS512, AFFINE512)

TEXT ·widenBytesPlusFactors512(SB), NOSPLIT, $0-48
	WIDENBYTES512(32, WIDENUNITSPLUS512, FACTORS512, WIDENOFFSETS512, AFFINE512)

TEXT ·widenNibbles512(SB), NOSPLIT, $0-48
	WIDENNIBBLES512(32, NOUNITS512, HALVES512, WIDENCENTRED512)

TEXT ·widenNibblesFactors512(SB), NOSPLIT, $0-48
	WIDENNIBBLES512(16, WIDENUNITS512, FACTORS512, WIDENCENTRED512)

TEXT ·widenNibblesPlus512(SB), NOSPLIT, $0-48
	WIDENNIBBLES512(64, NOUNITS512, HALVES512, WIDENOFFSETS512)

TEXT ·widenNibblesPlusFactors512(SB), NOSPLIT, $0-48
	WIDENNIBBLES512(32, WIDENUNITSPLUS512, FACTORS512, WIDENOFFSETS512)

TEXT ·fuseSixesFactors512(SB), NOSPLIT, $0-8
	SIXES512

TEXT ·widenSixesFactors512(SB), NOSPLIT, $0-48
	WIDENSIXES512

#include "textflag.h"

// The products of integers_amd64.s with AVX-512: two chains of 16 columns. Every value
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

DATA less8<>+0(SB)/4, $0xc1000000
GLOBL less8<>(SB), RODATA|NOPTR, $4

// func fuseX512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)
#define ARGS512(LOAD) \
	MOVQ    sum+0(FP), DI; \
	MOVQ    a+8(FP), SI; \
	MOVQ    q0+16(FP), R8; \
	MOVQ    q1+24(FP), R9; \
	MOVQ    s0+32(FP), R10; \
	MOVQ    s1+40(FP), R11; \
	MOVQ    o0+48(FP), R12; \
	MOVQ    o1+56(FP), R13; \
	MOVQ    n+64(FP), CX; \
	VMOVUPS (DI), Z4; \
	VMOVUPS 64(DI), Z5; \
	LOAD    (R10), Z8; \
	LOAD    (R11), Z9

#define OFFSETS512(LOAD) \
	LOAD (R12), Z10; \
	LOAD (R13), Z11

#define CENTRED512 \
	VBROADCASTSS less8<>(SB), Z0; \
	VMULPS       Z0, Z8, Z10; \
	VMULPS       Z0, Z9, Z11

#define DONE512 \
	VMOVUPS Z4, (DI); \
	VMOVUPS Z5, 64(DI); \
	VZEROUPPER; \
	RET

#define COLUMNS512(q, tmp, scale, sum) \
	VPMOVSXBD   q, tmp; \
	VCVTDQ2PS   tmp, tmp; \
	VMULPS      scale, tmp, tmp; \
	VFMADD231PS tmp, Z2, sum

#define BYTES512 \
row: \
	VBROADCASTSS (SI), Z2; \
	COLUMNS512((R8), Z0, Z8, Z4); \
	COLUMNS512((R9), Z1, Z9, Z5); \
	ADDQ         $24, SI; \
	ADDQ         $16, R8; \
	ADDQ         $16, R9; \
	DECQ         CX; \
	JNE          row; \
	DONE512

#define COLUMNSPLUS512(q, tmp, scale, offset, sum) \
	VPMOVSXBD   q, tmp; \
	VCVTDQ2PS   tmp, tmp; \
	VFMADD213PS offset, scale, tmp; \
	VFMADD231PS tmp, Z2, sum

#define BYTESPLUS512 \
row: \
	VBROADCASTSS (SI), Z2; \
	COLUMNSPLUS512((R8), Z0, Z8, Z10, Z4); \
	COLUMNSPLUS512((R9), Z1, Z9, Z11, Z5); \
	ADDQ         $24, SI; \
	ADDQ         $16, R8; \
	ADDQ         $16, R9; \
	DECQ         CX; \
	JNE          row; \
	DONE512

// TWO512 is sixteen columns of two rows. A permutation of the numbers 0 to 15 turns the
// low four bits of an integer into a float.
#define TWO512(q, low, high, scale, offset, sum) \
	VPMOVZXBD   q, high; \
	VPERMPS     Z12, high, low; \
	VPSRLD      $4, high, high; \
	VPERMPS     Z12, high, high; \
	VFMADD213PS offset, scale, low; \
	VFMADD213PS offset, scale, high; \
	VFMADD231PS low, Z2, sum; \
	VFMADD231PS high, Z3, sum

#define NIBBLES512 \
	VMOVUPS numbers<>(SB), Z12; \
rows: \
	VBROADCASTSS (SI), Z2; \
	VBROADCASTSS 24(SI), Z3; \
	TWO512((R8), Z0, Z1, Z8, Z10, Z4); \
	TWO512((R9), Z6, Z7, Z9, Z11, Z5); \
	ADDQ         $48, SI; \
	ADDQ         $16, R8; \
	ADDQ         $16, R9; \
	SUBQ         $2, CX; \
	JNE          rows; \
	DONE512

TEXT ·fuseBytesF32x512(SB), NOSPLIT, $0-72
	ARGS512(VMOVUPS)
	BYTES512

TEXT ·fuseBytesF16x512(SB), NOSPLIT, $0-72
	ARGS512(VCVTPH2PS)
	BYTES512

TEXT ·fuseBytesPlusF32x512(SB), NOSPLIT, $0-72
	ARGS512(VMOVUPS)
	OFFSETS512(VMOVUPS)
	BYTESPLUS512

TEXT ·fuseBytesPlusF16x512(SB), NOSPLIT, $0-72
	ARGS512(VCVTPH2PS)
	OFFSETS512(VCVTPH2PS)
	BYTESPLUS512

TEXT ·fuseNibblesF32x512(SB), NOSPLIT, $0-72
	ARGS512(VMOVUPS)
	CENTRED512
	NIBBLES512

TEXT ·fuseNibblesF16x512(SB), NOSPLIT, $0-72
	ARGS512(VCVTPH2PS)
	CENTRED512
	NIBBLES512

TEXT ·fuseNibblesPlusF32x512(SB), NOSPLIT, $0-72
	ARGS512(VMOVUPS)
	OFFSETS512(VMOVUPS)
	NIBBLES512

TEXT ·fuseNibblesPlusF16x512(SB), NOSPLIT, $0-72
	ARGS512(VCVTPH2PS)
	OFFSETS512(VCVTPH2PS)
	NIBBLES512

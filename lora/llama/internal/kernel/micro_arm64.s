#include "textflag.h"

// The micro-kernels of NEON: R1 walks a panel of A (6 interleaved rows), R2 16 columns of
// B, whose rows are R3 bytes apart, and a tile of C of up to 6 by 16 stays in V8 to V31.
// Every value is one chain of fused multiply-adds over k, as in Go, which fuses them on
// arm64 too: the bytes are the same.

#define ROW(x0, x1, x2, x3) \
	VLD1R.P 4(R1), [V4.S4]; \
	VFMLA   V4.S4, V0.S4, x0; \
	VFMLA   V4.S4, V1.S4, x1; \
	VFMLA   V4.S4, V2.S4, x2; \
	VFMLA   V4.S4, V3.S4, x3

#define ZERO(x0, x1, x2, x3) \
	VEOR x0, x0, x0; \
	VEOR x1, x1, x1; \
	VEOR x2, x2, x2; \
	VEOR x3, x3, x3

#define OUT(x0, x1, x2, x3) \
	VST1 [x0, x1, x2, x3], (R4); \
	ADD  R5, R4

// A sum with C is a product with V4, which is 1: that is exact.
#define SUM(x0, x1, x2, x3) \
	VLD1  (R4), [V0.S4, V1.S4, V2.S4, V3.S4]; \
	VFMLA V4.S4, V0.S4, x0; \
	VFMLA V4.S4, V1.S4, x1; \
	VFMLA V4.S4, V2.S4, x2; \
	VFMLA V4.S4, V3.S4, x3; \
	OUT(x0, x1, x2, x3)

#define ROW1 ROW(V8.S4, V9.S4, V10.S4, V11.S4)
#define ROW2 ROW1; ROW(V12.S4, V13.S4, V14.S4, V15.S4)
#define ROW3 ROW2; ROW(V16.S4, V17.S4, V18.S4, V19.S4)
#define ROW4 ROW3; ROW(V20.S4, V21.S4, V22.S4, V23.S4)
#define ROW5 ROW4; ROW(V24.S4, V25.S4, V26.S4, V27.S4)
#define ROW6 ROW5; ROW(V28.S4, V29.S4, V30.S4, V31.S4)

#define ZERO1 ZERO(V8.B16, V9.B16, V10.B16, V11.B16)
#define ZERO2 ZERO1; ZERO(V12.B16, V13.B16, V14.B16, V15.B16)
#define ZERO3 ZERO2; ZERO(V16.B16, V17.B16, V18.B16, V19.B16)
#define ZERO4 ZERO3; ZERO(V20.B16, V21.B16, V22.B16, V23.B16)
#define ZERO5 ZERO4; ZERO(V24.B16, V25.B16, V26.B16, V27.B16)
#define ZERO6 ZERO5; ZERO(V28.B16, V29.B16, V30.B16, V31.B16)

#define OUT1 OUT(V8.S4, V9.S4, V10.S4, V11.S4)
#define OUT2 OUT1; OUT(V12.S4, V13.S4, V14.S4, V15.S4)
#define OUT3 OUT2; OUT(V16.S4, V17.S4, V18.S4, V19.S4)
#define OUT4 OUT3; OUT(V20.S4, V21.S4, V22.S4, V23.S4)
#define OUT5 OUT4; OUT(V24.S4, V25.S4, V26.S4, V27.S4)
#define OUT6 OUT5; OUT(V28.S4, V29.S4, V30.S4, V31.S4)

#define SUM1 SUM(V8.S4, V9.S4, V10.S4, V11.S4)
#define SUM2 SUM1; SUM(V12.S4, V13.S4, V14.S4, V15.S4)
#define SUM3 SUM2; SUM(V16.S4, V17.S4, V18.S4, V19.S4)
#define SUM4 SUM3; SUM(V20.S4, V21.S4, V22.S4, V23.S4)
#define SUM5 SUM4; SUM(V24.S4, V25.S4, V26.S4, V27.S4)
#define SUM6 SUM5; SUM(V28.S4, V29.S4, V30.S4, V31.S4)

// func microN(k int, a, b *float32, ldb int, c *float32, ldc, add int). Both strides are
// in bytes. LEFT is the bytes of A's rows that are left out.
#define MICRO(ZEROS, ROWS, OUTS, SUMS, LEFT) \
	MOVD  k+0(FP), R0; \
	MOVD  a+8(FP), R1; \
	MOVD  b+16(FP), R2; \
	MOVD  ldb+24(FP), R3; \
	MOVD  c+32(FP), R4; \
	MOVD  ldc+40(FP), R5; \
	MOVD  add+48(FP), R6; \
	ZEROS; \
loop: \
	VLD1  (R2), [V0.S4, V1.S4, V2.S4, V3.S4]; \
	ADD   R3, R2; \
	ROWS; \
	ADD   $LEFT, R1; \
	SUBS  $1, R0; \
	BNE   loop; \
	CBNZ  R6, sum; \
	OUTS; \
	RET; \
sum: \
	FMOVS $1.0, F4; \
	VDUP  V4.S[0], V4.S4; \
	SUMS; \
	RET

TEXT ·micro6(SB), NOSPLIT, $0-56
	MICRO(ZERO6, ROW6, OUT6, SUM6, 0)

TEXT ·micro5(SB), NOSPLIT, $0-56
	MICRO(ZERO5, ROW5, OUT5, SUM5, 4)

TEXT ·micro4(SB), NOSPLIT, $0-56
	MICRO(ZERO4, ROW4, OUT4, SUM4, 8)

TEXT ·micro3(SB), NOSPLIT, $0-56
	MICRO(ZERO3, ROW3, OUT3, SUM3, 12)

TEXT ·micro2(SB), NOSPLIT, $0-56
	MICRO(ZERO2, ROW2, OUT2, SUM2, 16)

TEXT ·micro1(SB), NOSPLIT, $0-56
	MICRO(ZERO1, ROW1, OUT1, SUM1, 20)

#include "textflag.h"

DATA most<>+0(SB)/4, $0x42fe0000 // 127
GLOBL most<>(SB), RODATA|NOPTR, $4

DATA order<>+0(SB)/8, $0x0000000400000000
DATA order<>+8(SB)/8, $0x0000000500000001
DATA order<>+16(SB)/8, $0x0000000600000002
DATA order<>+24(SB)/8, $0x0000000700000003
GLOBL order<>(SB), RODATA|NOPTR, $32

// func quantiseAVX2(dst *eight, stride int, x *float32, groups int)
TEXT ·quantiseAVX2(SB), NOSPLIT, $0-32
	MOVQ     dst+0(FP), DI
	MOVQ     stride+8(FP), R8
	MOVQ     x+16(FP), SI
	MOVQ     groups+24(FP), CX
	VPCMPEQD Y15, Y15, Y15
	VPSRLD   $1, Y15, Y15
	VMOVSS   most<>(SB), X14
	VMOVDQU  order<>(SB), Y13
	VPXOR    X12, X12, X12

group:
	VMOVUPS      (SI), Y0
	VMOVUPS      32(SI), Y1
	VMOVUPS      64(SI), Y2
	VMOVUPS      96(SI), Y3
	VPAND        Y15, Y0, Y4
	VPAND        Y15, Y1, Y5
	VPAND        Y15, Y2, Y6
	VPAND        Y15, Y3, Y7
	VPMAXUD      Y4, Y5, Y4
	VPMAXUD      Y6, Y7, Y6
	VPMAXUD      Y4, Y6, Y4
	VEXTRACTI128 $1, Y4, X5
	VPMAXUD      X4, X5, X4
	VPSHUFD      $0x4e, X4, X5
	VPMAXUD      X4, X5, X4
	VPSHUFD      $0xb1, X4, X5
	VPMAXUD      X4, X5, X4
	VMOVD        X4, AX
	CMPL         AX, $0x0d800000
	JCS          zeros
	CMPL         AX, $0x7f800000
	JCC          none
	VDIVSS       X14, X4, X5
	VDIVSS       X4, X14, X6
	VMOVSS       X5, 32(DI)
	VBROADCASTSS X6, Y6
	VMULPS       Y6, Y0, Y0
	VMULPS       Y6, Y1, Y1
	VMULPS       Y6, Y2, Y2
	VMULPS       Y6, Y3, Y3
	VCVTPS2DQ    Y0, Y0
	VCVTPS2DQ    Y1, Y1
	VCVTPS2DQ    Y2, Y2
	VCVTPS2DQ    Y3, Y3
	VPADDD       Y0, Y1, Y8
	VPADDD       Y2, Y3, Y9
	VPACKSSDW    Y1, Y0, Y0
	VPACKSSDW    Y3, Y2, Y2
	VPACKSSWB    Y2, Y0, Y0
	VPERMD       Y0, Y13, Y0
	VMOVDQU      Y0, (DI)

	// The halves' sums, and what is made of them.
	VPHADDD      Y9, Y8, Y8
	VPHADDD      Y8, Y8, Y8
	VEXTRACTI128 $1, Y8, X9
	VPADDD       X9, X8, X8
	VPSLLD       $5, X8, X9
	VPSUBD       X9, X12, X9
	VMOVQ        X9, 48(DI)
	VCVTDQ2PS    X8, X10
	VBROADCASTSS X5, X11
	VMULPS       X11, X10, X10
	VMOVQ        X10, 56(DI)
	VPHADDD      X8, X8, X8
	VPSLLD       $7, X8, X9
	VPSUBD       X9, X12, X9
	VMOVD        X9, 40(DI)
	VPSRAD       $2, X9, X9
	VMOVD        X9, 44(DI)
	VCVTDQ2PS    X8, X10
	VMULSS       X5, X10, X10
	VMOVSS       X10, 36(DI)

next:
	ADDQ $128, SI
	ADDQ R8, DI
	DECQ CX
	JNE  group
	VZEROUPPER
	RET

zeros:
	VPXOR   Y0, Y0, Y0
	VMOVDQU Y0, (DI)
	VMOVDQU Y0, 32(DI)
	JMP     next

none:
	VPXOR   Y0, Y0, Y0
	VMOVDQU Y0, (DI)
	VMOVDQU Y0, 32(DI)
	MOVL    $0x7fc00000, AX
	MOVL    AX, 32(DI)
	MOVL    AX, 36(DI)
	MOVL    AX, 56(DI)
	MOVL    AX, 60(DI)
	JMP     next

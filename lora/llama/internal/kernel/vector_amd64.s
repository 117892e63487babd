#include "textflag.h"

// Constants of exp, each 8 times: see expGo.
#define CONST(name, value) \
	DATA name<>+0(SB)/4, $value; \
	DATA name<>+4(SB)/4, $value; \
	DATA name<>+8(SB)/4, $value; \
	DATA name<>+12(SB)/4, $value; \
	DATA name<>+16(SB)/4, $value; \
	DATA name<>+20(SB)/4, $value; \
	DATA name<>+24(SB)/4, $value; \
	DATA name<>+28(SB)/4, $value; \
	GLOBL name<>(SB), RODATA|NOPTR, $32

CONST(expMax, 0x42b00f34)   // 88.02969
CONST(expMin, 0xc2aeac4f)   // -87.33654
CONST(log2E, 0x3fb8aa3b)
CONST(ln2Hi, 0x3f318000)
CONST(ln2Lo, 0xb95e8083)
CONST(expP0, 0x39506967)
CONST(expP1, 0x3ab743ce)
CONST(expP2, 0x3c088908)
CONST(expP3, 0x3d2aa9c1)
CONST(expP4, 0x3e2aaaaa)
CONST(expP5, 0x3f000000)
CONST(one, 0x3f800000)
CONST(bias, 0x0000007f)
CONST(sign, 0x80000000)

// EXP replaces Y0 by its exponential; it uses Y1, Y2 and Y3. Not a number stays
// so, since the minimum and maximum return their second source then.
#define EXP \
	VCMPPS       $1, expMin<>(SB), Y0, Y3; \
	VMOVUPS      expMax<>(SB), Y1; \
	VMOVUPS      expMin<>(SB), Y2; \
	VMINPS       Y0, Y1, Y0; \
	VMAXPS       Y0, Y2, Y0; \
	VMULPS       log2E<>(SB), Y0, Y1; \
	VROUNDPS     $0, Y1, Y1; \
	VFNMADD231PS ln2Hi<>(SB), Y1, Y0; \
	VFNMADD231PS ln2Lo<>(SB), Y1, Y0; \
	VMOVUPS      expP0<>(SB), Y2; \
	VFMADD213PS  expP1<>(SB), Y0, Y2; \
	VFMADD213PS  expP2<>(SB), Y0, Y2; \
	VFMADD213PS  expP3<>(SB), Y0, Y2; \
	VFMADD213PS  expP4<>(SB), Y0, Y2; \
	VFMADD213PS  expP5<>(SB), Y0, Y2; \
	VCVTPS2DQ    Y1, Y1; \
	VPADDD       bias<>(SB), Y1, Y1; \
	VPSLLD       $23, Y1, Y1; \
	VFMADD213PS  one<>(SB), Y0, Y2; \
	VFMADD213PS  one<>(SB), Y0, Y2; \
	VMULPS       Y1, Y2, Y0; \
	VANDNPS      Y0, Y3, Y0

// func expVec(dst, src *float32, shift float32, n int)
TEXT ·expVec(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	VBROADCASTSS shift+16(FP), Y5
	MOVQ         n+24(FP), CX

loop:
	VMOVUPS (SI), Y0
	VSUBPS  Y5, Y0, Y0
	EXP
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// SIGMOID sets Y0 to 1/(1+exp(-Y4)).
#define SIGMOID \
	VXORPS  sign<>(SB), Y4, Y0; \
	EXP; \
	VADDPS  one<>(SB), Y0, Y0; \
	VMOVUPS one<>(SB), Y1; \
	VDIVPS  Y0, Y1, Y0

// func siluVec(dst, gate, u *float32, n int)
TEXT ·siluVec(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ gate+8(FP), SI
	MOVQ u+16(FP), DX
	MOVQ n+24(FP), CX

loop:
	VMOVUPS (SI), Y4
	SIGMOID
	VMULPS  Y4, Y0, Y0
	VMULPS  (DX), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DX
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func siluGradVec(dg, du, gate, u, d *float32, n int)
TEXT ·siluGradVec(SB), NOSPLIT, $0-48
	MOVQ dg+0(FP), DI
	MOVQ du+8(FP), R8
	MOVQ gate+16(FP), SI
	MOVQ u+24(FP), DX
	MOVQ d+32(FP), R9
	MOVQ n+40(FP), CX

loop:
	VMOVUPS      (SI), Y4
	SIGMOID
	VMOVUPS      (R9), Y5
	VMULPS       (DX), Y5, Y6  // d u
	VMULPS       Y4, Y0, Y7    // g s, the unit itself
	VMULPS       Y7, Y5, Y5    // d g s
	VSUBPS       Y0, Y1, Y2    // 1 - s; SIGMOID left 1 in Y1
	VFMADD213PS  Y1, Y4, Y2    // 1 + g (1 - s)
	VMULPS       Y0, Y2, Y2
	VMULPS       Y6, Y2, Y2
	VMOVUPS      Y2, (DI)
	VMOVUPS      Y5, (R8)
	ADDQ         $32, SI
	ADDQ         $32, DX
	ADDQ         $32, DI
	ADDQ         $32, R8
	ADDQ         $32, R9
	SUBQ         $8, CX
	JNE          loop
	VZEROUPPER
	RET

// FOLD sums the 8 values of Y0 into X0.
#define FOLD \
	VEXTRACTF128 $1, Y0, X1; \
	VADDPS       X1, X0, X0; \
	VMOVHLPS     X0, X0, X1; \
	VADDPS       X1, X0, X0; \
	VMOVSHDUP    X0, X1; \
	VADDSS       X1, X0, X0

// func dotVec(a, b *float32, n int) float32
TEXT ·dotVec(SB), NOSPLIT, $0-28
	MOVQ   a+0(FP), SI
	MOVQ   b+8(FP), DX
	MOVQ   n+16(FP), CX
	VXORPS Y0, Y0, Y0
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	SUBQ   $32, CX
	JLT    rest

loop:
	VMOVUPS     (SI), Y1
	VMOVUPS     32(SI), Y2
	VMOVUPS     64(SI), Y3
	VMOVUPS     96(SI), Y7
	VFMADD231PS (DX), Y1, Y0
	VFMADD231PS 32(DX), Y2, Y4
	VFMADD231PS 64(DX), Y3, Y5
	VFMADD231PS 96(DX), Y7, Y6
	ADDQ        $128, SI
	ADDQ        $128, DX
	SUBQ        $32, CX
	JGE         loop

rest:
	ADDQ $32, CX
	JEQ  done

one8:
	VMOVUPS     (SI), Y1
	VFMADD231PS (DX), Y1, Y0
	ADDQ        $32, SI
	ADDQ        $32, DX
	SUBQ        $8, CX
	JNE         one8

done:
	VADDPS Y4, Y0, Y0
	VADDPS Y6, Y5, Y5
	VADDPS Y5, Y0, Y0
	FOLD
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

// func sumVec(a *float32, n int) float32
TEXT ·sumVec(SB), NOSPLIT, $0-20
	MOVQ   a+0(FP), SI
	MOVQ   n+8(FP), CX
	VXORPS Y0, Y0, Y0
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	SUBQ   $32, CX
	JLT    rest

loop:
	VADDPS (SI), Y0, Y0
	VADDPS 32(SI), Y4, Y4
	VADDPS 64(SI), Y5, Y5
	VADDPS 96(SI), Y6, Y6
	ADDQ   $128, SI
	SUBQ   $32, CX
	JGE    loop

rest:
	ADDQ $32, CX
	JEQ  done

one8:
	VADDPS (SI), Y0, Y0
	ADDQ   $32, SI
	SUBQ   $8, CX
	JNE    one8

done:
	VADDPS Y4, Y0, Y0
	VADDPS Y6, Y5, Y5
	VADDPS Y5, Y0, Y0
	FOLD
	VMOVSS X0, ret+16(FP)
	VZEROUPPER
	RET

// func maxVec(a *float32, n int) float32
TEXT ·maxVec(SB), NOSPLIT, $0-20
	MOVQ    a+0(FP), SI
	MOVQ    n+8(FP), CX
	VMOVUPS (SI), Y0

loop:
	VMAXPS       (SI), Y0, Y0
	ADDQ         $32, SI
	SUBQ         $8, CX
	JNE          loop
	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VMOVHLPS     X0, X0, X1
	VMAXPS       X1, X0, X0
	VMOVSHDUP    X0, X1
	VMAXSS       X1, X0, X0
	VMOVSS       X0, ret+16(FP)
	VZEROUPPER
	RET

// func axpyVec(dst, x *float32, s float32, n int)
TEXT ·axpyVec(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	VBROADCASTSS s+16(FP), Y2
	MOVQ         n+24(FP), CX

loop:
	VMOVUPS     (DI), Y0
	VFMADD231PS (SI), Y2, Y0
	VMOVUPS     Y0, (DI)
	ADDQ        $32, SI
	ADDQ        $32, DI
	SUBQ        $8, CX
	JNE         loop
	VZEROUPPER
	RET

// func rotateVec(a, b, cos, sin *float32, sign float32, n int). Nothing is fused, so the
// bytes are those of Go, unless it is built for processors that fuse (GOAMD64=v3).
TEXT ·rotateVec(SB), NOSPLIT, $0-48
	MOVQ         a+0(FP), SI
	MOVQ         b+8(FP), DI
	MOVQ         cos+16(FP), R8
	MOVQ         sin+24(FP), R9
	VBROADCASTSS sign+32(FP), Y8
	MOVQ         n+40(FP), CX

loop:
	VMOVUPS (SI), Y0
	VMOVUPS (DI), Y1
	VMOVUPS (R8), Y2
	VMULPS  (R9), Y8, Y3
	VMULPS  Y0, Y2, Y4
	VMULPS  Y1, Y3, Y5
	VSUBPS  Y5, Y4, Y4
	VMULPS  Y1, Y2, Y6
	VMULPS  Y0, Y3, Y7
	VADDPS  Y7, Y6, Y6
	VMOVUPS Y4, (SI)
	VMOVUPS Y6, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	ADDQ    $32, R8
	ADDQ    $32, R9
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func scaleVec(dst *float32, s float32, n int)
TEXT ·scaleVec(SB), NOSPLIT, $0-24
	MOVQ         dst+0(FP), DI
	VBROADCASTSS s+8(FP), Y2
	MOVQ         n+16(FP), CX

loop:
	VMULPS  (DI), Y2, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func mulScaledVec(dst, x, w *float32, s float32, n int)
TEXT ·mulScaledVec(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         w+16(FP), DX
	VBROADCASTSS s+24(FP), Y2
	MOVQ         n+32(FP), CX

loop:
	VMULPS  (SI), Y2, Y0
	VMULPS  (DX), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DX
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func mulShiftedVec(dst, p *float32, shift, scale float32, n int)
TEXT ·mulShiftedVec(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         p+8(FP), SI
	VBROADCASTSS shift+16(FP), Y2
	VBROADCASTSS scale+20(FP), Y3
	MOVQ         n+24(FP), CX

loop:
	VMOVUPS (DI), Y0
	VSUBPS  Y2, Y0, Y0
	VMULPS  Y3, Y0, Y0
	VMULPS  (SI), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func dot3Vec(a, b, c *float32, n int) float32
TEXT ·dot3Vec(SB), NOSPLIT, $0-36
	MOVQ   a+0(FP), SI
	MOVQ   b+8(FP), DX
	MOVQ   c+16(FP), DI
	MOVQ   n+24(FP), CX
	VXORPS Y0, Y0, Y0

loop:
	VMOVUPS     (SI), Y1
	VMULPS      (DX), Y1, Y1
	VFMADD231PS (DI), Y1, Y0
	ADDQ        $32, SI
	ADDQ        $32, DX
	ADDQ        $32, DI
	SUBQ        $8, CX
	JNE         loop
	FOLD
	VMOVSS      X0, ret+32(FP)
	VZEROUPPER
	RET

// func normGradVec(dx, x, w, d *float32, r, c float32, n int)
TEXT ·normGradVec(SB), NOSPLIT, $0-48
	MOVQ         dx+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         w+16(FP), DX
	MOVQ         d+24(FP), R8
	VBROADCASTSS r+32(FP), Y2
	VBROADCASTSS c+36(FP), Y3
	MOVQ         n+40(FP), CX

loop:
	VMOVUPS     (R8), Y1
	VMULPS      (DX), Y1, Y1
	VMOVUPS     (DI), Y0
	VFMADD231PS Y1, Y2, Y0
	VFMADD231PS (SI), Y3, Y0
	VMOVUPS     Y0, (DI)
	ADDQ        $32, SI
	ADDQ        $32, DX
	ADDQ        $32, DI
	ADDQ        $32, R8
	SUBQ        $8, CX
	JNE         loop
	VZEROUPPER
	RET

#include "textflag.h"

#define VECTOR(name, value) \
	DATA name<>+0(SB)/4, value  \
	DATA name<>+4(SB)/4, value  \
	DATA name<>+8(SB)/4, value  \
	DATA name<>+12(SB)/4, value \
	GLOBL name<>(SB), RODATA|NOPTR, $16

VECTOR(magnitude, $0x00007fff)
VECTOR(greatest, $0x00007bff)  // the largest finite magnitude
VECTOR(normal, $0x00000400)    // the smallest normal one
VECTOR(rebias, $0x38000000)    // 112 more for the exponent
VECTOR(one, $0x00800000)       // 1 more
VECTOR(infinity, $0x7f800000)
VECTOR(smallest, $0x38800000)  // 2^-14 as float32
VECTOR(nibble, $0x0f0f0f0f)
VECTOR(eight, $0x08080808)

// HALF turns four half-precision numbers, in the low halves of X's lanes, into
// single precision; it uses X4 to X6. A subnormal number m*2^-24 is made as
// (1+m*2^-10)*2^-14 - 2^-14, so that no operation has a subnormal operand.
#define HALF(X) \
	MOVO    X, X4           \
	PAND    magnitude<>(SB), X \
	PXOR    X, X4           \
	PSLLL   $16, X4         \ // the sign
	MOVO    X, X5           \
	PCMPGTL greatest<>(SB), X5 \
	PAND    infinity<>(SB), X5 \
	MOVO    normal<>(SB), X6 \
	PCMPGTL X, X6           \ // subnormal
	PSLLL   $13, X          \
	PADDL   rebias<>(SB), X \
	POR     X5, X           \
	MOVO    X6, X5          \
	PAND    one<>(SB), X5   \
	PADDL   X5, X           \
	PAND    smallest<>(SB), X6 \
	SUBPS   X6, X           \
	POR     X4, X

// func float16x8(dst []float32, src []byte)
TEXT ·float16x8(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	PXOR X7, X7
	TESTQ CX, CX
	JZ   done
halves:
	MOVOU (SI), X0
	MOVO  X0, X1
	PUNPCKLWL X7, X0
	PUNPCKHWL X7, X1
	HALF(X0)
	HALF(X1)
	MOVUPS X0, (DI)
	MOVUPS X1, 16(DI)
	ADDQ $16, SI
	ADDQ $32, DI
	SUBQ $8, CX
	JG   halves
done:
	RET

// func bfloat16x8(dst []float32, src []byte)
TEXT ·bfloat16x8(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	PXOR X7, X7
	TESTQ CX, CX
	JZ   done
bfloats:
	MOVOU (SI), X0
	MOVO  X7, X1
	MOVO  X7, X2
	PUNPCKLWL X0, X1
	PUNPCKHWL X0, X2
	MOVUPS X1, (DI)
	MOVUPS X2, 16(DI)
	ADDQ $16, SI
	ADDQ $32, DI
	SUBQ $8, CX
	JG   bfloats
done:
	RET

// SIGNED turns the 16 signed bytes of X0 into X0, X1, X2 and X3, times X7.
#define SIGNED \
	MOVO X0, X2         \
	PUNPCKLBW X0, X0    \
	PUNPCKHBW X2, X2    \
	MOVO X0, X1         \
	MOVO X2, X3         \
	PUNPCKLWL X0, X0    \
	PUNPCKHWL X1, X1    \
	PUNPCKLWL X2, X2    \
	PUNPCKHWL X3, X3    \
	PSRAL $24, X0       \
	PSRAL $24, X1       \
	PSRAL $24, X2       \
	PSRAL $24, X3       \
	CVTPL2PS X0, X0     \
	CVTPL2PS X1, X1     \
	CVTPL2PS X2, X2     \
	CVTPL2PS X3, X3     \
	MULPS X7, X0        \
	MULPS X7, X1        \
	MULPS X7, X2        \
	MULPS X7, X3

#define STORE(at) \
	MOVUPS X0, (at+0)(DI)  \
	MOVUPS X1, (at+16)(DI) \
	MOVUPS X2, (at+32)(DI) \
	MOVUPS X3, (at+48)(DI)

// func signed32(dst *[32]float32, q *[32]byte, d float32)
TEXT ·signed32(SB), NOSPLIT, $0-20
	MOVQ  dst+0(FP), DI
	MOVQ  q+8(FP), SI
	MOVSS d+16(FP), X7
	SHUFPS $0, X7, X7
	MOVOU (SI), X0
	SIGNED
	STORE(0)
	MOVOU 16(SI), X0
	SIGNED
	STORE(64)
	RET

// func centred16(dst *[32]float32, q *[16]byte, d float32)
TEXT ·centred16(SB), NOSPLIT, $0-20
	MOVQ  dst+0(FP), DI
	MOVQ  q+8(FP), SI
	MOVSS d+16(FP), X7
	SHUFPS $0, X7, X7
	MOVOU (SI), X4
	MOVO  X4, X0
	PAND  nibble<>(SB), X0
	PSUBB eight<>(SB), X0
	SIGNED
	STORE(0)
	MOVO  X4, X0
	PSRLW $4, X0
	PAND  nibble<>(SB), X0
	PSUBB eight<>(SB), X0
	SIGNED
	STORE(64)
	RET

// func offset16(dst *[32]float32, q *[16]byte, d, m float32)
TEXT ·offset16(SB), NOSPLIT, $0-24
	MOVQ  dst+0(FP), DI
	MOVQ  q+8(FP), SI
	MOVSS d+16(FP), X7
	MOVSS m+20(FP), X5
	SHUFPS $0, X7, X7
	SHUFPS $0, X5, X5
	MOVOU (SI), X4
	MOVO  X4, X0
	PAND  nibble<>(SB), X0
	SIGNED
	ADDPS X5, X0
	ADDPS X5, X1
	ADDPS X5, X2
	ADDPS X5, X3
	STORE(0)
	MOVO  X4, X0
	PSRLW $4, X0
	PAND  nibble<>(SB), X0
	SIGNED
	ADDPS X5, X0
	ADDPS X5, X1
	ADDPS X5, X2
	ADDPS X5, X3
	STORE(64)
	RET

// AFFINE is 16 integers of SI, with a scale and an offset.
#define AFFINE(q, scale, offset) \
	MOVSS scale(SI), X7  \
	MOVSS offset(SI), X5 \
	SHUFPS $0, X7, X7    \
	SHUFPS $0, X5, X5    \
	MOVOU q(SI), X0      \
	SIGNED               \
	ADDPS X5, X0         \
	ADDPS X5, X1         \
	ADDPS X5, X2         \
	ADDPS X5, X3

// func affine32(dst *[32]float32, u *Integers)
TEXT ·affine32(SB), NOSPLIT, $0-16
	MOVQ dst+0(FP), DI
	MOVQ u+8(FP), SI
	AFFINE(0, 32, 40)
	STORE(0)
	AFFINE(16, 36, 44)
	STORE(64)
	RET

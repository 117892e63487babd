package tensor

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// every format.
var every = func() (every []Type) {
	for t := range types {
		every = append(every, t)
	}
	return every
}()

// random returns a matrix of random bits, its scales finite.
func random(rng *rand.Rand, t Type, rows, cols int) Matrix {
	values, size := t.Block()
	data := make([]byte, rows*cols/values*size)
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	if values > 1 {
		for i := 0; i < len(data); i += size {
			data[i+1] &= 0x3f
			data[i+3] &= 0x3f
			data[i+size-3] &= 0x3f
			data[i+size-1] &= 0x3f
		}
	}
	m, err := New(t, rows, cols, data)
	if err != nil {
		panic(err)
	}
	return m
}

// want is a value by the formats' definitions, in float64 and one at a time.
func want(m *Matrix, row, col int) float64 {
	values, size := m.Type.Block()
	at := (row*m.Cols + col) / values * size
	b, i := m.Data[at:at+size], col%values
	nibble := func(qs []byte) float64 {
		if i < 16 {
			return float64(qs[i] % 16)
		}
		return float64(qs[i-16] / 16)
	}
	switch m.Type {
	case F32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case F16:
		return ieee(b)
	case BF16:
		return float64(math.Float32frombits(uint32(b[1])<<24 | uint32(b[0])<<16))
	case Q8_0:
		return float64(int8(b[2+i])) * ieee(b)
	case Q4_0:
		return (nibble(b[2:]) - 8) * ieee(b)
	case Q4_1:
		return float64(float32(float32(nibble(b[4:])*ieee(b)) + float32(ieee(b[2:]))))
	default: // whose definition is Python's: package gguf's golden vectors
		var u Integers
		m.Integers(&u, row, col/32)
		x := float32(float64(u.Q[i%32]) * float64(u.Scale[i%32/16]))
		return float64(x) + float64(u.Offset[i%32/16])
	}
}

// ieee is IEEE 754's own formula: (-1)^s * 2^(e-15) * 1.f
func ieee(b []byte) float64 {
	h := binary.LittleEndian.Uint16(b)
	sign, e, f := 1.0, int(h>>10&31), float64(h&1023)
	if h>>15 == 1 {
		sign = -1
	}
	switch {
	case e == 31 && f != 0:
		return math.NaN()
	case e == 31:
		return sign * math.Inf(1)
	case e == 0:
		return sign * math.Ldexp(f, -24)
	}
	return sign * math.Ldexp(1024+f, e-25)
}

func same(got float32, want float64) bool {
	return math.IsNaN(want) && got != got || float64(got) == want && math.Signbit(float64(got)) == math.Signbit(want) ||
		float64(got) == float64(float32(want)) && want != 0
}

func TestFloat16(t *testing.T) {
	var b [2]byte
	for h := range 1 << 16 {
		binary.LittleEndian.PutUint16(b[:], uint16(h))
		want := ieee(b[:])
		if got := Float16(uint16(h)); !same(got, want) {
			t.Fatalf("%#04x is %v, want %v", h, got, want)
		}
		src := bytes.Repeat(b[:], 8)
		var dst [8]float32
		for _, f := range []func([]float32, []byte){float16x8, float16x8Go} {
			f(dst[:], src)
			if !same(dst[0], want) || !same(dst[7], want) {
				t.Fatalf("%#04x is %v, want %v", h, dst, want)
			}
		}
	}
}

// Every part of every row, of any beginning and length, has the values that the
// format defines.
func TestDequantize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(every).Draw(t, "type")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		m := random(rng, kind, rapid.IntRange(1, 3).Draw(t, "rows"), 256*rapid.IntRange(1, 3).Draw(t, "blocks"))
		row := rapid.IntRange(0, m.Rows-1).Draw(t, "row")
		col := rapid.IntRange(0, m.Cols).Draw(t, "col")
		dst := make([]float32, rapid.IntRange(0, m.Cols-col).Draw(t, "length"))
		m.Dequantize(dst, row, col)
		for i, got := range dst {
			w := want(&m, row, col+i)
			if !same(got, w) && !(w == 0 && got == 0) {
				t.Fatalf("%v [%d,%d] is %v, want %v", kind, row, col+i, got, w)
			}
		}
	})
}

// The loops in assembly give the bits of those in Go.
func TestPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		var q [32]byte
		for i := range q {
			q[i] = byte(rng.Uint32())
		}
		d, m := Float16(uint16(rng.Uint32())&0xbfff), Float16(uint16(rng.Uint32())&0xbfff)
		var a, b [32]float32
		compare := func(name string) {
			t.Helper()
			if !bytes.Equal(bytesOf(a[:]), bytesOf(b[:])) {
				t.Fatalf("%s of %v, %v, %v: %v, want %v", name, q, d, m, a, b)
			}
		}
		signed32(&a, &q, d)
		signed32Go(&b, &q, d)
		compare("signed32")
		half := (*[16]byte)(q[:])
		centred16(&a, half, d)
		centred16Go(&b, half, d)
		compare("centred16")
		offset16(&a, half, d, m)
		offset16Go(&b, half, d, m)
		compare("offset16")
		u := Integers{Scale: [2]float32{d, m}, Offset: [2]float32{m, none}}
		for i := range u.Q {
			u.Q[i] = int8(q[i])
		}
		affine32(&a, &u)
		affine32Go(&b, &u)
		compare("affine32")
		bfloat16x8(a[:16], q[:])
		bfloat16x8Go(b[:16], q[:])
		compare("bfloat16x8")
	}
}

func TestFloats(t *testing.T) {
	v := []float32{1, 2, 3, 4, 5, 6}
	m := FromFloats(2, 3, v)
	m.Floats()[4] = 50
	if v[4] != 50 {
		t.Error("FromFloats and Floats copy")
	}
	dst := make([]float32, 2)
	m.Dequantize(dst, 1, 1)
	if dst[0] != 50 || dst[1] != 6 {
		t.Errorf("row 1 from column 1 on is %v", dst)
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"other type":   func() { (&Matrix{Type: F16, Rows: 1, Cols: 1, Data: make([]byte, 2)}).Floats() },
		"not aligned":  func() { (&Matrix{Type: F32, Rows: 1, Cols: 1, Data: bytesOf(make([]float32, 2))[1:5]}).Floats() },
		"few values":   func() { FromFloats(2, 2, make([]float32, 3)) },
		"beyond a row": func() { m := FromFloats(2, 2, make([]float32, 4)); m.Dequantize(make([]float32, 2), 0, 1) },
		"no such row":  func() { m := FromFloats(2, 2, make([]float32, 4)); m.Dequantize(make([]float32, 2), 2, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// New accepts exactly the sizes that big integers say are right.
func TestNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(every).Draw(t, "type")
		shape := rapid.OneOf(rapid.Just(0), rapid.IntRange(-1, 100), rapid.Int())
		rows, cols := shape.Draw(t, "rows"), shape.Draw(t, "cols")
		size := rapid.OneOf(rapid.Just(0), rapid.IntRange(0, 2000)).Draw(t, "size")
		values, bytes := kind.Block()
		if cols > 0 && cols < 100 && rows > 0 && rows < 10 && rapid.Bool().Draw(t, "right") {
			cols = cols * values
			size = rows * cols / values * bytes
		}
		_, err := New(kind, rows, cols, make([]byte, size))
		n := new(big.Int).Mul(big.NewInt(int64(rows)), big.NewInt(int64(cols/values)))
		n.Mul(n, big.NewInt(int64(bytes)))
		right := rows >= 0 && cols >= 0 && cols%values == 0 && n.IsInt64() && n.Int64() == int64(size)
		if right != (err == nil) {
			t.Fatalf("%d bytes as [%d,%d] of %v: %v", size, rows, cols, kind, err)
		}
	})
}

func BenchmarkDequantize(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, kind := range every {
		m := random(rng, kind, 64, 1536)
		for _, n := range []int{32, 512} {
			dst := make([]float32, n)
			b.Run(fmt.Sprintf("%v/%d", kind, n), func(b *testing.B) {
				b.SetBytes(int64(4 * m.Cols))
				for i := range b.N {
					for col := 0; col < m.Cols; col += len(dst) {
						m.Dequantize(dst, i%m.Rows, col)
					}
				}
			})
		}
	}
}

// BenchmarkPortable sets the loops in assembly beside those in Go.
func BenchmarkPortable(b *testing.B) {
	var q [64]byte
	var dst [32]float32
	half, full := (*[16]byte)(q[:]), (*[32]byte)(q[:])
	var u Integers
	for name, f := range map[string]func(){
		"float16/asm":  func() { float16x8(dst[:], q[:]) },
		"float16/go":   func() { float16x8Go(dst[:], q[:]) },
		"bfloat16/asm": func() { bfloat16x8(dst[:], q[:]) },
		"bfloat16/go":  func() { bfloat16x8Go(dst[:], q[:]) },
		"signed/asm":   func() { signed32(&dst, full, 2) },
		"signed/go":    func() { signed32Go(&dst, full, 2) },
		"centred/asm":  func() { centred16(&dst, half, 2) },
		"centred/go":   func() { centred16Go(&dst, half, 2) },
		"offset/asm":   func() { offset16(&dst, half, 2, 3) },
		"affine/asm":   func() { affine32(&dst, &u) },
		"affine/go":    func() { affine32Go(&dst, &u) },
		"offset/go":    func() { offset16Go(&dst, half, 2, 3) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(4 * len(dst)))
			for b.Loop() {
				f()
			}
		})
	}
}

// TestPaired reads the rows of heads whose halves are stored in turns.
func TestPaired(t *testing.T) {
	const head, heads, cols = 6, 2, 64
	plain := Matrix{Type: Q8_0, Rows: heads * head, Cols: cols}
	plain.Data = make([]byte, plain.Rows*plain.RowBytes())
	for i := range plain.Data {
		plain.Data[i] = byte(i*7) & 0xbf
	}
	m := plain
	m.Paired = head
	for i, stored := range []int{0, 2, 4, 1, 3, 5} {
		for h := range heads {
			got, want := make([]float32, cols), make([]float32, cols)
			m.Dequantize(got, h*head+i, 0)
			plain.Dequantize(want, h*head+stored, 0)
			var a, b Integers
			m.Integers(&a, h*head+i, 1)
			plain.Integers(&b, h*head+stored, 1)
			if !slices.Equal(got, want) || a != b {
				t.Errorf("row %d of head %d is not what is stored as row %d", i, h, stored)
			}
		}
	}
}

// TestFinite puts an infinite float16 at each place of a block: it is told exactly where a
// value is infinite or not a number for it.
func TestFinite(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, kind := range every {
		if kind.Quantum() == 0 {
			continue
		}
		values, size := kind.Block()
		for i := range size - 1 {
			m := random(rng, kind, 3, values)
			m.Data[size+i], m.Data[size+i+1] = 0, 0x7c
			row := make([]float32, values)
			m.Dequantize(row, 1, 0)
			want := !slices.ContainsFunc(row, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
			if block, ok := m.Finite(); ok != want || !ok && block != 1 {
				t.Errorf("%v with an infinite number at byte %d of block 1: %v, block %d, want %v", kind, i, ok, block, want)
			}
		}
	}
}

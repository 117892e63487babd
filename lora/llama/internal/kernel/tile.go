package kernel

import "fmt"

// The panels of [Tile]: TileRows interleaved rows of A, TileCols interleaved columns of B.
// Attention over a cache keeps keys and values in panels; all else uses [Pool.Mul].
const (
	TileRows = mr
	TileCols = nr
)

// Tile sets c, rows (at most TileRows) by panels*TileCols values whose rows are ldc apart,
// to the product of k steps of a, [k, TileRows], and panels of b, each [k, TileCols], whose
// starts are apart values from each other; or it adds the product to c. A row's bytes do not
// depend on the other rows, nor those of a column on the other columns.
func Tile(rows, k int, a, b []float32, panels, apart int, c []float32, ldc int, add bool) {
	for j := 0; k > 0 && j < panels; j++ {
		if avx512 && j+1 < panels {
			wide(rows, k, a, b[j*apart:], b[(j+1)*apart:], nr, c[j*nr:], ldc, add)
			j++
			continue
		}
		micro(rows, k, a, b[j*apart:], nr, c[j*nr:], ldc, add)
	}
}

// Interleave writes columns [k0, k0+k) of all rows of a, at most TileRows, to
// dst, [k, TileRows]. dst has room for two values more.
func Interleave(dst []float32, a Matrix, k0, k int) { packA(dst, a, 0, k0, k) }

// Beside puts several Rights with the same number of rows side by side, so one
// product replaces several with the same left side.
func Beside(rs ...Right) Right {
	var b beside
	for _, r := range rs {
		rows, cols := r.dims()
		if b.cols > 0 && (rows != b.rows || b.cols%nr != 0) {
			panic(fmt.Sprintf("kernel: a matrix of %d by %d beside one of %d by %d", rows, cols, b.rows, b.cols))
		}
		b.of = append(b.of, r)
		b.starts = append(b.starts, b.cols)
		b.rows, b.cols = rows, b.cols+cols
	}
	b.dots = allDots(b.of)
	return &b
}

// CanStandBeside reports whether a matrix with this many columns may be left of
// another.
func CanStandBeside(cols int) bool { return cols%nr == 0 }

type beside struct {
	of         []Right
	starts     []int
	rows, cols int
	dots       []*Dots // of, if all are of this form
}

func (b *beside) dims() (rows, cols int) { return b.rows, b.cols }

func (b *beside) panel(buf []float32, k0, kc, j0 int) []float32 {
	i := len(b.of) - 1
	for b.starts[i] > j0 {
		i--
	}
	return b.of[i].panel(buf, k0, kc, j0-b.starts[i])
}

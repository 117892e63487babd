package kgraph

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/pastime-go/pastime/kgraph/internal/rank"
)

// meanings are the vectors of names that were asked for, each of the length 1.
type meanings struct {
	mu sync.Mutex
	of map[string][]float32
}

// maxMeanings is how many vectors are kept: some 40 MB of 1,000 numbers each.
const maxMeanings = 10_000

// alikeness ranks names by the cosines of their vectors and of one name's, without those
// that are none.
func (g *Graph) alikeness(ctx context.Context, name string, ids []int32, names []string) ([]rank.Scored, error) {
	known := g.meanings.known(append([]string{name}, names...))
	var fresh []string
	for text, v := range known {
		if v == nil {
			fresh = append(fresh, text)
		}
	}
	if len(fresh) > 0 {
		slices.Sort(fresh)
		vectors, err := g.opts.Embedder.Embed(ctx, fresh)
		if err == nil && len(vectors) != len(fresh) {
			err = fmt.Errorf("%d vectors of %d texts", len(vectors), len(fresh))
		}
		if err != nil {
			return nil, fmt.Errorf("kgraph: embedding names: %w", err)
		}
		for i, v := range vectors {
			known[fresh[i]] = unit(v)
		}
		g.meanings.keep(known)
	}
	scores := map[int32]float64{}
	for i, id := range ids {
		if c := cosine(known[name], known[names[i]]); c > 0 {
			scores[id] = c
		}
	}
	return rank.Best(scores, len(scores)), nil
}

// known are the vectors of texts, nil of those that were not asked for.
func (m *meanings) known(texts []string) map[string][]float32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string][]float32{}
	for _, text := range texts {
		all[text] = m.of[text]
	}
	return all
}

// keep keeps vectors, and none of before when there are too many.
func (m *meanings) keep(all map[string][]float32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil || len(m.of)+len(all) > maxMeanings {
		m.of = map[string][]float32{}
	}
	maps.Copy(m.of, all)
}

// unit is a vector with the length 1, or an empty one of one that has no direction.
func unit(v []float32) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return []float32{}
	}
	u := make([]float32, len(v))
	for i, x := range v {
		u[i] = float32(float64(x) / math.Sqrt(sum))
	}
	return u
}

// cosine is that of two vectors with the length 1; 0 of those that cannot be compared.
func cosine(a, b []float32) (c float64) {
	if len(a) != len(b) {
		return 0
	}
	for i := range a {
		c += float64(a[i]) * float64(b[i])
	}
	return c
}

package dedup

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var (
	million = flag.Bool("million", false, "have BenchmarkKeep deduplicate a million texts")
	peerOut = flag.String("peer-out", "", "write texts and groups to this file, for the job dedup of .ci/peers")
)

func keep(t testing.TB, texts []string, quality []float64) []int {
	t.Helper()
	if quality == nil {
		quality = make([]float64, len(texts))
	}
	k, err := Keep(t.Context(), texts, quality)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeepsTheBest(t *testing.T) {
	texts := []string{
		"The write-ahead log is checkpointed when the last reader has closed the file.",
		"Rome was not built in a day",
		"the write ahead log is checkpointed, when the last reader has closed the file!",
		"The write-ahead log is checkpointed when the last reader has closed its file.",
		"", " ", "7", "8",
	}
	if got := fmt.Sprint(keep(t, texts, []float64{0.5, 1, 0.7, 0.9, 0, 0, 0, 0})); got != "[3 1 3 3 4 4 6 7]" {
		t.Error(got)
	}
	if got := fmt.Sprint(keep(t, texts, nil)); got != "[0 1 0 0 4 4 6 7]" {
		t.Error(got)
	}
}

// TestRecall draws pairs of sets of a known similarity: a pair is compared as often as
// 1-(1-s^r)^b says, within 2 points.
func TestRecall(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	const pairs, size = 4000, 120
	for _, shared := range []int{30, 60, 75, 85, 95, 105, 115} {
		found := 0
		s := float64(shared) / (2*size - float64(shared))
		for range pairs {
			var a, b []uint32
			for i := range size {
				x, y := r.Uint32(), r.Uint32()
				a = append(a, x)
				if i < shared {
					y = x
				}
				b = append(b, y)
			}
			p, q := bands(a), bands(b)
			for i := range p {
				if p[i] == q[i] {
					found++
					break
				}
			}
		}
		want, got := 1-math.Pow(1-math.Pow(s, Rows), Bands), float64(found)/pairs
		t.Logf("similarity %.3f: %.4f of the pairs are compared, %.4f expected", s, got, want)
		if math.Abs(got-want) > 0.02 {
			t.Errorf("similarity %.3f: %.4f of the pairs are compared; want %.4f", s, got, want)
		}
	}
}

// TestKeepIsExact compares with all pairs, compared one by one: no group joins what no
// chain of similar texts does, and nearly no similar pair is missed.
func TestKeepIsExact(t *testing.T) {
	texts := corpus(rand.New(rand.NewPCG(6, 6)), 900)
	got := keep(t, texts, nil)
	want := newGroups(len(texts), make([]float64, len(texts)))
	sets := make([][]uint32, len(texts))
	for i := range texts {
		sets[i] = set(Normal(texts[i]))
	}
	similar, missed := 0, 0
	for i := range texts {
		for j := range i {
			if jaccard(sets[i], sets[j]) >= Threshold {
				want.join(j, i)
				if similar++; got[i] != got[j] {
					missed++
				}
			}
		}
	}
	wrong := 0
	for i := range texts {
		if want.root(i) != want.root(got[i]) {
			wrong++
		}
	}
	t.Logf("%d similar pairs, %d missed, %d texts joined wrongly", similar, missed, wrong)
	if similar < 80 || wrong > 0 || missed > similar/100 {
		t.Errorf("of %d similar pairs %d are missed; %d texts are joined to what is not similar", similar, missed, wrong)
	}
}

func TestJaccard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOfDistinct(rapid.Uint32Range(0, 30), rapid.ID[uint32])
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if len(a)+len(b) == 0 {
			return
		}
		in := map[uint32]int{}
		for _, x := range a {
			in[x]++
		}
		for _, x := range b {
			in[x]++
		}
		shared := 0
		for _, n := range in {
			shared += n - 1
		}
		if got, want := jaccard(sorted(a), sorted(b)), float64(shared)/float64(len(in)); got != want {
			t.Errorf("%v and %v: %v, want %v", a, b, got, want)
		}
	})
}

func sorted(s []uint32) []uint32 {
	for i := range s {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
	return s
}

// corpus is short texts, a third of which repeat an earlier one with some changes.
func corpus(r *rand.Rand, n int) []string {
	words := make([]string, 5000)
	for i := range words {
		var b strings.Builder
		for range 2 + r.IntN(8) {
			b.WriteByte(byte('a' + r.IntN(26)))
		}
		words[i] = b.String()
	}
	texts := make([]string, 0, n)
	for len(texts) < n {
		if len(texts) > 10 && r.IntN(3) == 0 {
			old := strings.Fields(texts[r.IntN(len(texts))])
			for range 1 + r.IntN(3) {
				old[r.IntN(len(old))] = words[r.IntN(len(words))]
			}
			texts = append(texts, strings.Join(old, " "))
			continue
		}
		line := make([]string, 8+r.IntN(16))
		for i := range line {
			line[i] = words[r.IntN(len(words))]
		}
		texts = append(texts, strings.Join(line, " "))
	}
	return texts
}

// TestPeerGroups writes texts with their groups for datasketch.
func TestPeerGroups(t *testing.T) {
	if *peerOut == "" {
		t.Skip("needs -peer-out")
	}
	texts := corpus(rand.New(rand.NewPCG(8, 8)), 20_000)
	f, err := os.Create(*peerOut)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i, k := range keep(t, texts, nil) {
		line, err := json.Marshal(map[string]any{"text": texts[i], "normal": Normal(texts[i]), "keep": k})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(append(line, '\n'))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func FuzzKeep(f *testing.F) {
	f.Add("one\ntwo\none", 0.5)
	f.Add("\xff\n\n", math.NaN())
	f.Fuzz(func(t *testing.T, all string, q float64) {
		texts := strings.Split(all, "\n")
		quality := make([]float64, len(texts))
		quality[0] = q
		for i, k := range keep(t, texts, quality) {
			if k < 0 || k >= len(texts) {
				t.Fatalf("text %d is kept as %d of %d", i, k, len(texts))
			}
		}
	})
}

// BenchmarkKeep deduplicates short texts:
//
//	go test ./internal/dedup -run '^$' -bench Keep -benchtime 1x -million
func BenchmarkKeep(b *testing.B) {
	n := 20_000
	if *million {
		n = 1_000_000
	}
	texts := corpus(rand.New(rand.NewPCG(9, 9)), n)
	quality := make([]float64, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		kept := 0
		got, err := Keep(b.Context(), texts, quality)
		if err != nil {
			b.Fatal(err)
		}
		for i, k := range got {
			if i == k {
				kept++
			}
		}
		b.ReportMetric(float64(kept)/float64(n), "kept")
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.Sys)/(1<<20), "MB-of-the-process")
}

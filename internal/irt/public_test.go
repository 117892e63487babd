package irt_test

import (
	"bufio"
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/internal/irt"
)

var (
	histories = flag.String("histories", "", "a file with histories of real learners, for TestPublicHistories")
	sitting   = flag.Int("sitting", 10, "how many answers of them count as a day")
	most      = flag.Int("pupils", 300, "how many of them are read")
	first     = flag.Int("first", 50, "how many of those, the first, are not asked")
	reported  = flag.Bool("reported", false, "ask the half of them by which nothing was chosen, and not the other")
)

// TestPublicHistories foretells answers of real learners: pupils of ASSISTments in 2009 and
// 2010, in the form of Piech and others (Deep Knowledge Tracing, 2015). There are three
// lines of a pupil: how many answers, their skills, and 1 for a right answer and 0 for
// another. The file has the order of the answers and no dates, so some of them count as a
// day. It is data/builder_train.csv of CAHLR/pyBKT-examples on GitHub, of 2,082,337 bytes.
// The first fifty pupils are the others that an estimate may know. A hash of a pupil's number
// says in which half it is.
func TestPublicHistories(t *testing.T) {
	if *histories == "" {
		t.Skip("needs -histories FILE")
	}
	f, err := os.Open(*histories)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	fields := func() []string {
		if !in.Scan() {
			return nil
		}
		return strings.FieldsFunc(in.Text(), func(r rune) bool { return r == ',' || r == ' ' })
	}
	const others = 50
	var pupils []pupil
	skill := map[string]int{}
	for len(pupils) < *most && fields() != nil {
		skills, right := fields(), fields()
		if len(skills) != len(right) {
			t.Fatalf("pupil %d: %d skills and %d answers", len(pupils), len(skills), len(right))
		}
		p := pupil{last: (len(skills) - 1) / *sitting, cells: map[int][]irt.Cell{}}
		for i, name := range skills {
			if _, seen := skill[name]; !seen {
				skill[name] = len(skill)
			}
			n := skill[name]
			passed, err := strconv.ParseInt(right[i], 10, 64)
			if err != nil || passed < 0 || passed > 1 {
				t.Fatalf("pupil %d: the answer %q, %v", len(pupils), right[i], err)
			}
			day := i / *sitting
			if k := len(p.cells[n]); k == 0 || p.cells[n][k-1].Day != day {
				p.cells[n] = append(p.cells[n], irt.Cell{Day: day})
			}
			c := &p.cells[n][len(p.cells[n])-1]
			c.Tries, c.Passes = c.Tries+1, c.Passes+passed
		}
		pupils = append(pupils, p)
	}
	if err := in.Err(); err != nil || len(pupils) <= max(others, *first) {
		t.Fatalf("%d pupils, %v", len(pupils), err)
	}
	// evidence has all skills, so that those of several pupils are the same.
	evidence := func(p *pupil) []irt.Family {
		all := make([]irt.Family, len(skill))
		for n := range all {
			all[n] = irt.Family{Levels: 1, Cells: p.cells[n]}
		}
		return all
	}
	var earlier []irt.Learner
	for i := range others {
		earlier = append(earlier, irt.Learner{Families: evidence(&pupils[i])})
	}
	for _, c := range []struct {
		name string
		o    *irt.Options
	}{{"alone", nil}, {"with others", &irt.Options{Population: irt.Learn(earlier)}}} {
		t.Run(c.name, func(t *testing.T) {
			var both contest
			var each []forecast
			for i := max(others, *first); i < len(pupils); i++ {
				if inReported(i) != *reported {
					continue
				}
				var one contest
				one.foretell(evidence(&pupils[i]), pupils[i].last, c.o)
				both.add(&one)
				each = append(each, one.own)
			}
			both.judge(t)
			low, high := resampled(each)
			t.Logf("%d pupils: 95 %% of their samples have a calibration error of %.4f to %.4f; of right forecasts %.4f is expected; "+
				"%.4f more were right than was foretold", len(each), low, high, both.own.least(), both.own.rise())
		})
	}
}

// pupil has the answers of one, by skill, and its last day.
type pupil struct {
	last  int
	cells map[int][]irt.Cell
}

func inReported(pupil int) bool {
	h := fnv.New32a()
	h.Write([]byte(strconv.Itoa(pupil)))
	return h.Sum32()>>16&1 == 1
}

// resampled is the range of the calibration error over samples of the pupils, by the
// bootstrap (Efron 1979).
func resampled(pupils []forecast) (low, high float64) {
	r := rand.New(rand.NewPCG(1, 7))
	errors := make([]float64, 1000)
	for i := range errors {
		var sum forecast
		for range pupils {
			sum.add(&pupils[r.IntN(len(pupils))])
		}
		errors[i] = sum.calibration()
	}
	slices.Sort(errors)
	return errors[25], errors[974]
}

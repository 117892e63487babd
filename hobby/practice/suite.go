package practice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// heldOutOneIn is how many tasks there are for each one that is held out.
const heldOutOneIn = 5

// Suite is a set of families under a version. It is safe for concurrent use.
type Suite struct {
	version  string
	families []Family
	index    map[string]Family
}

// NewSuite makes a suite. The version names it for ever: whoever changes a
// family so that it makes other tasks must change the version, because the
// held-out split and every stored item refer to it.
func NewSuite(version string, families ...Family) (*Suite, error) {
	if version == "" {
		return nil, fmt.Errorf("practice: a suite needs a version")
	}
	s := &Suite{version: version, families: slices.Clone(families), index: map[string]Family{}}
	for _, f := range families {
		info := f.Info()
		if info.Name == "" || info.Levels < 1 {
			return nil, fmt.Errorf("practice: suite %s: family %q has %d levels; a family needs a name and at least one level", version, info.Name, info.Levels)
		}
		if s.index[info.Name] != nil {
			return nil, fmt.Errorf("practice: suite %s: two families are called %q", version, info.Name)
		}
		s.index[info.Name] = f
	}
	return s, nil
}

// Version is the suite's version.
func (s *Suite) Version() string { return s.version }

// Families describes the families in order.
func (s *Suite) Families() []hobby.Family {
	infos := make([]hobby.Family, len(s.families))
	for i, f := range s.families {
		infos[i] = f.Info()
	}
	return infos
}

// Task generates one task: the same for the same arguments on every node, for
// ever. An unknown family or level is hobby.ErrInvalid.
func (s *Suite) Task(family string, level int, seed uint64) (Task, error) {
	f := s.index[family]
	if f == nil {
		return Task{}, fmt.Errorf("practice: %w: suite %s has no family %.64q", hobby.ErrInvalid, s.version, family)
	}
	if most := f.Info().Levels; level < 1 || level > most {
		return Task{}, fmt.Errorf("practice: %w: level %d of %s, must be 1 to %d", hobby.ErrInvalid, level, family, most)
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", family, level)
	t := f.Generate(rand.New(rand.NewPCG(seed, h.Sum64())), level)
	t.Family, t.Level, t.Seed = family, level, seed
	return t, nil
}

// Split says what a task may be used for.
func (s *Suite) Split(t Task) hobby.Split { return Split(s.version, t.Family, t.Params) }

// Split is the held-out split of any set of tasks that has a version: a keyed
// hash of the task's identity. One task in five is held out.
func Split(version, family, params string) hobby.Split {
	mac := hmac.New(sha256.New, []byte("pastime held-out split "+version))
	mac.Write([]byte(family))
	mac.Write([]byte{0})
	mac.Write([]byte(params))
	if binary.LittleEndian.Uint64(mac.Sum(nil))%heldOutOneIn == 0 {
		return hobby.HeldOut
	}
	return hobby.Practice
}

// Draw generates a task of the given split, from seeds that r draws.
func (s *Suite) Draw(r *rand.Rand, family string, level int, split hobby.Split) (Task, error) {
	// All of 1000 seeds miss a fifth of the tasks with a chance of 1e-97.
	for range 1000 {
		t, err := s.Task(family, level, r.Uint64())
		if err != nil {
			return Task{}, err
		}
		if s.Split(t) == split {
			return t, nil
		}
	}
	return Task{}, fmt.Errorf("practice: %s level %d has no %s task", family, level, split)
}

// Verify generates an item's task again and judges its answer again; it is how
// a result from elsewhere is accepted. An item of another suite, of another
// split than its task's, or whose task does not exist is hobby.ErrInvalid.
func (s *Suite) Verify(i hobby.Item) (Verdict, error) {
	if i.Suite != s.version {
		return Verdict{}, fmt.Errorf("practice: %w: the item is of suite %.64q, this is %s", hobby.ErrInvalid, i.Suite, s.version)
	}
	t, err := s.Task(i.Family, i.Level, i.Seed)
	if err != nil {
		return Verdict{}, err
	}
	if split := s.Split(t); split != i.Split {
		return Verdict{}, fmt.Errorf("practice: %w: the item says its task is for %s, it is for %s", hobby.ErrInvalid, i.Split, split)
	}
	return t.Verify(i.Answer), nil
}

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

// heldOutOneIn says that one task in so many is held out.
const heldOutOneIn = 5

// Suite is a set of families. It is safe for concurrent use.
type Suite struct {
	families []Family
	index    map[string]Family
}

// NewSuite makes a suite. A family's name and version stand for its tasks for
// ever, because the held-out split and every stored item refer to them. A family
// that is changed to make other tasks, or to take other answers, must get a new
// version.
func NewSuite(families ...Family) (*Suite, error) {
	s := &Suite{families: slices.Clone(families), index: map[string]Family{}}
	for _, f := range families {
		info := f.Info()
		if info.Name == "" || info.Levels < 1 {
			return nil, fmt.Errorf("practice: family %q has %d levels; a family needs a name and at least one level", info.Name, info.Levels)
		}
		if s.index[info.Name] != nil {
			return nil, fmt.Errorf("practice: two families are called %q", info.Name)
		}
		s.index[info.Name] = f
	}
	return s, nil
}

// Families describes the families in order.
func (s *Suite) Families() []hobby.Family {
	infos := make([]hobby.Family, len(s.families))
	for i, f := range s.families {
		infos[i] = f.Info()
	}
	return infos
}

// Task generates one task. The same arguments give the same task on every node,
// for ever. An unknown family or level is hobby.ErrInvalid. A [Maker] may have failed.
func (s *Suite) Task(family string, level int, seed uint64) (Task, error) {
	f := s.index[family]
	if f == nil {
		return Task{}, fmt.Errorf("practice: %w: there is no family %.64q", hobby.ErrInvalid, family)
	}
	info := f.Info()
	if level < 1 || level > info.Levels {
		return Task{}, fmt.Errorf("practice: %w: level %d of %s, must be 1 to %d", hobby.ErrInvalid, level, family, info.Levels)
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", family, level)
	r := rand.New(rand.NewPCG(seed, h.Sum64()))
	var t Task
	if m, ok := f.(Maker); ok {
		var err error
		if t, err = m.Make(r, level); err != nil {
			return Task{}, fmt.Errorf("practice: making a task of %s: %w", family, err)
		}
	} else {
		t = f.Generate(r, level)
	}
	t.Family, t.Version, t.Level, t.Seed = family, max(1, info.Version), level, seed
	t.Split = Split("skills", &t)
	return t, nil
}

// Split says what a task of a hobby may be used for. A hash of its family and its
// parameters decides, keyed by the hobby's name and the family's version. One task
// in five is held out. Each version of a family is divided by itself.
func Split(name string, t *Task) hobby.Split {
	family, version := t.Family, max(1, t.Version)
	if t.Like != "" {
		family, version = t.Like, 1
	}
	mac := hmac.New(sha256.New, fmt.Appendf(nil, "pastime held-out split %s-%d", name, version))
	mac.Write([]byte(family))
	mac.Write([]byte{0})
	mac.Write([]byte(t.Params))
	if binary.LittleEndian.Uint64(mac.Sum(nil))%heldOutOneIn == 0 {
		return hobby.HeldOut
	}
	return hobby.Practice
}

// Draw generates a task of the given split. r draws the seeds. Draws are independent,
// so a task may come again; a [Deck] deals each once.
func (s *Suite) Draw(r *rand.Rand, family string, level int, split hobby.Split) (Task, error) {
	// 1000 seeds in a row miss a fifth of the tasks with a chance of 1e-97.
	for range 1000 {
		t, err := s.Task(family, level, r.Uint64())
		if err != nil {
			return Task{}, err
		}
		if t.Split == split {
			return t, nil
		}
	}
	return Task{}, fmt.Errorf("practice: %s level %d has no %s task", family, level, split)
}

// Verify generates an item's task again and judges its answer again. Results from
// elsewhere are accepted in this way. It returns hobby.ErrInvalid for an item of
// another version of its family, with another split than its task's, without a
// task, or withheld by a server's filter.
func (s *Suite) Verify(i hobby.Item) (Verdict, error) {
	t, err := s.Task(i.Family, i.Level, i.Seed)
	if err != nil {
		return Verdict{}, err
	}
	i, err = Verify(&t, i)
	return Verdict{Score: i.Score, Note: i.Note}, err
}

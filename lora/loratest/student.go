package loratest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora"
)

// Numbers asks for a number that is in the question. Its first level is half known to a
// Student, its second one is known.
type Numbers struct {
	// Source is what the tasks say that they are from.
	Source string
}

// Info implements practice.Family.
func (Numbers) Info() hobby.Family { return hobby.Family{Name: "numbers", Levels: 2} }

// Generate implements practice.Family.
func (f Numbers) Generate(r *rand.Rand, level int) practice.Task {
	n := fmt.Sprint(r.IntN(1e9))
	return practice.Task{
		Params: fmt.Sprint(level, " ", n), Source: f.Source, Reference: n, Verifier: "exact", MaxTokens: 20,
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprintf("level %d: say %s", level, n)}},
		Verify: func(answer string) practice.Verdict {
			if answer == n {
				return practice.Pass()
			}
			return practice.Fail("another number")
		},
	}
}

// Abilities are how often a Student is right at each level of Numbers.
type Abilities [2]float64

// Student is a scripted model whose skills are those that its adapter's file names.
type Student struct {
	*hobbytest.Model
	mu     sync.Mutex
	skills map[string]Abilities
	// Rotten has what the adapter in a folder can do, whatever its file says. It is set
	// before anything is loaded.
	Rotten map[string]Abilities
}

// NewStudent makes a student that has loaded nothing.
func NewStudent() *Student {
	s := &Student{skills: map[string]Abilities{"": {0.4, 1}}}
	s.Model = &hobbytest.Model{Reply: s.reply}
	return s
}

func (s *Student) reply(_ context.Context, r hobby.Request) (string, error) {
	prompt := r.Messages[0].Content
	s.mu.Lock()
	skill := s.skills[r.Adapter]
	s.mu.Unlock()
	h := fnv.New64a()
	_, _ = h.Write([]byte(prompt))
	if r.Sampling.Temperature > 0 {
		_ = binary.Write(h, binary.LittleEndian, *r.Seed)
	}
	var level int
	if n, err := fmt.Sscanf(prompt, "level %d", &level); n != 1 || err != nil || level < 1 || level > len(skill) {
		return "I don't know", nil // another hobby's
	}
	level--
	if p := skill[level]; float64(h.Sum64()*0x9e3779b97f4a7c15>>11)/(1<<53) >= p {
		return "I don't know", nil
	}
	return prompt[strings.LastIndexByte(prompt, ' ')+1:], nil
}

// LoadAdapter implements hobby.AdapterHost.
func (s *Student) LoadAdapter(ctx context.Context, name, path string) error {
	data, err := os.ReadFile(filepath.Join(path, "skills.json"))
	if err != nil {
		return err
	}
	var k Abilities
	if err := json.Unmarshal(data, &k); err != nil {
		return err
	}
	s.mu.Lock()
	if bad, ok := s.Rotten[path]; ok {
		k = bad
	}
	s.skills[name] = k
	s.mu.Unlock()
	return s.Model.LoadAdapter(ctx, name, path)
}

// InfoWith names an adapter by what it can do, as a digest of its weights would.
func (s *Student) InfoWith(ctx context.Context, name string) (hobby.ModelInfo, error) {
	info, err := s.Model.InfoWith(ctx, name)
	if err == nil && name != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		info.Key = hobby.AdapterKey(info.Base, fmt.Sprint(s.skills[name]))
	}
	return info, err
}

// Teacher is a trainer that makes an adapter with given skills.
type Teacher struct {
	Skills Abilities
	// Spoil is called with what was made, and says what goes wrong; Before is called
	// before anything is. Both may be nil.
	Spoil  func(*lora.Artifact) error
	Before func(ctx context.Context) error
	// Runs counts the trainings.
	Runs int
}

// Train implements lora.Trainer.
func (t *Teacher) Train(ctx context.Context, j lora.Job, d lora.Dataset, report func(lora.Step)) (lora.Artifact, error) {
	t.Runs++
	if t.Before != nil {
		if err := t.Before(ctx); err != nil {
			return lora.Artifact{}, err
		}
	}
	report(lora.Step{Step: 1, Total: 1, Loss: 0.5})
	header := fmt.Sprintf(`{"layer.lora_B":%d}`, len(d.Train))
	data := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	data = fmt.Append(data, j.Config.Seed)
	kit, err := json.Marshal(t.Skills)
	if err != nil {
		return lora.Artifact{}, err
	}
	err = errors.Join(os.MkdirAll(j.Dir, 0o755), os.WriteFile(filepath.Join(j.Dir, "adapter_model.safetensors"), data, 0o600),
		os.WriteFile(filepath.Join(j.Dir, "skills.json"), kit, 0o600))
	sum := sha256.Sum256(data)
	a := lora.Artifact{Dir: j.Dir, Base: j.Base, Digest: hex.EncodeToString(sum[:]), Steps: 1, Tokens: 1, Loss: 0.5}
	if t.Spoil != nil && err == nil {
		err = t.Spoil(&a)
	}
	return a, err
}

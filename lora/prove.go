package lora

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// ErrInert is an adapter that changes nothing where it is loaded.
var ErrInert = errors.New("lora: the adapter does nothing")

// ErrDamaged is an adapter whose files are not what was trained.
var ErrDamaged = errors.New("lora: the adapter is damaged")

// Proof says that an adapter acts.
type Proof struct {
	// Modules counts the matrices that it changes.
	Modules int `json:"modules"`
	// Differs counts the tasks of those asked that it answers in other words than the
	// base.
	Differs int `json:"differs"`
	Asked   int `json:"asked"`
	// Base is the digest of the weights that answered.
	Base string `json:"base"`
}

// modelName is the file that has an adapter's values.
const modelName = "adapter_model.safetensors"

// checkArtifact refuses what a trainer should not have returned.
func checkArtifact(a *Artifact, j *Job) error {
	switch {
	case a.Dir != j.Dir:
		return fmt.Errorf("%w: the trainer says that it is in %q, and the job's folder is %q", ErrDamaged, a.Dir, j.Dir)
	case a.Base != j.Base:
		return fmt.Errorf("%w: the trainer says that it has trained on %.64q, and the job's base is %.64q", ErrBase, a.Base, j.Base)
	case math.IsNaN(a.Loss) || math.IsInf(a.Loss, 0):
		return fmt.Errorf("%w: the loss is %v", ErrDiverged, a.Loss)
	case a.Steps < 1:
		return fmt.Errorf("%w: the training made no step", ErrDamaged)
	}
	return checkDigest(a)
}

// checkDigest compares an adapter's file with its digest.
func checkDigest(a *Artifact) error {
	f, err := os.Open(filepath.Join(a.Dir, modelName))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != a.Digest {
		return fmt.Errorf("%w: its digest is %s, that of its training %.64s", ErrDamaged, got, a.Digest)
	}
	return nil
}

// modulesOf counts the matrices that an adapter changes, by the names in the header of
// its file.
func modulesOf(dir string) (n int, err error) {
	f, err := os.Open(filepath.Join(dir, modelName))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer f.Close()
	var size uint64
	if err := binary.Read(f, binary.LittleEndian, &size); err != nil || size > 16<<20 {
		return 0, fmt.Errorf("%w: the header of its file has %d bytes (%v)", ErrDamaged, size, err)
	}
	var header map[string]json.RawMessage
	if err := json.NewDecoder(io.LimitReader(f, int64(size))).Decode(&header); err != nil {
		return 0, fmt.Errorf("%w: the header of its file: %w", ErrDamaged, err)
	}
	for name := range header {
		if strings.Contains(name, "lora_B") {
			n++
		}
	}
	return n, nil
}

// act shows that the loaded adapter name acts: it changes at least one matrix, the base
// under it is the one that it was trained on, and it answers some of the tasks in other
// words than the base.
func (p *Pipeline) act(ctx context.Context, x hobby.Examiner, name string, a *Artifact, tasks []hobby.TaskID) (*Proof, error) {
	if err := checkDigest(a); err != nil {
		return nil, err
	}
	var proof Proof
	var err error
	if proof.Modules, err = modulesOf(a.Dir); err != nil {
		return nil, err
	}
	if proof.Modules == 0 {
		return nil, fmt.Errorf("%w: its file has no matrix of an adapter", ErrInert)
	}
	base, err := p.opts.Model.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("lora: asking the model what it is: %w", err)
	}
	with, err := p.host.InfoWith(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("lora: asking the model what it is with the adapter: %w", err)
	}
	if proof.Base = with.Base; with.Base != base.Base || base.Base != "" && a.Base != base.Base {
		return nil, fmt.Errorf("%w: the adapter was trained on %s, and %s answers", ErrBase, a.Base, with.Base)
	}
	if with.Key == base.Key {
		return nil, fmt.Errorf("%w: the model has the same key without it", ErrInert)
	}
	var answers [2][]hobby.Item
	for i, adapter := range []string{"", name} {
		if answers[i], err = x.Sit(ctx, p.opts.Model, hobby.Sitting{Tasks: tasks, Adapter: adapter}); err != nil {
			return nil, fmt.Errorf("lora: asking the model: %w", err)
		}
	}
	said := map[hobby.TaskID]string{}
	for i := range answers[0] {
		said[answers[0][i].Task()] = answers[0][i].Answer
	}
	for i := range answers[1] {
		if was, ok := said[answers[1][i].Task()]; ok {
			if proof.Asked++; was != answers[1][i].Answer {
				proof.Differs++
			}
		}
	}
	if proof.Differs == 0 {
		return &proof, fmt.Errorf("%w: it answers %d tasks as the base does", ErrInert, proof.Asked)
	}
	return &proof, nil
}

// probes are the tasks by which an adapter shows that it acts.
func (r *run) probes(ctx context.Context) ([]hobby.TaskID, error) {
	var levels []hobby.Level
	for _, l := range r.moving() {
		levels = append(levels, l.Level)
	}
	return r.list(ctx, "proof", hobby.Practice, 100/max(1, len(levels))+1, levels...)
}

// prove registers the adapter of the last round, once it has shown that it acts.
func (r *run) prove(ctx context.Context) (string, error) {
	last := r.Rounds[len(r.Rounds)-1].Artifact
	v := Version{
		Kind: r.hob.Kind, Parent: r.From, BaseModel: r.BaseModel, Base: r.Base,
		Config: r.Recipe.Config, Artifact: *last, Job: r.id, Metrics: map[string]float64{"loss": last.Loss},
	}
	var data []any
	from := Lineage{Read: r.step.Job().Created} // what was forgotten since then may have been read
	for i, round := range r.Rounds {
		data = append(data, round.Digest)
		rows, err := rowsOf(r.rowFile(r.id, i+1), round.File)
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			add(&from.Sources, row.Sources...)
			add(&from.Insights, row.Insights...)
			add(&from.Activities, row.Activities...)
		}
	}
	v.Data = digestOf(data...)
	v.ID = v.Identify()
	dir := filepath.Join(r.opts.Dir, v.ID)
	if err := r.move(last.Dir, dir); err != nil {
		return "", err
	}
	v.Artifact.Dir = dir
	if last.GGUF != "" {
		v.Artifact.GGUF = filepath.Join(dir, filepath.Base(last.GGUF))
	}
	if err := r.host.LoadAdapter(ctx, v.ID, dir); err != nil {
		return "", fmt.Errorf("lora: loading the adapter: %w", err)
	}
	tasks, err := r.probes(ctx)
	if err != nil {
		return "", err
	}
	if r.Proof, err = r.act(ctx, r.exam, v.ID, &v.Artifact, tasks); err != nil {
		return "", err
	}
	f := r.step.Job().Fence
	if v, err = r.store.PutVersion(ctx, v, from, &f); err != nil {
		return "", fmt.Errorf("lora: storing the adapter: %w", err)
	}
	r.Version = v.ID
	now, err := r.store.Aliases(ctx)
	if err != nil {
		return "", fmt.Errorf("lora: %w", err)
	}
	if at := now[v.Kind][Candidate]; at != v.ID {
		flip := Flip{Kind: v.Kind, Alias: Candidate, From: at, To: v.ID, By: "training", Why: "it was trained"}
		if err := r.store.Point(ctx, []Flip{flip}, &f); err != nil {
			return "", fmt.Errorf("lora: naming the candidate: %w", err)
		}
	}
	return StageTrial, nil
}

// move copies a finished adapter to its place. It is there whole or not at all.
func (r *run) move(from, to string) error {
	if _, err := readArtifact(to); err == nil {
		return nil
	}
	if err := os.RemoveAll(to); err != nil {
		return fmt.Errorf("lora: %w", err)
	}
	a, err := readArtifact(from)
	if err != nil {
		return err
	}
	a.Dir = to
	if a.GGUF != "" {
		a.GGUF = filepath.Join(to, filepath.Base(a.GGUF))
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		_ = os.RemoveAll(to) // half a copy; the first error says more
		return fmt.Errorf("lora: copying the adapter: %w", err)
	}
	return writeArtifact(to, a)
}

package safetensors

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/internal/mmap"
)

// maxIndex is the size of the largest index that is read, in bytes. The largest
// known ones have a few megabytes.
const maxIndex = 64 << 20

// Set is the tensors of one file, or of many that an index names, mapped into
// memory.
type Set struct {
	Metadata map[string]string // of the only file; nil when there are many
	// Files are the paths of the files that hold the tensors, and Data their
	// contents.
	Files   []string
	Data    [][]byte
	tensors map[string]Tensor
	maps    []*mmap.File
}

// Open maps the file at path, or, when its name ends in ".json", the files
// beside it that this index names. The tensors are valid until Close.
func Open(path string) (*Set, error) {
	s := &Set{tensors: map[string]Tensor{}}
	var err error
	if strings.HasSuffix(path, ".json") {
		err = s.openIndex(path)
	} else {
		var f *File
		if f, err = s.add(path); err == nil {
			s.Metadata = f.Metadata
			for _, t := range f.Tensors {
				s.tensors[t.Name] = t
			}
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Memory is Open for one file that is in memory. Errors call it name.
func Memory(name string, data []byte) (*Set, error) {
	f, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	s := &Set{Metadata: f.Metadata, Files: []string{name}, Data: [][]byte{data}, tensors: map[string]Tensor{}}
	for _, t := range f.Tensors {
		s.tensors[t.Name] = t
	}
	return s, nil
}

func (s *Set) add(path string) (*File, error) {
	m, err := mmap.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: opening: %w", err)
	}
	s.maps = append(s.maps, m)
	s.Files, s.Data = append(s.Files, path), append(s.Data, m.Data)
	return Parse(path, m.Data)
}

func (s *Set) openIndex(path string) error {
	shards, err := readIndex(path)
	if err != nil {
		return err
	}
	for _, shard := range slices.Sorted(maps.Keys(shards)) {
		f, err := s.add(filepath.Join(filepath.Dir(path), shard))
		if err != nil {
			return fmt.Errorf("%w (a shard of %s)", err, path)
		}
		has := make(map[string]Tensor, len(f.Tensors))
		for _, t := range f.Tensors {
			has[t.Name] = t
		}
		for _, name := range shards[shard] {
			t, ok := has[name]
			if !ok {
				return fmt.Errorf("safetensors: %s: weight_map has %q in %s, which lacks it", path, name, shard)
			}
			s.tensors[name] = t
		}
	}
	return nil
}

// readIndex returns which tensors each shard has.
func readIndex(path string) (map[string][]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: reading the index: %w", err)
	}
	if info.Size() > maxIndex {
		return nil, fmt.Errorf("safetensors: %s: an index of %d bytes; at most %d were expected", path, info.Size(), maxIndex)
	}
	data, err := mmap.ReadRegular(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: reading the index: %w", err)
	}
	return parseIndex(path, data)
}

func parseIndex(path string, data []byte) (map[string][]string, error) {
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("safetensors: %s: %w", path, err)
	}
	if len(index.WeightMap) == 0 {
		return nil, fmt.Errorf("safetensors: %s: weight_map, an object of tensor names and file names, was expected", path)
	}
	shards := map[string][]string{}
	for name, shard := range index.WeightMap {
		// A shard must be a file beside its index. It may be a symbolic link, as
		// the files of Hugging Face's cache are.
		if !filepath.IsLocal(shard) || strings.ContainsAny(shard, `/\:`) || shard == "." {
			return nil, fmt.Errorf("safetensors: %s: weight_map has %q in %q; the name of a file beside the index was expected", path, name, shard)
		}
		shards[shard] = append(shards[shard], name)
	}
	return shards, nil
}

// Get finds a tensor.
func (s *Set) Get(name string) (Tensor, bool) {
	t, ok := s.tensors[name]
	return t, ok
}

// Mapped reports whether the files are mapped, rather than in memory.
func (s *Set) Mapped() bool { return s.maps != nil }

// Names are the tensors' names, sorted.
func (s *Set) Names() []string { return slices.Sorted(maps.Keys(s.tensors)) }

// Release says of data that it is not read for a while, where a file is mapped.
func (s *Set) Release(data []byte) {
	for _, m := range s.maps {
		m.Release(data)
	}
}

// Close unmaps the files. The tensors must not be used afterwards.
func (s *Set) Close() error {
	var errs []error
	for _, m := range s.maps {
		errs = append(errs, m.Close())
	}
	s.maps, s.tensors = nil, nil
	return errors.Join(errs...)
}

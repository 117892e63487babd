package lora

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/internal/durable"
)

// writeRows writes rows as JSON Lines and returns the digest of the file.
func writeRows(path string, rows []Row) (digest string, err error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for i := range rows {
		if err := enc.Encode(&rows[i]); err != nil {
			return "", fmt.Errorf("lora: writing the data set: %w", err)
		}
	}
	sum := sha256.Sum256(buf.Bytes())
	return hex.EncodeToString(sum[:]), writeWhole(path, buf.Bytes())
}

// writeWhole writes a private file so that it is there whole or not at all.
func writeWhole(path string, data []byte) error {
	if err := durable.WriteFile(path, 0o600, func(w io.Writer) error { _, err := w.Write(data); return err }); err != nil {
		return fmt.Errorf("lora: writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// rowsOf reads rows, and refuses a file that has another digest before it takes any
// memory.
func rowsOf(path, digest string) (rows []Row, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("lora: reading the data set: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err = io.Copy(h, f); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("lora: reading the data set: %w", err)
	}
	if hex.EncodeToString(h.Sum(nil)) != digest {
		return nil, fmt.Errorf("lora: the data set %s was changed", filepath.Base(path))
	}
	for dec := json.NewDecoder(f); dec.More(); {
		var r Row
		if err := dec.Decode(&r); err != nil {
			return nil, fmt.Errorf("lora: reading the data set: %w", err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func readRows(path, digest string) (Dataset, error) {
	rows, err := rowsOf(path, digest)
	s := Selection{Rows: rows}
	return s.Dataset(), err
}

const artifactName = "artifact.json"

// writeArtifact notes that the adapter in dir is complete.
func writeArtifact(dir string, a *Artifact) error {
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("lora: %w", err)
	}
	return writeWhole(filepath.Join(dir, artifactName), data)
}

// readArtifact reads what writeArtifact wrote, if the adapter is still what it was. Its
// files are those in dir, whatever the note says.
func readArtifact(dir string) (*Artifact, error) {
	f, err := os.Open(filepath.Join(dir, artifactName))
	if err != nil {
		return nil, fmt.Errorf("lora: %w", err)
	}
	defer f.Close()
	var a Artifact
	if err := json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&a); err != nil {
		return nil, fmt.Errorf("lora: reading %s: %w", artifactName, err)
	}
	a.Dir = dir
	if a.GGUF != "" {
		a.GGUF = filepath.Join(dir, filepath.Base(a.GGUF))
	}
	return &a, checkDigest(&a)
}

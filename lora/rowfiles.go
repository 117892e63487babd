package lora

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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

// writeWhole writes a file so that it is there whole or not at all.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("lora: %w", err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error says more
		return fmt.Errorf("lora: writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// rowsOf reads rows, and refuses a file that has another digest.
func rowsOf(path, digest string) (rows []Row, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("lora: reading the data set: %w", err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != digest {
		return nil, fmt.Errorf("lora: the data set %s was changed", filepath.Base(path))
	}
	dec := json.NewDecoder(bufio.NewReader(bytes.NewReader(data)))
	for dec.More() {
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

// readArtifact reads what writeArtifact wrote, if the adapter is still what it was.
func readArtifact(dir string) (*Artifact, error) {
	data, err := os.ReadFile(filepath.Join(dir, artifactName))
	if err != nil {
		return nil, fmt.Errorf("lora: %w", err)
	}
	var a Artifact
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("lora: %w", err)
	}
	return &a, checkDigest(&a)
}

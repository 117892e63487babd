package lora

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestArtifactOfAnotherFolder writes a note that names other folders: what is read are
// the files beside it.
func TestArtifactOfAnotherFolder(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	good := sha256.Sum256([]byte("good"))
	for folder, weights := range map[string]string{dir: "bad", other: "good"} {
		if err := os.WriteFile(filepath.Join(folder, modelName), []byte(weights), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := Artifact{Dir: other, GGUF: filepath.Join(other, "x.gguf"), Digest: hex.EncodeToString(good[:])}
	if err := writeArtifact(dir, &a); err != nil {
		t.Fatal(err)
	}
	if got, err := readArtifact(dir); !errors.Is(err, ErrDamaged) || got.Dir != dir || got.GGUF != filepath.Join(dir, "x.gguf") {
		t.Errorf("%+v, %v; want the files in %s, which are damaged", got, err, dir)
	}
}

func TestRowsThatWereChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	digest, err := writeRows(path, []Row{{ID: "1", Completion: "a"}, {ID: "2", Completion: "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := rowsOf(path, digest); err != nil || len(rows) != 2 || rows[1].Completion != "b" {
		t.Errorf("%+v, %v", rows, err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"id":"3"}`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if rows, err := rowsOf(path, digest); err == nil || rows != nil {
		t.Errorf("a row was added: %d rows, %v", len(rows), err)
	}
}

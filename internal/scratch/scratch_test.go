package scratch

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const parentVar = "PASTIME_SCRATCH_PARENT"

// TestChild is the process that TestSweep kills: it makes a folder, says so and waits.
func TestChild(t *testing.T) {
	parent := os.Getenv(parentVar)
	if parent == "" {
		t.Skip("TestSweep runs it")
	}
	d, err := New(parent, "mine-")
	if err == nil {
		err = os.WriteFile(filepath.Join(d.Path, "secret"), []byte("a private text"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString(d.Path + "\n")
	os.Stdin.Read(make([]byte, 1)) // until the parent ends
}

// TestSweep kills a process that has a folder: the folder stays while the process lives,
// however old it is, and goes once it is dead.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(cmd.Environ(), parentVar+"="+parent)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	path := line[:max(0, len(line)-1)]
	if err != nil || filepath.Dir(path) != parent {
		t.Fatalf("the child says %q, %v", line, err)
	}
	age := func(name string, by time.Duration) {
		t.Helper()
		at := time.Now().Add(-by)
		if err := os.Chtimes(filepath.Join(parent, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mine-file", "mine-new-file", "a-host's-file"} {
		if err := os.WriteFile(filepath.Join(parent, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mine-unsigned", "mine-new-unsigned", "a-host's"} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	child := filepath.Base(path)
	for _, name := range []string{child, "mine-file", "mine-unsigned", "a-host's-file", "a-host's"} {
		age(name, 48*time.Hour)
	}
	left := func(want ...string) {
		t.Helper()
		d, err := New(parent, "mine-")
		if err == nil {
			err = d.Remove()
		}
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		entries, err := os.ReadDir(parent)
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("what is left (-want +got): %v\n%s", err, diff)
		}
	}
	left("a-host's", "a-host's-file", child, "mine-new-file", "mine-new-unsigned")
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	left("a-host's", "a-host's-file", "mine-new-file", "mine-new-unsigned")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the dead process's folder: %v", err)
	}
}

// other is an entry of a folder that is somebody else's.
type other struct {
	fs.DirEntry
	looked int
}

func (*other) Name() string { return "a-host's" }

func (o *other) Info() (fs.FileInfo, error) {
	o.looked++
	return nil, fs.ErrNotExist
}

// TestOthersAreNotLookedAt sweeps a folder of other people's files, of which there may be very many.
func TestOthersAreNotLookedAt(t *testing.T) {
	var o other
	if sweep(t.TempDir(), "mine-", []os.DirEntry{&o}); o.looked > 0 {
		t.Errorf("a file without the prefix was looked at %d times", o.looked)
	}
}

func TestNew(t *testing.T) {
	d, err := New(t.TempDir(), "mine-")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := os.Stat(d.Path); err != nil || runtime.GOOS != "windows" && s.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may look into it: %v, %v", s.Mode(), err)
	}
	if err := d.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(d.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Remove: %v", err)
	}
	if _, err := New(filepath.Join(d.Path, "nowhere"), "mine-"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
}

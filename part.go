package pastime

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/internal/scratch"
)

// Part is what a part brings to a Kit. Every field may be left out; Name is
// needed with Observes.
type Part struct {
	// Name is the name of the part in the pastime_reading_* metrics, such as
	// "assignments".
	Name string
	// Observes exports numbers about the part.
	Observes hobby.Observable
	// Slots and Consumers are run by the manager.
	Slots     []hobby.Slot
	Consumers []hobby.Consumer
	// Topics are what the part knows that practice could look into.
	Topics hobby.TopicSource
	// Run works until its context ends. No goroutine may outlive it.
	Run func(ctx context.Context) error
	// Serves are the part's routes.
	Serves []httpapi.Part
	// Close frees what the part holds; the store is closed after it.
	Close func() error
}

// Maker makes a part. A host's own gets a Kit that has its Store, its Presence
// and its Subagents only, because the manager is made once all slots and
// consumers are there.
type Maker func(ctx context.Context, k *Kit) (Part, error)

// folder is the folder in which parts keep files. It is made when it is needed.
type folder struct {
	mu        sync.Mutex
	path      string // "" for a temporary one that is not made yet
	temporary *scratch.Dir
}

// Dir returns the path of a folder for a part's files: name, such as "adapters",
// within [Options.Dir]. It makes the folder if it does not exist.
func (k *Kit) Dir(name string) (string, error) {
	f := &k.files
	f.mu.Lock()
	defer f.mu.Unlock()
	if !filepath.IsLocal(name) || name == "." {
		return "", fmt.Errorf("pastime: %w: %q is not the name of a folder", hobby.ErrInvalid, name)
	}
	if f.path == "" {
		temporary, err := scratch.New("", "pastime-kit-")
		if err != nil {
			return "", fmt.Errorf("pastime: %w", err)
		}
		f.path, f.temporary = temporary.Path, temporary
	}
	dir := filepath.Join(f.path, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("pastime: making the folder %s: %w", name, err)
	}
	return dir, nil
}

// remove removes a temporary folder with all that is in it.
func (f *folder) remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.temporary == nil {
		return nil
	}
	temporary := f.temporary
	f.path, f.temporary = "", nil
	if err := temporary.Remove(); err != nil {
		return fmt.Errorf("pastime: removing the temporary folder: %w", err)
	}
	return nil
}

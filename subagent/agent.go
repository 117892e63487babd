package subagent

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

const (
	// Any is the capability of an agent that can do every kind.
	Any = "*"
	// metaLearning is the name that the original system gave to Any.
	metaLearning = "meta_learning"

	// DefaultConcurrent is how many assignments an agent takes at a time when
	// it names no number. MostConcurrent is the largest number that it can
	// name.
	DefaultConcurrent = 5
	MostConcurrent    = 100

	maxMetadata = 4 << 10 // bytes of an agent's metadata as JSON
	maxNested   = 8       // depth of an agent's metadata as JSON
	maxEndpoint = 2 << 10
)

// Agent describes an agent: what it registers with.
type Agent struct {
	// ID has 1 to 128 letters, digits, '.', '_' and '-'.
	ID string `json:"id"`
	// Capabilities are kinds, or [Any].
	Capabilities []string `json:"capabilities"`
	// Metadata is a JSON object that is shown with the agent. It has at most 4
	// KiB and is nested at most 8 deep. The coordinator does not use it.
	Metadata map[string]any `json:"metadata,omitempty"`
	// Endpoint is the address at which a transport reaches the agent; "" when
	// it connects by itself or works in the coordinator's process.
	Endpoint string `json:"endpoint,omitempty"`
	// MaxConcurrent is how many assignments it takes at a time, 1 to
	// [MostConcurrent]; 0 is the coordinator's default.
	MaxConcurrent int `json:"max_concurrent,omitempty"`
}

// Can reports whether the agent has a capability for k.
func (a *Agent) Can(k hobby.Kind) bool {
	return slices.Contains(a.Capabilities, Any) || slices.Contains(a.Capabilities, string(k))
}

// Normalise returns the agent with its capabilities in lower case, each once.
// Its error says why the agent cannot be registered: hobby.ErrInvalid, or
// hobby.ErrUnknownKind for a kind that known does not list. A nil known accepts
// every well-formed kind.
func (a Agent) Normalise(known []hobby.Kind) (Agent, error) {
	if err := CheckID(a.ID); err != nil {
		return a, err
	}
	caps := make([]string, 0, min(len(a.Capabilities), 64))
	for _, c := range a.Capabilities {
		c, err := capability(c, known)
		if err != nil {
			return a, err
		}
		if !slices.Contains(caps, c) {
			caps = append(caps, c)
		}
	}
	if len(caps) == 0 {
		return a, fmt.Errorf("%w: Agent.Capabilities is empty, must name at least one kind or %q", hobby.ErrInvalid, Any)
	}
	metadata, err := json.Marshal(a.Metadata)
	switch {
	case err != nil:
		return a, fmt.Errorf("%w: Agent.Metadata cannot be JSON: %w", hobby.ErrInvalid, err)
	case extentOf(metadata).depth > maxNested:
		return a, fmt.Errorf("%w: Agent.Metadata is nested %d deep, at most %d are taken", hobby.ErrInvalid, extentOf(metadata).depth, maxNested)
	case len(metadata) > maxMetadata:
		return a, fmt.Errorf("%w: Agent.Metadata has %d bytes as JSON, at most %d fit", hobby.ErrInvalid, len(metadata), maxMetadata)
	case len(a.Endpoint) > maxEndpoint:
		return a, fmt.Errorf("%w: Agent.Endpoint has %d bytes, at most %d fit", hobby.ErrInvalid, len(a.Endpoint), maxEndpoint)
	case a.MaxConcurrent < 0 || a.MaxConcurrent > MostConcurrent:
		return a, fmt.Errorf("%w: Agent.MaxConcurrent is %d, must be 1 to %d", hobby.ErrInvalid, a.MaxConcurrent, MostConcurrent)
	}
	a.Capabilities = caps
	return a, nil
}

func capability(c string, known []hobby.Kind) (string, error) {
	if c == Any || strings.EqualFold(c, metaLearning) {
		return Any, nil
	}
	k, err := hobby.ParseKind(c)
	if err != nil || known != nil && !slices.Contains(known, k) {
		return "", fmt.Errorf("%w: Agent.Capabilities: %.64q", hobby.ErrUnknownKind, c)
	}
	return string(k), nil
}

// CheckID returns hobby.ErrInvalid when id cannot be an agent's id.
func CheckID(id string) error {
	bad := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '_' || r == '-')
	}
	if len(id) < 1 || len(id) > 128 || strings.ContainsFunc(id, bad) {
		return fmt.Errorf("%w: Agent.ID is %.64q, must have 1 to 128 letters, digits, '.', '_' or '-'", hobby.ErrInvalid, id)
	}
	return nil
}

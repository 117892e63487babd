package hobby

import (
	"context"
	"fmt"
	"reflect"
)

// Serving is what answers the tasks of a kind: a model, with or without one of its
// adapters.
type Serving struct {
	// Model answers. A [Chooser] may leave it nil, which is the hobby's own.
	Model Model
	// Adapter is the adapter's name, as in [Request.Adapter]; "" is the base.
	Adapter string
	// Info is what Model tells of itself with the adapter.
	Info ModelInfo
}

// Chooser says what serves a kind now. A pipeline that trains adapters will be one. It
// must be safe for concurrent use, and answer at once from what it knows, since every
// reading of the progress asks it.
//
// A session asks once, as it begins: a change takes effect at the next session.
type Chooser interface {
	// Serving returns an adapter that the kind's model has loaded, or another model,
	// with what that tells of itself. The zero Serving is the base.
	Serving(ctx context.Context, k Kind) (Serving, error)
}

// NewServing asks m what it is with an adapter, "" for the base. A model that is no
// [AdapterHost] has none.
func NewServing(ctx context.Context, m Model, adapter string) (s Serving, err error) {
	if m == nil {
		return Serving{}, ErrNoModel
	}
	s = Serving{Model: m, Adapter: adapter}
	err = guard("the model's Info", func() (err error) {
		host, hosts := m.(AdapterHost)
		switch {
		case adapter == "":
			s.Info, err = m.Info(ctx)
		case !hosts:
			err = fmt.Errorf("%w: the model has no adapters, and %q was asked for", ErrInvalid, adapter)
		default:
			s.Info, err = host.InfoWith(ctx, adapter)
		}
		return err
	})
	if err != nil {
		return Serving{}, fmt.Errorf("hobby: asking the model what it is: %w", err)
	}
	return s, nil
}

// Served asks what serves h now: what c, which may be nil, chooses for its kind, with
// the model's own word on what that is. m serves a hobby that has no model of its
// own and needs one. The error is ErrNoModel when there is none.
func Served(ctx context.Context, h *Hobby, m Model, c Chooser) (Serving, error) {
	s, err := chosen(ctx, h, m, c)
	if err != nil {
		return Serving{}, err
	}
	return NewServing(ctx, s.Model, s.Adapter)
}

// chosen is what c chooses for h, without the model's own word.
func chosen(ctx context.Context, h *Hobby, m Model, c Chooser) (s Serving, err error) {
	model := modelOf(h, m)
	if model == nil {
		return Serving{}, fmt.Errorf("%w for %q", ErrNoModel, h.Kind)
	}
	if c != nil {
		err = guard("the chooser", func() (err error) {
			s, err = c.Serving(ctx, h.Kind)
			return err
		})
		if err != nil {
			return Serving{}, fmt.Errorf("hobby: choosing what serves %q: %w", h.Kind, err)
		}
	}
	if s.Model == nil {
		s.Model = model
	}
	return s, nil
}

// modelOf is the model that answers h: its own or, where it needs one, the host's;
// nil when there is none.
func modelOf(h *Hobby, host Model) Model {
	if h.Model != nil || !h.NeedsModel {
		return h.Model
	}
	return host
}

// sameModel reports whether a and b are one model.
func sameModel(a, b Model) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// keysOf are the keys under which kinds are measured; "" where a model has not told it.
func keysOf(all map[Kind]Serving) map[Kind]string {
	keys := make(map[Kind]string, len(all))
	for k, s := range all {
		keys[k] = s.Info.Key
	}
	return keys
}

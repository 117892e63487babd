package hobby

import (
	"context"
	"slices"
	"time"
)

// served is a model that answers hobbies, with what the manager knows of it.
type served struct {
	model       Model
	info        ModelInfo // the last that it told of itself, without adapters
	unreachable int       // sessions in a row that found its server gone
	retryAt     time.Time // when it is tried again
}

// modelsOf lists the models of hobbies, each once, the host's first.
func modelsOf(hobbies []Hobby, host Model) (all []*served) {
	models := []Model{host}
	for i := range hobbies {
		models = append(models, modelOf(&hobbies[i], host))
	}
	for _, m := range models {
		if m != nil && !slices.ContainsFunc(all, func(s *served) bool { return sameModel(s.model, m) }) {
			all = append(all, &served{model: m})
		}
	}
	return all
}

// servedBy is the model that answers h; nil when there is none.
func (m *Manager) servedBy(h *Hobby) *served {
	model := modelOf(h, m.opts.Model)
	for _, s := range m.models {
		if sameModel(s.model, model) {
			return s
		}
	}
	return nil
}

// asking asks what serves h now, and remembers it.
func (m *Manager) asking(h *Hobby) func(context.Context) (Serving, error) {
	return func(ctx context.Context) (Serving, error) {
		s, err := Served(ctx, h, m.opts.Model, m.opts.Chooser)
		if err == nil {
			m.learn(h.Kind, s)
		}
		return s, err
	}
}

// learn remembers what serves a kind, "" for none, and what its model is.
func (m *Manager) learn(k Kind, s Serving) {
	s.Info.Name = m.clean(s.Info.Name)
	m.mu.Lock()
	defer m.mu.Unlock()
	if k != "" {
		m.serving[k] = s
	}
	for _, of := range m.models {
		if s.Adapter == "" && sameModel(of.model, s.Model) {
			of.info = s.Info
		}
	}
}

// servings is what serves each kind now, as far as it is known without asking the
// models: where a model has not told yet what it is, Info is zero.
func (m *Manager) servings(ctx context.Context) (map[Kind]Serving, error) {
	all := make(map[Kind]Serving, len(m.hobbies))
	for i := range m.hobbies {
		h := &m.hobbies[i]
		if modelOf(h, m.opts.Model) == nil {
			continue
		}
		s, err := chosen(ctx, h, m.opts.Model, m.opts.Chooser)
		if err != nil {
			return nil, err
		}
		all[h.Kind] = m.recall(h.Kind, s)
	}
	return all, nil
}

// host is what the first of the models last told of itself without an adapter, or what the
// chooser has in its place.
func (m *Manager) host(ctx context.Context) ModelInfo {
	if len(m.models) == 0 {
		return ModelInfo{}
	}
	first := m.models[0]
	all, err := m.servings(ctx)
	for i := range m.hobbies {
		h := &m.hobbies[i]
		if s := all[h.Kind]; err == nil && m.servedBy(h) == first && !sameModel(s.Model, first.model) {
			return s.Info
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return first.info
}

// ModelChanged says that the Chooser has other models from now on. What rests because a
// model did not answer is tried at once.
func (m *Manager) ModelChanged() {
	for _, of := range m.models {
		m.noteReachable(of)
	}
	m.wake()
}

// recall is s with what its model last told of itself.
func (m *Manager) recall(k Kind, s Serving) Serving {
	m.mu.Lock()
	defer m.mu.Unlock()
	if told := m.serving[k]; told.Adapter == s.Adapter && sameModel(told.Model, s.Model) {
		return told
	}
	for _, of := range m.models {
		if s.Adapter == "" && sameModel(of.model, s.Model) {
			s.Info = of.info
		}
	}
	return s
}

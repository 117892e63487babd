package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// Embed returns one vector per text, in the texts' order and all of the same
// length. Many servers of chat models embed only if they were started with an
// option for it. Without it Embed returns an [*Error].
func (m *Model) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	f, err := m.facts(ctx, anyAge)
	if err != nil {
		return nil, err
	}
	for i, t := range texts {
		if t == "" {
			return nil, fmt.Errorf("openai: %w: texts[%d] is empty", hobby.ErrInvalid, i)
		}
	}
	c, err := m.post("embedding with "+f.name, m.base+"/embeddings",
		map[string]any{"model": f.name, "input": texts, "encoding_format": "float"})
	if err != nil {
		return nil, fmt.Errorf("openai: writing the request: %w", err)
	}
	var out embeddings
	err = m.retry(ctx, c, func() error {
		out = embeddings{}
		return m.exchange(ctx, c, c.decode(&out))
	})
	if err != nil {
		return nil, m.whichModels(ctx, err)
	}
	vectors, err := out.vectors(len(texts))
	if err != nil {
		return nil, &Error{Op: c.op, URL: c.url, Message: err.Error(), Attempts: 1}
	}
	return vectors, nil
}

type embeddings struct {
	Data []struct {
		Index     int    `json:"index"`
		Embedding vector `json:"embedding"`
	} `json:"data"`
}

type vector []float32

// UnmarshalJSON refuses a vector per token, which llama.cpp's servers send when
// the model has no pooling. Averaging them would not be the model's embedding.
func (v *vector) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("[[")) {
		return errors.New("a vector per token instead of one per text: the server needs a pooling type")
	}
	return json.Unmarshal(raw, (*[]float32)(v))
}

// vectors puts the embeddings of n texts into order.
func (e embeddings) vectors(n int) ([][]float32, error) {
	if len(e.Data) != n {
		return nil, fmt.Errorf("the server sent %d vectors for %d texts", len(e.Data), n)
	}
	out := make([][]float32, n)
	for _, d := range e.Data {
		switch {
		case d.Index < 0 || d.Index >= n || out[d.Index] != nil:
			return nil, fmt.Errorf("the server sent a vector for text %d of %d twice or too many", d.Index, n)
		case len(d.Embedding) == 0 || len(d.Embedding) != len(e.Data[0].Embedding):
			return nil, fmt.Errorf("the server sent vectors of %d and %d numbers", len(e.Data[0].Embedding), len(d.Embedding))
		}
		out[d.Index] = d.Embedding
	}
	return out, nil
}

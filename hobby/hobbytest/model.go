package hobbytest

import (
	"context"
	"sync/atomic"

	"github.com/pastime-go/pastime/hobby"
)

// Model is a hobby.Model that answers from a script. The zero value answers
// every request with "I don't know". It is safe for concurrent use once its
// fields are set.
type Model struct {
	// Reply answers a request; an error is the model's. Default: the text
	// "I don't know".
	Reply func(ctx context.Context, r hobby.Request) (string, error)
	// Identity is what Info returns. Default: named "scripted", with a key.
	Identity hobby.ModelInfo
	// InfoErr, when set, is the error of Info.
	InfoErr error

	calls atomic.Int64
}

var _ hobby.Model = (*Model)(nil)

// Says returns a Model that answers every request with text.
func Says(text string) *Model {
	return &Model{Reply: func(context.Context, hobby.Request) (string, error) { return text, nil }}
}

// Calls is how often Generate was called.
func (m *Model) Calls() int64 { return m.calls.Load() }

// Info implements hobby.Model.
func (m *Model) Info(ctx context.Context) (hobby.ModelInfo, error) {
	if m.InfoErr != nil {
		return hobby.ModelInfo{}, m.InfoErr
	}
	if m.Identity.Key == "" {
		return hobby.ModelInfo{Name: "scripted", Key: hobby.ModelKey("hobbytest", "scripted")}, ctx.Err()
	}
	return m.Identity, ctx.Err()
}

// Generate implements hobby.Model. Tokens are the bytes of the texts.
func (m *Model) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	m.calls.Add(1)
	text, err := "I don't know", error(nil)
	if m.Reply != nil {
		text, err = m.Reply(ctx, r)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return hobby.Response{}, err
	}
	if r.OnDelta != nil {
		r.OnDelta(text)
	}
	in := 0
	for _, msg := range r.Messages {
		in += len(msg.Content)
	}
	return hobby.Response{
		Message: hobby.Message{Role: hobby.RoleAssistant, Content: text}, Finish: hobby.FinishStop,
		TokensIn: in, TokensOut: len(text), Model: "scripted",
	}, nil
}

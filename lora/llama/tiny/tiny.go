// Package tiny is a language model that ships inside the library: 0.8 million
// parameters, 1.6 MB. It was trained from scratch, by the program in the folder
// pretrain, on part of the practice families and nothing else: it masters some,
// half knows others, and cannot hold a conversation. It is there so that an
// agent without any other model has something to practise and to improve, and
// so that tests have a real one.
//
//	model, err := tiny.Open(ctx, nil)
//	defer model.Close()
//
// MODEL_CARD.md says how it was made and what it was measured to know.
package tiny

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pastime-go/pastime/lora/llama"
)

//go:embed model
var files embed.FS

// Name is what the model is called.
const Name = "pastime-tiny-2"

// Open opens the model; see [llama.Open] for what it can do. Several can be open
// at a time. Close each when it is no longer used.
func Open(ctx context.Context, o *llama.Options) (*llama.Model, error) {
	dir, err := fs.Sub(files, "model")
	if err != nil {
		return nil, fmt.Errorf("tiny: %w", err)
	}
	return llama.OpenFS(ctx, dir, Name, o)
}

package llama_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
)

// The example's model is tiny and random: it knows nothing, but a schema holds it
// to an answer that can be read.
func Example() {
	ctx := context.Background()
	model, err := llama.Open(ctx, "testdata/tiny/model", nil) // or a .gguf file
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()

	answer, err := model.Generate(ctx, hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Which colour is the sky, and how sure are you?"}},
		Schema: json.RawMessage(`{
			"type": "object",
			"properties": {"colour": {"enum": ["blue"]}, "sure": {"type": "number", "minimum": 0, "maximum": 1}},
			"required": ["colour", "sure"]
		}`),
		Sampling: hobby.Sampling{Temperature: 0.7, MaxTokens: 60},
	})
	if err != nil {
		log.Fatal(err)
	}
	var said struct {
		Colour string
		Sure   float64
	}
	if err := json.Unmarshal([]byte(answer.Message.Content), &said); err != nil {
		log.Fatal(err)
	}
	fmt.Println(said.Colour, said.Sure >= 0 && said.Sure <= 1, answer.Finish)
	// Output: blue true stop
}

// Many answers to one question read it once.
func ExampleModel_GenerateBatch() {
	ctx := context.Background()
	model, err := llama.Open(ctx, "testdata/tiny/model", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()

	requests := make([]hobby.Request, 8)
	for i := range requests {
		seed := uint64(i)
		requests[i] = hobby.Request{
			Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Heads or tails?"}},
			Schema:   json.RawMessage(`{"enum": ["heads", "tails"]}`),
			Sampling: hobby.Sampling{Temperature: 1},
			Seed:     &seed,
		}
	}
	answers, err := model.GenerateBatch(ctx, requests)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(answers), "answers")
	// Output: 8 answers
}

// An adapter teaches the model two answers; the base stays as it is.
func ExampleModel_Trainer() {
	ctx := context.Background()
	model, err := llama.Open(ctx, "testdata/tiny/model", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	dir, err := os.MkdirTemp("", "adapter")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	ask := func(question string) []hobby.Message {
		return []hobby.Message{{Role: hobby.RoleUser, Content: question}}
	}
	artifact, err := model.Trainer(nil).Train(ctx, lora.Job{
		Dir:    dir,
		Config: lora.Config{Rank: 16, Epochs: 100, LearningRate: 1e-2},
	}, lora.Dataset{Train: []lora.Example{
		{Messages: ask("up?"), Completion: "down"},
		{Messages: ask("left?"), Completion: "right"},
	}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := model.LoadAdapter(ctx, "opposites", artifact.Dir); err != nil {
		log.Fatal(err)
	}
	for _, question := range []string{"up?", "left?"} {
		answer, err := model.Generate(ctx, hobby.Request{Messages: ask(question), Adapter: "opposites"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(question, answer.Message.Content)
	}
	// Output:
	// up? down
	// left? right
}

// Full training makes a new model, in a directory of its own.
func ExampleModel_FullTrain() {
	ctx := context.Background()
	model, err := llama.Open(ctx, "testdata/tiny/model", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	ask := func(question string) []hobby.Message {
		return []hobby.Message{{Role: hobby.RoleUser, Content: question}}
	}
	artifact, err := model.FullTrain(ctx, lora.Job{
		Dir:    filepath.Join(dir, "opposites"),
		Config: lora.Config{Epochs: 100, LearningRate: 1e-2},
	}, lora.Dataset{Train: []lora.Example{
		{Messages: ask("up?"), Completion: "down"},
		{Messages: ask("left?"), Completion: "right"},
	}}, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	trained, err := llama.Open(ctx, artifact.Dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer trained.Close()
	for _, question := range []string{"up?", "left?"} {
		answer, err := trained.Generate(ctx, hobby.Request{Messages: ask(question)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(question, answer.Message.Content)
	}
	// Output:
	// up? down
	// left? right
}

package peft_test

import (
	"context"
	"fmt"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/peft"
)

// Two graphics processors train through Hugging Face's accelerate.
func ExampleNew() {
	trainer, err := peft.New("meta-llama/Llama-3.2-1B", &peft.Options{
		Base:    "the digest that the server tells",
		Command: []string{"accelerate", "launch", "--num_processes", "2"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = trainer.Train(context.Background(), lora.Job{Dir: "adapters/1"}, lora.Dataset{}, nil)
	fmt.Println(err)
	// Output: lora: nothing to learn from
}

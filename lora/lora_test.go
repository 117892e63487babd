package lora_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
)

func TestDefaultsAreValid(t *testing.T) {
	var c lora.Config
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	d := c.WithDefaults()
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
	if d.Rank != 8 || d.Alpha != 16 || len(d.Modules) != 7 {
		t.Errorf("rank %d, alpha %v, modules %v; want 8, 16 and all seven", d.Rank, d.Alpha, d.Modules)
	}
	if s := c.Scale(); s != 2 {
		t.Errorf("scale %v, want 2", s)
	}
	if s := (lora.Config{Rank: 16, Alpha: 8, RSLoRA: true}).Scale(); s != 2 {
		t.Errorf("rank-stabilised scale %v", s)
	}
	ordered := lora.Config{Modules: []string{"up_proj", "q_proj", "up_proj"}}.WithDefaults().Modules
	if fmt.Sprint(ordered) != "[q_proj up_proj]" {
		t.Errorf("modules %v", ordered)
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for want, c := range map[string]lora.Config{
		`lora: invalid configuration: rank is -1; it lies between 1 and 256`:         {Rank: -1},
		`lora: invalid configuration: warmup is 2; it lies between -1 and 1`:         {Warmup: 2},
		`lora: invalid configuration: alpha is NaN; it lies between 1e-06 and 1e+06`: {Alpha: math.NaN()},
		`lora: invalid configuration: modules is empty`:                              {Modules: []string{}},
		`lora: invalid configuration: beta2 is 1; it lies between 0 and 0.9999999`:   {Beta2: 1},
		`lora: invalid configuration: batch_size is -5; it lies between 1 and 1e+06`: {BatchSize: -5},
	} {
		if err := c.Validate(); !errors.Is(err, lora.ErrConfig) || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// A training pauses while the user is here.
func ExampleJob() {
	presence := hobby.NewPresence(5 * time.Minute)
	job := lora.Job{Dir: "adapters/1", Wait: presence.Wait}
	presence.Touch() // the user does something
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(job.Wait(ctx))
	// Output: context deadline exceeded
}

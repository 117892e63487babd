package lora_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/lora"
)

func TestDefaultsAreValid(t *testing.T) {
	var c lora.Config
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	d := c.WithDefaults()
	if err := d.Validate(); err != nil || d.Rank != 8 || d.Alpha != 16 || len(d.Modules) != 7 || c.Scale() != 2 {
		t.Errorf("%+v, scale %v, %v", d, c.Scale(), err)
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

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g lora.Gate
		g.Wait(t.Context()) // open
		g.Pause()
		g.Pause()
		passed := false
		go func() { g.Wait(t.Context()); passed = true }()
		synctest.Wait()
		if passed {
			t.Error("passed a closed gate")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		if g.Wait(ctx); time.Since(start) != time.Hour {
			t.Error("did not wait until the context ended")
		}
		g.Resume()
		g.Resume()
		synctest.Wait()
		if !passed {
			t.Error("stays before an open gate")
		}
	})
}

// A gate pauses a training while the user is there.
func ExampleGate() {
	var gate lora.Gate
	job := lora.Job{Dir: "adapters/1", Wait: gate.Wait}
	gate.Pause() // the user is back
	// ...
	gate.Resume()
	job.Wait(context.Background())
	fmt.Println("training goes on")
	// Output: training goes on
}

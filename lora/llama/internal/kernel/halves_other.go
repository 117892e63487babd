//go:build !amd64

package kernel

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// Never called, because isHalves is false here.

func widenHalves(tensor.Type, []float32, []uint16) {}

func fuseHalves(tensor.Type, *[4 * nr]float32, []float32, []uint16, []uint16, int) {}

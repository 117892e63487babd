package adapter

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

var shape = &nn.Config{Vocab: 7, Dim: 8, Layers: 3, Heads: 4, KVHeads: 2, HeadDim: 6, FFN: 10, Context: 16}

func random(modules ...nn.Module) *nn.Adapter {
	a := nn.NewAdapter(shape, 4, 1.5, modules)
	r := rand.New(rand.NewPCG(1, 2))
	for _, v := range a.Params() {
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
	}
	return a
}

func TestPEFTRoundTrip(t *testing.T) {
	a := random(nn.Q, nn.K, nn.Down)
	dir := t.TempDir()
	var model bytes.Buffer
	if err := WriteModel(&model, shape, a, testBase); err != nil {
		t.Fatal(err)
	}
	conf := Config{Rank: 4, Alpha: 6, Modules: []string{"q_proj"}, Base: testBase, Dropout: 0.1}
	text, err := conf.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{ConfigName: text, ModelName: model.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, read, err := ReadPEFT(dir, shape)
	if err != nil {
		t.Fatal(err)
	}
	conf.Modules = nil
	if !reflect.DeepEqual(got, a) || !reflect.DeepEqual(read, conf) {
		t.Errorf("read %+v and another adapter", read)
	}
}

func TestGGUFRoundTrip(t *testing.T) {
	a := random(nn.Q, nn.K, nn.V, nn.O, nn.Gate, nn.Up, nn.Down)
	var b bytes.Buffer
	if err := WriteGGUF(&b, shape, a, testBase); err != nil {
		t.Fatal(err)
	}
	got, base, err := ParseGGUF("x", b.Bytes(), shape)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, a) || !reflect.DeepEqual(base, testBase) {
		t.Error("read another adapter")
	}
}

// TestPermute holds the order that llama.cpp's converter gives rows.
func TestPermute(t *testing.T) {
	src, dst := []float32{0, 1, 2, 3, 10, 11, 12, 13}, make([]float32, 8)
	permute(dst, src, 2, 4, 1)
	if want := []float32{0, 2, 1, 3, 10, 12, 11, 13}; !reflect.DeepEqual(dst, want) {
		t.Errorf("%v, want %v", dst, want)
	}
}

func TestRefusals(t *testing.T) {
	for want, text := range map[string]string{
		"use_dora is true":      `{"peft_type":"LORA","r":4,"lora_alpha":4,"use_dora":true}`,
		"peft_type is IA3":      `{"peft_type":"IA3"}`,
		"r is 0":                `{"r":0}`,
		"bias is all":           `{"bias":"all"}`,
		"rank_pattern is":       `{"rank_pattern":{"q_proj":3}}`,
		"modules_to_save is":    `{"modules_to_save":["lm_head"]}`,
		"kasa_config is":        `{"kasa_config":{"beta":1}}`,
		"is pissa; ":            `{"init_lora_weights":"pissa"}`,
		"is pissa_niter_4; ":    `{"init_lora_weights":"pissa_niter_4"}`,
		"is olora; ":            `{"init_lora_weights":"olora"}`,
		"is OLoRA; ":            `{"init_lora_weights":"OLoRA"}`,
		"is corda; ":            `{"init_lora_weights":"corda"}`,
		"is loftq; ":            `{"init_lora_weights":"loftq"}`,
		"is lora_ga; ":          `{"init_lora_weights":"lora_ga"}`,
		"is mica; ":             `{"init_lora_weights":"mica"}`,
		"is of tomorrow; ":      `{"init_lora_weights":"of tomorrow"}`,
		"unexpected end of JSO": `{"r":`,
	} {
		if _, err := ParseConfig([]byte(text)); err == nil || !strings.Contains(err.Error(), want) && want[:4] != "unex" {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for _, start := range []string{"true", "false", "null", `"gaussian"`, `"eva"`, `"orthogonal"`} {
		if _, err := ParseConfig([]byte(`{"init_lora_weights":` + start + `}`)); err != nil {
			t.Errorf("an adapter that began as %s: %v", start, err)
		}
	}
	a := random(nn.Q)
	var model bytes.Buffer
	if err := WriteModel(&model, shape, a, testBase); err != nil {
		t.Fatal(err)
	}
	other := *shape
	for want, change := range map[string]func(){
		"no linear layer of a Llama model with 2": func() { other.Layers = 2 },
		"its shape is": func() { other.Dim = 9 },
	} {
		other = *shape
		change()
		if _, err := ParseModel("file", model.Bytes(), &other, &Config{Rank: 4, Alpha: 4}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	a.Layers[1][nn.Q].A = nil
	half := *a
	half.Layers = append([]nn.AdapterLayer(nil), a.Layers...)
	if err := paired(&half); err == nil {
		t.Error("half an adapter is accepted")
	}
}

// FuzzAdapters holds that no file panics, in either format.
func FuzzAdapters(f *testing.F) {
	a := random(nn.Q, nn.Up)
	var st, gg bytes.Buffer
	if err := WriteModel(&st, shape, a, testBase); err != nil {
		f.Fatal(err)
	}
	if err := WriteGGUF(&gg, shape, a, testBase); err != nil {
		f.Fatal(err)
	}
	f.Add(st.Bytes())
	f.Add(gg.Bytes())
	f.Add([]byte(`{"r":4,"lora_alpha":1e999}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		conf, err := ParseConfig(data)
		if err == nil && conf.Rank < 1 {
			t.Errorf("rank %d", conf.Rank)
		}
		for _, read := range []func() (*nn.Adapter, error){
			func() (*nn.Adapter, error) { return ParseModel("x", data, shape, &Config{Rank: 4, Alpha: 4}) },
			func() (*nn.Adapter, error) { a, _, err := ParseGGUF("x", data, shape); return a, err },
		} {
			if a, err := read(); err == nil {
				for l := range a.Layers {
					for m, low := range a.Layers[l] {
						out, in := shape.Shape(nn.Module(m))
						if low.A != nil && (len(low.A) != a.Rank*in || len(low.B) != a.Rank*out) {
							t.Fatalf("layer %d's %v has %d and %d values at rank %d", l, nn.Module(m), len(low.A), len(low.B), a.Rank)
						}
					}
				}
			}
		}
	})
}

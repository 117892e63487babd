package llama

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// saying is what a reference says to a conversation: see logits.py of .ci/peers logits.
type saying struct {
	Messages []hobby.Message
	Tokens   []int
	Logits   []float64 // after the prompt: all, or those of the tokens in Top
	Top      []int
	Answer   []int // greedily, by transformers
	LlamaCPP []int // and by llama.cpp
	Text     string
}

func readSayings(t *testing.T, path string) (out []saying) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// logits are the model's after the last of some tokens.
func (m *Model) logits(t *testing.T, tokens []int) []float32 {
	t.Helper()
	d := nn.NewDecoder(&m.config, &m.weights, kernel.NewPool(2), nn.Packed)
	seq := nn.NewCache(&m.config).Sequence()
	var rows []nn.Row
	for i, id := range tokens {
		rows = append(rows, nn.Row{Seq: seq, Token: id, Logits: i == len(tokens)-1})
	}
	out, err := d.Step(rows)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// apart is the largest difference, and the root of the mean square.
func apart(got []float32, want []float64) (most, rms float64) {
	for i, w := range want {
		d := math.Abs(float64(got[i]) - w)
		most, rms = max(most, d), rms+d*d
	}
	return most, math.Sqrt(rms / float64(len(want)))
}

// answerTo is the tokens that the model answers greedily with, at most n.
func answerTo(t *testing.T, m *Model, messages []hobby.Message, n int) (tokens []string, r hobby.Response) {
	t.Helper()
	r, err := m.Generate(context.Background(), hobby.Request{Messages: messages, Sampling: hobby.Sampling{MaxTokens: n}, LogProbs: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.LogProbs {
		tokens = append(tokens, p.Token)
	}
	return tokens, r
}

// pieces are the texts of tokens, up to the first that ends an answer.
func (m *Model) piecesOf(ids []int) (out []string) {
	for _, id := range ids {
		if m.vocab.ends[id] {
			break
		}
		out = append(out, m.vocab.pieces[id])
	}
	return out
}

// TestTinyAgainstTransformers opens a random model that transformers made and
// compares prompts, logits and greedy answers.
func TestTinyAgainstTransformers(t *testing.T) {
	m, err := Open(context.Background(), "testdata/tiny/model", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for i, s := range readSayings(t, "testdata/tiny/golden.json") {
		text, _, err := render(m.template, hobby.Request{Messages: s.Messages})
		if err != nil {
			t.Fatal(err)
		}
		if got := m.encode(text); !slices.Equal(got, s.Tokens) {
			t.Errorf("conversation %d: the prompt is %v, want %v", i, got, s.Tokens)
		}
		if most, _ := apart(m.logits(t, s.Tokens), s.Logits); most > 1e-4 {
			t.Errorf("conversation %d: the logits are off by %g", i, most)
		}
		if got, r := answerTo(t, m, s.Messages, len(s.Answer)); !slices.Equal(got, m.piecesOf(s.Answer)) {
			t.Errorf("conversation %d: answered %q (%s), want %q", i, got, r.Finish, m.piecesOf(s.Answer))
		}
	}
}

var (
	peerModel = flag.String("peer-model", "", "GGUF `file` of SmolLM2-135M-Instruct")
	eightBit  = flag.Bool("eight-bit", false, "use -peer-model with Options.EightBit")
	peerSays  = flag.String("peer-says", "testdata/smollm2.json", "`file` with what references say with it, as .ci/peers logits writes it")
	peerAll   = flag.String("peer-logits", "", "`file` with all logits, as .ci/peers logits writes it")
)

// TestPeerLogits compares SmolLM2 with transformers and llama.cpp; .ci/peers
// logits runs it.
func TestPeerLogits(t *testing.T) {
	if *peerModel == "" {
		t.Skip("it takes the model's file: .ci/peers logits")
	}
	m, err := Open(context.Background(), *peerModel, &Options{Context: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var all []byte
	if *peerAll != "" {
		if all, err = os.ReadFile(*peerAll); err != nil {
			t.Fatal(err)
		}
	}
	row := func(n int) []float64 {
		out := make([]float64, m.config.Vocab)
		for i := range out {
			out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(all[4*(n*len(out)+i):])))
		}
		return out
	}
	for i, s := range readSayings(t, *peerSays) {
		t.Run(fmt.Sprint("conversation ", i), func(t *testing.T) {
			text, _, err := render(m.template, hobby.Request{Messages: s.Messages})
			if err != nil {
				t.Fatal(err)
			}
			if got := m.encode(text); !slices.Equal(got, s.Tokens) {
				t.Errorf("the prompt is %v, want %v", got, s.Tokens)
			}
			logits := m.logits(t, s.Tokens)
			peerNoise := 2.0 // of llama.cpp's logits on these prompts
			for j, id := range s.Top {
				if d := math.Abs(float64(logits[id]) - s.Logits[j]); d > 1e-3 {
					t.Errorf("the logit of token %d is off by %g", id, d)
				}
			}
			if all != nil {
				reference, peer := row(2*i), row(2*i+1)
				most, rms := apart(logits, reference)
				t.Logf("to transformers: at most %.2g, root mean square %.2g", most, rms)
				if most > 1e-3 {
					t.Errorf("the logits are off by %g", most)
				}
				// llama.cpp also rounds what it multiplies the weights with, to 8 bits.
				floats := make([]float32, len(peer))
				for j, v := range peer {
					floats[j] = float32(v)
				}
				noise, noiseRMS := apart(floats, reference)
				peerNoise = noise
				most, rms = apart(logits, peer)
				t.Logf("to llama.cpp: at most %.2g, root mean square %.2g; transformers to llama.cpp: %.2g and %.2g", most, rms, noise, noiseRMS)
				if most > 1.05*noise || rms > 1.05*noiseRMS {
					t.Errorf("the logits are farther from llama.cpp's than transformers' are")
				}
			}
			got, r := answerTo(t, m, s.Messages, len(s.Answer))
			if want := m.piecesOf(s.Answer); !slices.Equal(got, want) {
				t.Errorf("answered %q (%s), transformers %q", got, r.Finish, want)
			}
			// Where llama.cpp says something else, it must be for its noise.
			same := 0
			for same < min(len(s.LlamaCPP), len(s.Answer)) && s.LlamaCPP[same] == s.Answer[same] {
				same++
			}
			t.Logf("llama.cpp says the same for %d of %d tokens: %q", same, len(s.LlamaCPP), s.Text)
			if same < min(len(s.LlamaCPP), len(s.Answer)) {
				logits := m.logits(t, slices.Concat(s.Tokens, s.Answer[:same]))
				if margin := logits[s.Answer[same]] - logits[s.LlamaCPP[same]]; float64(margin) > 2*peerNoise {
					t.Errorf("llama.cpp says %q, whose logit is %g less than that of %q", m.vocab.pieces[s.LlamaCPP[same]], margin,
						m.vocab.pieces[s.Answer[same]])
				} else {
					t.Logf("then it says %q in place of %q, whose logit is larger by %.2g", m.vocab.pieces[s.LlamaCPP[same]],
						m.vocab.pieces[s.Answer[same]], margin)
				}
			}
		})
	}
}

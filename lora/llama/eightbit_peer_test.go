package llama

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

var peerText = flag.String("peer-text", "../../docs/guide.md", "`file` with the text of TestPeerEightBitText")

// TestPeerEightBitText tells what activations of eight bits change in the logits of -peer-model
// over a text, read in windows, and in the text's perplexity.
func TestPeerEightBitText(t *testing.T) {
	if *peerModel == "" {
		t.Skip("it takes a model's file")
	}
	m, err := Open(t.Context(), *peerModel, &Options{Context: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	raw, err := os.ReadFile(*peerText)
	if err != nil {
		t.Fatal(err)
	}
	const window, windows = 128, 40
	ids := m.tokens.Encode(string(raw), false)
	pool := kernel.NewPool(0)
	defer pool.Work()()
	decoders := []*nn.Decoder{
		nn.NewDecoder(&m.config, &m.weights, pool, nn.Packed), nn.NewDecoder(&m.config, &m.weights, pool, nn.EightBit),
	}
	var squares float64
	var most []float64 // by token
	var tokens, sameFirst int
	var differences []float64 // of the mean loss of a window
	losses := make([]float64, 2)
	for at := 0; at+window <= len(ids) && len(differences) < windows; at += window {
		var logits [2][]float32
		for i, d := range decoders {
			seq := nn.NewCache(&m.config).Sequence()
			rows := make([]nn.Row, window)
			for j := range rows {
				rows[j] = nn.Row{Seq: seq, Token: ids[at+j], Logits: true}
			}
			if logits[i], err = d.Step(rows); err != nil {
				t.Fatal(err)
			}
		}
		var loss [2]float64
		for j := range window - 1 {
			var rows [2][]float32
			for i := range rows {
				rows[i] = logits[i][j*m.config.Vocab:][:m.config.Vocab]
				loss[i] += surprise(rows[i], ids[at+j+1]) / (window - 1)
			}
			far := 0.0
			for k, v := range rows[0] {
				d := math.Abs(float64(v) - float64(rows[1][k]))
				far, squares = max(far, d), squares+d*d
			}
			if most = append(most, far); far >= slices.Max(most) {
				t.Logf("token %d of window %d: a logit differs by %.2g", j, len(differences), far)
			}
			tokens++
			if first(rows[0]) == first(rows[1]) {
				sameFirst++
			}
		}
		differences = append(differences, loss[1]-loss[0])
		losses[0], losses[1] = losses[0]+loss[0], losses[1]+loss[1]
	}
	n := float64(len(differences))
	mean, se := meanOf(differences)
	slices.Sort(most)
	t.Logf("%d tokens: of half of them no logit differs by more than %.2g, of 99 %% %.2g, of all %.2g, root mean square %.2g; "+
		"the likeliest token is the same for %.1f %%", tokens, most[len(most)/2], most[len(most)*99/100], most[len(most)-1],
		math.Sqrt(squares/float64(tokens*m.config.Vocab)), 100*float64(sameFirst)/float64(tokens))
	t.Logf("perplexity %.3f, in eight bits %.3f: times %.4f, 95 %% from %.4f to %.4f", math.Exp(losses[0]/n), math.Exp(losses[1]/n),
		math.Exp(mean), math.Exp(mean-2*se), math.Exp(mean+2*se))
	if mean > 0.05 {
		t.Errorf("the perplexity grows by %.1f %%", 100*(math.Exp(mean)-1))
	}
}

// surprise is minus the log-probability of a token.
func surprise(logits []float32, token int) float64 {
	top, sum := float64(slices.Max(logits)), 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v) - top)
	}
	return math.Log(sum) + top - float64(logits[token])
}

func first(logits []float32) int { return slices.Index(logits, slices.Max(logits)) }

// meanOf is the mean of values and its standard error.
func meanOf(v []float64) (mean, se float64) {
	n := float64(len(v))
	for _, x := range v {
		mean += x / n
	}
	for _, x := range v {
		se += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(se / (n - 1) / n)
}

// TestPeerEightBitTasks asks -peer-model held-out tasks of every family at level 1, -peer-tasks
// each, with and without activations of eight bits, and tells how many more are right.
func TestPeerEightBitTasks(t *testing.T) {
	if *peerModel == "" {
		t.Skip("it takes a model's file")
	}
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	var tasks []practice.Task
	for n, family := range suite.Families() {
		r := rand.New(rand.NewPCG(uint64(n+1), 8))
		for range *peerTasks {
			task, err := suite.Draw(r, family.Name, 1, hobby.HeldOut)
			if err != nil {
				t.Fatal(err)
			}
			tasks = append(tasks, task)
		}
	}
	var items [2][]hobby.Item
	for i, eight := range []bool{false, true} {
		m, err := Open(t.Context(), *peerModel, &Options{Context: 1024, EightBit: eight})
		if err != nil {
			t.Fatal(err)
		}
		info, err := m.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if items[i], err = practice.AskAll(t.Context(), hobby.Serving{Model: m, Info: info}, tasks, nil); err != nil {
			t.Fatal(err)
		}
		m.Close()
	}
	var only [2]int
	var right, same int
	for i := range tasks {
		a, b := items[0][i], items[1][i]
		switch {
		case a.Score >= 1 && b.Score >= 1:
			right++
		case a.Score >= 1:
			only[0]++
		case b.Score >= 1:
			only[1]++
		}
		if a.Answer == b.Answer {
			same++
		}
	}
	n := float64(len(tasks))
	diff := float64(only[1]-only[0]) / n
	se := math.Sqrt(float64(only[0]+only[1])/n-diff*diff) / math.Sqrt(n)
	t.Logf("of %d tasks %d are right, %d in eight bits; %d only without, %d only with; %.1f %% of the answers are the same; "+
		"difference %+.2f points, 95 %% from %+.2f to %+.2f", len(tasks), right+only[0], right+only[1], only[0], only[1],
		100*float64(same)/n, 100*diff, 100*(diff-1.96*se), 100*(diff+1.96*se))
	if diff+1.96*se < 0 {
		t.Error("eight bits answer worse")
	}
}

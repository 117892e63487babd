// Package bar says on one line where a training is.
package bar

import (
	"fmt"
	"math"
	"strings"

	"github.com/pastime-go/pastime/lora"
)

// Line is where a run is, as a line that replaces itself on a terminal.
func Line(p lora.Progress) string {
	const width = 30
	line := p.Stage
	if p.Round > 0 {
		line += fmt.Sprintf(", round %d", p.Round)
	}
	part := func(done, of int) string {
		n := width * min(done, of) / max(1, of)
		return fmt.Sprintf("  [%s%s]", strings.Repeat("#", n), strings.Repeat(".", width-n))
	}
	switch {
	case p.Trial != nil:
		line += part(p.Trial.Pairs, p.Trial.Most)
		line += fmt.Sprintf("  %d better, %d worse, evidence %.3g", p.Trial.Wins, p.Trial.Losses, math.Exp(p.Trial.LogE))
	case p.Step != nil:
		line += part(p.Step.Step, p.Step.Total) + fmt.Sprintf("  loss %.3f, %.0f tokens/s", p.Step.Loss, p.Step.TokensPerSecond)
	}
	return "\r\033[K" + line
}

// Package bar says on one line where long work is.
package bar

import (
	"fmt"
	"math"
	"strings"

	"github.com/pastime-go/pastime/lora"
)

// Line is where a run is, as a line that replaces itself on a terminal.
func Line(p lora.Progress) string {
	line := p.Stage
	if p.Round > 0 {
		line += fmt.Sprintf(", round %d", p.Round)
	}
	switch {
	case p.Trial != nil:
		line += "  " + Of(int64(p.Trial.Pairs), int64(p.Trial.Most))
		line += fmt.Sprintf("  %d better, %d worse, evidence %.3g", p.Trial.Wins, p.Trial.Losses, math.Exp(p.Trial.LogE))
	case p.Step != nil:
		line += "  " + Of(int64(p.Step.Step), int64(p.Step.Total))
		line += fmt.Sprintf("  loss %.3f, %.0f tokens/s", p.Step.Loss, p.Step.TokensPerSecond)
	}
	return "\r\033[K" + line
}

// Of is a bar of how much of all is done.
func Of(done, all int64) string {
	const width = 30
	n := int(width * min(done, all) / max(1, all))
	return "[" + strings.Repeat("#", n) + strings.Repeat(".", width-n) + "]"
}

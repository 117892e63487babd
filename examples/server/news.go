package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/words"
)

// tell prints each session that ends, until Run ends; then the channel it
// returns is closed.
func tell(m *hobby.Manager, out io.Writer) <-chan struct{} {
	done := make(chan struct{})
	sub := m.Subscribe(256, hobby.ActivityProgress, hobby.ActivityFinished)
	go func() {
		defer close(done)
		insights := map[string][]hobby.Insight{} // of the running session
		for e := range sub.C() {
			body, err := e.Activity()
			if err != nil {
				continue // an event of another version
			}
			insights[e.ID] = append(insights[e.ID], body.Insights...)
			if e.Kind == hobby.ActivityFinished {
				fmt.Fprint(out, line(body.Activity, insights[e.ID]))
				clear(insights)
			}
		}
	}()
	return done
}

// line sums a session up, with its first insights.
func line(a hobby.Activity, insights []hobby.Insight) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s: %s in %v", a.Ended.Local().Format("15:04:05"), a.Description, a.Status,
		a.Duration(a.Ended).Round(10*time.Millisecond))
	if a.Items > 0 {
		fmt.Fprintf(&b, ", %d of %d answers right", a.Passes, a.Items)
	}
	if a.Err != "" {
		fmt.Fprintf(&b, ": %s", clip(words.Plain(a.Err), 200))
	}
	b.WriteByte('\n')
	const shown = 3
	for i, in := range insights {
		if i == shown {
			fmt.Fprintf(&b, "          and %d more\n", len(insights)-shown)
			break
		}
		fmt.Fprintf(&b, "          %s\n", clip(in.Text, 160))
	}
	return b.String()
}

// clip is a text on one line, of so many characters at most.
func clip(s string, most int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

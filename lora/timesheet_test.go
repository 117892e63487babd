package lora

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A damaged night.json begins the night anew, and gives no more than its own time.
func TestADamagedTimesheet(t *testing.T) {
	due := time.Now().UTC().Truncate(time.Second)
	const sheet = `{"due":%q,"began":%q,"worked_ns":%d}`
	at := func(d time.Duration) string { return due.Add(d).Format(time.RFC3339) }
	for name, c := range map[string]struct {
		text string
		due  time.Time
		want time.Duration
	}{
		"whole":             {fmt.Sprintf(sheet, at(0), at(0), time.Minute), due, time.Minute},
		"less than nothing": {fmt.Sprintf(sheet, at(0), at(0), -time.Hour), due, 0},
		"begins later":      {fmt.Sprintf(sheet, at(0), at(time.Hour), time.Minute), due, 0},
		"another night":     {fmt.Sprintf(sheet, at(-24*time.Hour), at(0), time.Minute), due, 0},
		"cut off":           {`{"worked_ns":60000000000,"due`, due, 0},
		"of no schedule":    {`{"worked_ns":60000000000}`, time.Time{}, 0},
	} {
		p := &Pipeline{opts: Options{Dir: t.TempDir()}}
		if err := os.WriteFile(filepath.Join(p.opts.Dir, "night.json"), []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := p.timesheet(c.due); got.Worked != c.want || !got.Due.Equal(c.due) || time.Since(got.Began) > time.Minute {
			t.Errorf("%s: %+v, want %v worked", name, got, c.want)
		}
	}
}

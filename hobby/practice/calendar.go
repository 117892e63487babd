package practice

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// measure is a unit and its size in the smallest unit of its kind.
type measure struct {
	name string
	size int
}

var (
	metres  = []measure{{"millimetres", 1}, {"centimetres", 10}, {"metres", 1000}, {"kilometres", 1_000_000}}
	grams   = []measure{{"milligrams", 1}, {"grams", 1000}, {"kilograms", 1_000_000}}
	seconds = []measure{{"seconds", 1}, {"minutes", 60}, {"hours", 3600}, {"days", 86400}}
	inches  = []measure{{"inches", 1}, {"feet", 12}, {"yards", 36}}
)

// units asks for conversions between units.
var units = family{
	hobby.Family{Name: "units", Levels: 4},
	func(r *rand.Rand, level int) Task {
		convert := func(scale []measure, low, high int, down bool) Task {
			i := between(r, 0, len(scale)-2)
			j := between(r, i+1, len(scale)-1)
			small, large := scale[i], scale[j]
			n, factor := between(r, low, high), large.size/small.size
			if down {
				p := fmt.Sprintf("%d %s in %s", n, large.name, small.name)
				return measured(p, "How many "+small.name+" are "+strconv.Itoa(n)+" "+large.name+"?", n*factor, small.name)
			}
			p := fmt.Sprintf("%d %s in %s", n*factor, small.name, large.name)
			return measured(p, "How many "+large.name+" are "+strconv.Itoa(n*factor)+" "+small.name+"?", n, large.name)
		}
		switch level {
		case 1:
			return convert(pick(r, [][]measure{metres, grams}), 2, 999, true)
		case 2:
			return convert(pick(r, [][]measure{metres, grams}), 2, 999, false)
		case 3:
			return convert(pick(r, [][]measure{seconds, inches}), 2, 400, r.IntN(2) == 0)
		default:
			h, m, s := between(r, 1, 23), between(r, 1, 59), between(r, 1, 59)
			p := fmt.Sprintf("%d h %d min %d s", h, m, s)
			return measured(p, "How many seconds are "+p+"?", h*3600+m*60+s, "seconds")
		}
	},
}

// dates asks about the calendar.
var dates = family{
	hobby.Family{Name: "dates", Levels: 5, Guess: 0.17},
	func(r *rand.Rand, level int) Task {
		day := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, between(r, 0, 100*365))
		text := day.Format(time.DateOnly)
		format := " Answer in the form YYYY-MM-DD."
		after := func(n int) Task {
			return textual(fmt.Sprintf("%s %+d", text, n), fmt.Sprintf("What is the date %d days after %s?%s", n, text, format),
				day.AddDate(0, 0, n).Format(time.DateOnly))
		}
		switch level {
		case 1:
			return textual("iso "+text, fmt.Sprintf("Write the date %s with digits.%s", day.Format("2 January 2006"), format), text)
		case 2:
			return after(between(r, 2, 9))
		case 3:
			return after(between(r, 20, 90))
		case 4:
			n := between(r, 20, 400)
			p := fmt.Sprintf("%s to %s", text, day.AddDate(0, 0, n).Format(time.DateOnly))
			return measured(p, "How many days is it from "+p+"?", n, "days")
		default:
			want := day.Weekday().String()
			prompt := fmt.Sprintf("Which day of the week was or will be %s? Answer with its English name only.", text)
			return ask("weekday "+text, prompt, want, "exact",
				func(a string) Verdict { return weekday(a, want) })
		}
	},
}

// weekday compares the answer with the name of a day: "Friday", "on a Friday".
func weekday(answer, want string) Verdict {
	return Read(answer, func(a string) Verdict {
		return equal(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(Bare(a)), "on "), "a "), strings.ToLower(want))
	})
}

// clock asks about times of day.
var clock = family{
	hobby.Family{Name: "clock", Levels: 4},
	func(r *rand.Rand, level int) Task {
		h, m := between(r, 0, 23), between(r, 0, 59)
		at := func(minutes int) string {
			minutes = (minutes%1440 + 1440) % 1440
			return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
		}
		start := h*60 + m
		switch level {
		case 1:
			h, m = between(r, 1, 12), between(r, 0, 59)
			half, add := "am", 0
			if r.IntN(2) == 0 {
				half, add = "pm", 12
			}
			p := fmt.Sprintf("%d:%02d %s", h, m, half)
			return textual(p, "Write the time "+p+" on a 24-hour clock. Answer in the form HH:MM.", at((h%12+add)*60+m))
		case 2, 3:
			d := between(r, 5, 59)
			if level == 3 {
				d = between(r, 61, 900)
			}
			p := fmt.Sprintf("%d minutes after %s", d, at(start))
			return textual(p, "What time is it "+p+"? Answer in the form HH:MM, on a 24-hour clock.", at(start+d))
		default:
			d := between(r, 61, 1000)
			p := fmt.Sprintf("%s to %s", at(start), at(start+d))
			return measured(p, "How many minutes is it from "+p+", if the second time comes within a day of the first?", d, "minutes")
		}
	},
}

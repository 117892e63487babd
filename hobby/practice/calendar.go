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
				return measured(p, "How many "+small.name+" are "+strconv.Itoa(n)+" "+large.name+"?", n*factor, small.name,
					conversion(n, large.name, small.name, fmt.Sprintf(" (*|×|\\\\times|x|times) %d", factor))...)
			}
			p := fmt.Sprintf("%d %s in %s", n*factor, small.name, large.name)
			return measured(p, "How many "+large.name+" are "+strconv.Itoa(n*factor)+" "+small.name+"?", n, large.name,
				conversion(n*factor, small.name, large.name, fmt.Sprintf(" (/|÷|\\\\div|divided by) %s", grouped(factor)))...)
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
			return measured(p, "How many seconds are "+p+"?", h*3600+m*60+s, "seconds", Literal(p),
				"[the] total [number of seconds|seconds]", "[the] number of seconds", "there are … [seconds] in "+p)
		}
	},
}

// conversion are the phrases for n of a unit in another one.
func conversion(n int, from, to, how string) []string {
	unit := func(name string) string {
		return "(" + strings.Join(append([]string{name}, spellings[name]...), "|") + ")"
	}
	of := grouped(n) + "[ ]" + unit(from)
	return []string{of + "[" + how + "]", "there (is|are) … in " + of, "[the] number of " + to, grouped(n) + how,
		of + " (is|are) equal to …"}
}

// grouped writes a number as a phrase, with a separator of thousands or without.
func grouped(n int) string {
	s := strconv.Itoa(n)
	if len(s) < 4 {
		return s
	}
	return s[:len(s)-3] + "[,]" + s[len(s)-3:]
}

// dates asks about the calendar.
var dates = family{
	hobby.Family{Name: "dates", Levels: 5, LevelGuess: []float64{0, 0, 0, 0, 0.17}},
	func(r *rand.Rand, level int) Task {
		day := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, between(r, 0, 100*365))
		text := day.Format(time.DateOnly)
		format := " Answer in the form YYYY-MM-DD."
		after := func(n int) Task {
			return textual(fmt.Sprintf("%s %+d", text, n), fmt.Sprintf("What is the date %d days after %s?%s", n, text, format),
				day.AddDate(0, 0, n).Format(time.DateOnly), fmt.Sprintf("[the] date [%d days after %s]", n, text),
				fmt.Sprintf("%d days after %s", n, text),
				fmt.Sprintf("%s [plus|+] %d days", text, n), "the (new|resulting) date")
		}
		switch level {
		case 1:
			return textual("iso "+text, fmt.Sprintf("Write the date %s with digits.%s", day.Format("2 January 2006"), format), text,
				"[the] date ["+day.Format("2 January 2006")+"]", day.Format("2 January 2006"), day.Format("January 2, 2006"))
		case 2:
			return after(between(r, 2, 9))
		case 3:
			return after(between(r, 20, 90))
		case 4:
			n := between(r, 20, 400)
			p := fmt.Sprintf("%s to %s", text, day.AddDate(0, 0, n).Format(time.DateOnly))
			return measured(p, "How many days is it from "+p+"?", n, "days", daysBetween(text, day.AddDate(0, 0,
				n).Format(time.DateOnly))...)
		default:
			want := day.Weekday().String()
			prompt := fmt.Sprintf("Which day of the week was or will be %s? Answer with its English name only.", text)
			p := Say(weekdays(day)...).About(prompt)
			return ask("weekday "+text, prompt, want, "exact", func(a string) Verdict { return weekday(a, want, p) })
		}
	},
}

// daysBetween are the phrases for the number of days between two dates.
func daysBetween(from, to string) []string {
	ends := "(from|between) " + from + " (to|and) " + to
	return []string{
		"[the] [total] [number of] days [" + ends + "]", "[the] total", ends + "[,] (it is|there are) …", "[the] difference [between " +
			"" + from + " and " + to + "]",
		"(it is|it's|there are) … " + ends, "there are …",
	}
}

// weekdays are the phrases for the day of the week of a date.
func weekdays(day time.Time) []string {
	date := "(" + strings.Join([]string{
		day.Format(time.DateOnly), day.Format("2 January 2006"), day.Format("January 2, 2006"), day.Format("January 2 2006"),
		"the date", "that day", "the day", "it",
	}, "|") + ")"
	return []string{
		date, date + " (falls|fell|will fall) on …", "[the] day [of the week] [(of|for|on) " + date + "]", date + " (is|was) on …",
		"it (was|is) (a|on) …", "it (falls|fell|will fall) on …", "[the] weekday [(of|for) " + date + "]",
	}
}

// weekday compares the answer with the name of a day: "Friday", "on a Friday".
func weekday(answer, want string, p *Phrases) Verdict {
	return Read(answer, p, func(a string) Verdict {
		return equal(strings.ToLower(Bare(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(Bare(a)), "on "), "a "))),
			strings.ToLower(want))
	})
}

// clock asks about times of day.
var clock = family{
	hobby.Family{Name: "clock", Levels: 4},
	func(r *rand.Rand, level int) Task {
		h, m := between(r, 0, 23), between(r, 0, 59)
		at := func(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60) }
		start := h*60 + m
		switch level {
		case 1:
			h, m = between(r, 1, 12), between(r, 0, 59)
			half, add := "am", 0
			if r.IntN(2) == 0 {
				half, add = "pm", 12
			}
			p := fmt.Sprintf("%d:%02d %s", h, m, half)
			return moment(p, "Write the time "+p+" on a 24-hour clock. Answer in the form HH:MM.", (h%12+add)*60+m,
				"[the time] "+p+" [on a 24-hour clock|in 24-hour (time|format)]", "[the time] on a 24-hour clock")
		case 2, 3:
			d := between(r, 5, 59)
			if level == 3 {
				d = between(r, 61, 900)
			}
			p := fmt.Sprintf("%d minutes after %s", d, at(start))
			return moment(p, "What time is it "+p+"? Answer in the form HH:MM, on a 24-hour clock.", start+d, "[the time] "+p)
		default:
			d := between(r, 61, 1000)
			p := fmt.Sprintf("%s to %s", at(start), at(start+d))
			return measured(p, "How many minutes is it from "+p+", if the second time comes within a day of the first?", d, "minutes",
				"[the] [total] [number of] minutes [(from|between) "+strings.Replace(p, " to ", " (to|and) ", 1)+"]",
				"from "+p+"[,] [it is]",
				"[the] [(total|time)] difference", "[the] total [time]", "(it is|it's|there are) … (from|between) "+
					""+strings.Replace(p, " to ", " (to|and) ", 1), "there are …")
		}
	},
}

// moment makes a task whose answer is a time of day, in minutes. The same on a clock of
// twelve hours may follow it in brackets.
func moment(params, prompt string, minutes int, phrases ...string) Task {
	t := time.Date(2000, 1, 1, 0, minutes%1440, 0, 0, time.UTC)
	want, twelve := t.Format("15:04"), strings.ToLower(t.Format("3:04pm"))
	p := Say(append(phrases, "[the] (time|new time|result)", "[the] time (will be|would be) …")...).About(prompt)
	return ask(params, prompt, want, "exact", func(a string) Verdict {
		return Read(a, p, func(a string) Verdict {
			bare := strings.Join(strings.Fields(Bare(a)), " ")
			if before, in, ok := strings.Cut(strings.TrimSuffix(bare, ")"), " ("); ok &&
				strings.ToLower(strings.NewReplacer(" ", "", ".", "").Replace(in)) == twelve {
				bare = Bare(before)
			}
			return equal(bare, want)
		})
	})
}

package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/vocabulary"
)

// family implements practice.Family by what may be asked at each level.
type family struct {
	info   hobby.Family
	levels []asked
	open   func() (Database, error) // nil without one
}

// asked are the requests of a level.
type asked []func(*draft)

// others is how many tools are shown beside those that are needed, from level 2 on.
const others = 2

func (f *family) Info() hobby.Family { return f.info }

// Generate implements practice.Family.
func (f *family) Generate(r *rand.Rand, level int) practice.Task { return f.draft(r, level).task() }

func (f *family) draft(r *rand.Rand, level int) *draft {
	d := &draft{r: r, box: newBox()}
	d.box.open = f.open
	pick(r, f.levels[level-1])(d)
	d.furnish()
	if level > 1 {
		d.distract(others)
	} else {
		d.distract(0)
	}
	return d
}

// pick draws one of several values.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// draft is a task in the making. What the request says is drawn by r. All else, such as
// what the box holds, is drawn by hidden, which the request decides: a task is known by
// its request.
type draft struct {
	r, hidden *rand.Rand
	box       *Box
	request   string
	shown     []*tool
	calls     []hobby.ToolCall
	answer    string // "" where nothing is asked
	judge     func(said, want string, p *practice.Phrases) practice.Verdict
	phrases   []string
}

// ask sets the request. Before it, nothing hidden is drawn.
func (d *draft) ask(format string, a ...any) {
	d.request = fmt.Sprintf(format, a...)
	h := fnv.New64a()
	h.Write([]byte(d.request))
	d.hidden = rand.New(rand.NewPCG(h.Sum64(), 1))
}

// use adds a call that the task's own solution makes, with arguments in the order of the
// parameters.
func (d *draft) use(t *tool, a ...any) {
	d.show(t)
	var args []string
	for i, v := range a {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			panic(err) // the values are texts and numbers
		}
		args = append(args, fmt.Sprintf(`"%s": %s`, t.params[i].name, strings.TrimSpace(b.String())))
	}
	d.calls = append(d.calls, hobby.ToolCall{ID: fmt.Sprint(len(d.calls) + 1), Name: t.name, Arguments: "{" + strings.Join(args, ", ") + "}"})
}

// show shows tools that may be needed.
func (d *draft) show(ts ...*tool) {
	for _, t := range ts {
		if !slices.Contains(d.shown, t) {
			d.shown = append(d.shown, t)
		}
	}
}

// distract shows further tools, and puts all in an order of chance.
func (d *draft) distract(n int) {
	for _, i := range d.hidden.Perm(len(set)) {
		if t := set[i]; n > 0 && !slices.Contains(d.shown, t) && t != runSQL {
			d.shown = append(d.shown, t)
			n--
		}
	}
	d.hidden.Shuffle(len(d.shown), func(i, j int) { d.shown[i], d.shown[j] = d.shown[j], d.shown[i] })
}

// furnish puts other things into the box than those that are asked about.
func (d *draft) furnish() {
	for range 3 {
		if path := aPath(d.hidden); !strings.Contains(d.request, stem(path)) {
			d.fill(d.box.Files, path, aWord(d.hidden))
		}
		if key := aKey(d.hidden); !strings.Contains(d.request, strings.TrimRight(key, "123456789")) {
			d.fill(d.box.Values, key, fmt.Sprint(between(d.hidden, 10, 9999)))
		}
		note := some(d.hidden, 3, vocabulary.Words)
		if !slices.ContainsFunc(note, func(w string) bool { return strings.Contains(d.request, w) }) {
			d.fill(d.box.Notes, aWord(d.hidden), strings.Join(note, " "))
		}
	}
	for _, city := range vocabulary.Cities {
		if _, there := d.box.Clocks[city]; !there && d.box.Moved[city] == "" {
			d.box.Clocks[city] = d.hidden.IntN(1440)
		}
	}
}

// fill puts an entry where there is none of the name.
func (d *draft) fill(m map[string]string, name, v string) {
	if _, there := m[name]; !there {
		m[name] = v
	}
}

// tell says what the right answer is, and what may be said around it.
func (d *draft) tell(answer string, judge func(said, want string, p *practice.Phrases) practice.Verdict, phrases ...string) {
	d.answer, d.judge, d.phrases = answer, judge, phrases
}

// anyOrder judges a list whose order does not matter.
func anyOrder(said, want string, p *practice.Phrases) practice.Verdict {
	return practice.Set(said, strings.Split(want, ", "), p)
}

// aTime judges a time, which may lack its leading zero.
func aTime(said, want string, p *practice.Phrases) practice.Verdict {
	v := practice.Exact(said, want, p)
	if short := strings.TrimPrefix(want, "0"); v.Score < 1 && short != want {
		if practice.Exact(said, short, p).Score == 1 {
			return practice.Pass()
		}
	}
	return v
}

// task makes the task.
func (d *draft) task() practice.Task {
	reference := practice.Transcript(d.calls) + cmp.Or(d.answer, "done")
	t := practice.Task{
		Params: d.request, Messages: []hobby.Message{{Role: hobby.RoleUser, Content: d.request}},
		Reference: reference, Verifier: "tools", MaxTokens: 96 + len(reference),
		Use: func() practice.Use { return &use{d.box.copy(), d.shown} },
	}
	for _, s := range d.shown {
		t.Tools = append(t.Tools, s.tool())
	}
	want := sync.OnceValues(d.wanted)
	t.Verify = func(transcript string) practice.Verdict {
		state, err := want()
		if err != nil {
			return practice.Fail("the state that is wanted cannot be read")
		}
		return d.verify(transcript, state)
	}
	return t
}

// wanted is the state to which the task's own solution leads.
func (d *draft) wanted() (string, error) {
	b := d.box.copy()
	defer b.close()
	for _, c := range d.calls {
		b.call(d.shown, c)
	}
	return b.state()
}

// use is a conversation's use of a box.
type use struct {
	box   *Box
	shown []*tool
}

func (u *use) Call(_ context.Context, c hobby.ToolCall) string {
	told, _ := u.box.call(u.shown, c)
	return told
}

func (u *use) Close() { u.box.close() }

// maxTranscript bounds what is judged, in bytes.
const maxTranscript = 32_000

// verify carries out the calls of a transcript again, and judges what they lead to.
func (d *draft) verify(transcript, want string) practice.Verdict {
	if len(transcript) > maxTranscript {
		return practice.Fail("more than the answer")
	}
	calls, said := practice.Calls(transcript)
	switch {
	case len(calls) == 0:
		return practice.Fail("no tool is called")
	case len(calls) > practice.MaxCalls:
		return practice.Fail("more calls than there may be")
	}
	b := d.box.copy()
	defer b.close()
	worked, note := 0, ""
	for _, c := range calls {
		if _, wrong := b.call(d.shown, c); wrong != "" {
			note = wrong
		} else {
			worked++
		}
	}
	state, err := b.state()
	switch {
	case worked == 0:
		return practice.Fail("no call that works: " + note)
	case (err != nil || state != want) && note != "":
		return practice.Fail("another state is left, after " + note)
	case err != nil || state != want:
		return practice.Fail("another state is left")
	case d.answer == "":
		return practice.Pass()
	}
	v := d.judge(said, d.answer, practice.Say(d.phrases...))
	if v.Score < 1 && said == "" {
		v.Note = "nothing is said of what the tools told"
	}
	return v
}

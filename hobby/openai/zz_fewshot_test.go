package openai_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

func TestZZFewShot(t *testing.T) {
	m := peerModel(t, nil)
	suite, _ := practice.NewSuite(practice.Version, practice.Families()...)
	info, _ := m.Info(t.Context())
	for _, k := range []int{1, 3} {
		total := 0
		line := ""
		for n, f := range suite.Families() {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			pass := 0
			for range 10 {
				task, _ := suite.Draw(r, f.Name, 1, hobby.Practice)
				var msgs []hobby.Message
				for range k {
					ex, _ := suite.Draw(r, f.Name, 1, hobby.Practice)
					msgs = append(msgs, ex.Messages...)
					msgs = append(msgs, hobby.Message{Role: hobby.RoleAssistant, Content: ex.Reference})
				}
				task.Messages = append(msgs, task.Messages...)
				item, err := practice.Ask(t.Context(), m, info, task, nil)
				if err != nil {
					t.Fatal(err)
				}
				if item.Score >= 1 {
					pass++
				}
			}
			total += pass
			line += f.Name + " " + string(rune('0'+pass%10)) + map[bool]string{true: "(10)"}[pass == 10] + ", "
		}
		t.Logf("%d examples: %d of 160: %s", k, total, line)
	}
}

package hobbytest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

func TestScriptedModel(t *testing.T) {
	hobbytest.TestModel(t, func(*testing.T) hobbytest.ModelSubject {
		const slow = "Take your time."
		m := &hobbytest.Model{
			Reply: func(ctx context.Context, r hobby.Request) (string, error) {
				last := r.Messages[len(r.Messages)-1].Content
				if last == slow {
					<-ctx.Done()
					return "", ctx.Err()
				}
				return fmt.Sprintf("%s%s, you say? 日本", r.Adapter, last), nil
			},
			Identity: hobby.ModelInfo{Name: "parrot", Key: hobby.ModelKey("parrot"), ContextLength: 2000},
			Adapters: []string{"loud"},
		}
		return hobbytest.ModelSubject{
			Model: m, Repeats: true, Isolated: true, Counts: true, Adapter: "loud",
			Long: &hobby.Request{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: slow}}},
		}
	})
}

func TestBriefly(t *testing.T) { testBriefly(t) }

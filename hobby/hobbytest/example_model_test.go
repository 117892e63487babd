package hobbytest_test

import (
	"context"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// briefly is a host's own model: another one that is told to be brief.
type briefly struct{ hobby.Model }

func (m briefly) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	if err := r.Validate(); err != nil {
		return hobby.Response{}, err
	}
	r.Messages = append([]hobby.Message{{Role: hobby.RoleSystem, Content: "Be brief."}}, r.Messages...)
	return m.Model.Generate(ctx, r)
}

// testBriefly would be TestBriefly in the host's tests.
func testBriefly(t *testing.T) {
	hobbytest.TestModel(t, func(*testing.T) hobbytest.ModelSubject {
		return hobbytest.ModelSubject{Model: briefly{hobbytest.Says("Once upon a time.")}, Repeats: true, Isolated: true, Counts: true}
	})
}

// A host holds its own model to the contract in a test of its own.
func ExampleTestModel() {
	_ = testBriefly
}

package sqltask

import (
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby/practice"
)

// GenerateKept is Family.Generate, but that the databases of the task are kept from one
// verdict to the next, until close is called.
func GenerateKept(r *rand.Rand, level int) (task practice.Task, close func()) {
	task, begin := generate(r, level)
	t := begin()
	task.Verify = t.verify
	return task, t.close
}

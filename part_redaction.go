package pastime

import (
	"context"

	"github.com/pastime-go/pastime/hobby/redact"
)

// redaction is the part that takes secrets out of what is stored, where the host
// has none of its own.
func redaction(_ context.Context, k *Kit) (Part, error) {
	if k.opts.Hobby.Redact != nil {
		return Part{}, nil
	}
	k.Redactor = redact.Default()
	k.opts.Hobby.Redact = k.Redactor.Redact
	return Part{Name: "redaction", Observes: k.Redactor}, nil
}

// redaction reads the variable of redaction; nil is the default.
func (e *env) redaction() func(string) string {
	if e.boolean("HOBBY_REDACT", true) {
		return nil
	}
	return redact.None
}

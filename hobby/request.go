package hobby

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
)

// Validate reports with ErrInvalid, naming the field, why no Model can answer r:
// it has no messages, a role that is unknown, texts that are not UTF-8, a tool
// without a name, a schema that is not JSON, or sampling out of range. Models
// call it, and refuse by themselves what else they cannot do.
func (r *Request) Validate() error {
	bad := invalid("Request")
	if len(r.Messages) == 0 {
		return bad("Messages", "is empty")
	}
	roles := []Role{RoleSystem, RoleUser, RoleAssistant, RoleTool}
	for i, m := range r.Messages {
		if !slices.Contains(roles, m.Role) {
			return bad(fmt.Sprintf("Messages[%d].Role", i), "is %q, must be one of %q", m.Role, roles)
		}
	}
	for i, t := range r.Tools {
		if t.Name == "" || len(t.Parameters) > 0 && !json.Valid(t.Parameters) {
			return bad(fmt.Sprintf("Tools[%d]", i), "must have a Name, and Parameters that are nil or a JSON Schema")
		}
	}
	if len(r.Schema) > 0 && !json.Valid(r.Schema) {
		return bad("Schema", "is not JSON")
	}
	if field, problem := check(reflect.ValueOf(r).Elem(), new(int)); problem != "" {
		return fmt.Errorf("%w: Request%s %s", ErrInvalid, field, problem)
	}
	s := r.Sampling
	for _, f := range []struct {
		name  string
		v, hi float64
	}{
		{"Temperature", s.Temperature, math.MaxInt32}, {"TopP", s.TopP, 1}, {"MinP", s.MinP, 1},
		{"TopK", float64(s.TopK), math.MaxInt32}, {"MaxTokens", float64(s.MaxTokens), math.MaxInt32},
		{"RepetitionPenalty", s.RepetitionPenalty, math.MaxInt32},
	} {
		if !(f.v >= 0 && f.v <= f.hi) {
			return bad("Sampling."+f.name, "is %v, must be in [0, %v]", f.v, f.hi)
		}
	}
	return nil
}

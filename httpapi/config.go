package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// PartsConfig is what GET /hobby/config says of the parts themselves and of the page. Beside
// it the answer has the fields of [HobbyConfig], [MetricsConfig] and
// [SubagentsConfig], as far as the parts are configured.
type PartsConfig struct {
	Parts  map[string]PartState `json:"parts" doc:"every part that this release has, and those of the host"`
	Places map[string]string    `json:"places" nullable:"false" doc:"by kind, the address of what it reads, with {path} and {line}"`
}

// PartState says whether a part serves.
type PartState struct {
	Configured bool    `json:"configured"`
	Reason     *string `json:"reason" doc:"why not; null when it is configured"`
}

// configuration answers with the fields of all parts as one object.
func configuration() Handler {
	return Handler{func(s *server, op huma.Operation, lacks string) {
		fields := []Config{Fields(s.partsConfig)}
		whole := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}}
		s.extend(whole, fields[0], true)
		for _, p := range s.parts {
			if p.Config.body == nil {
				continue
			}
			s.extend(whole, p.Config, p.Lacks == "")
			if p.Lacks == "" {
				fields = append(fields, p.Config)
			}
		}
		whole.PrecomputeMessages()
		s.api.OpenAPI().Components.Schemas.Map()["Config"] = whole
		op.Responses = map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/Config"}},
		}}}
		JSON(func(context.Context, *struct{}) (*Body[map[string]json.RawMessage], error) {
			all := map[string]json.RawMessage{}
			for _, c := range fields {
				raw, err := json.Marshal(c.read())
				if err != nil {
					return nil, fmt.Errorf("httpapi: writing the configuration: %w", err)
				}
				if err := json.Unmarshal(raw, &all); err != nil { // adds the keys
					return nil, fmt.Errorf("httpapi: writing the configuration: %w", err)
				}
			}
			return &Body[map[string]json.RawMessage]{all}, nil
		}).add(s, op, lacks)
	}}
}

// extend adds the fields of c to the description of the configuration.
func (s *server) extend(whole *huma.Schema, c Config, there bool) {
	schemas := s.api.OpenAPI().Components.Schemas
	part := schemas.SchemaFromRef(schemas.Schema(c.body, true, "").Ref)
	for name := range part.Properties {
		if whole.Properties[name] != nil {
			panic(fmt.Sprintf("httpapi: two parts have the field %q in the configuration", name))
		}
	}
	maps.Copy(whole.Properties, part.Properties)
	if there {
		whole.Required = append(whole.Required, part.Required...)
	}
}

// partsConfig tells which parts serve.
func (s *server) partsConfig() PartsConfig {
	c := PartsConfig{map[string]PartState{}, map[string]string{}}
	for kind, place := range s.opts.Places {
		c.Places[strings.ToUpper(string(kind))] = place
	}
	for _, p := range s.parts {
		c.Parts[p.Name] = PartState{p.Lacks == "", optional(p.Lacks)}
	}
	return c
}

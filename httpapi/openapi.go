package httpapi

import (
	"embed"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs
var docs embed.FS

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// describe adds a route that huma does not serve to the description.
func (s *server) describe(op huma.Operation) {
	model := huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, typeOf[huma.ErrorModel]())
	for _, status := range op.Errors {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: model}},
		}
	}
	s.api.OpenAPI().AddOperation(&op)
}

// nullable says of every field that is a pointer to an object that it may be
// null. huma says it of scalars only, because an object is a reference.
func nullable(schemas huma.Registry) {
	for name, s := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if p := s.Properties[name]; f.Type.Kind() == reflect.Pointer && p != nil && p.Ref != "" {
				s.Properties[name] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}, Description: p.Description}
			}
		}
	}
}

// openAPI serves the description and the page for it.
func (s *server) openAPI() {
	serve := func(path, mediaType string, make func() ([]byte, error)) {
		s.mux.HandleFunc("GET /hobby"+path, func(w http.ResponseWriter, _ *http.Request) {
			raw, err := make()
			if err != nil {
				s.opts.Logger.Error("describing the API", "error", err)
				problem(w, http.StatusInternalServerError, "the description could not be written")
				return
			}
			w.Header().Set("Content-Type", mediaType)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(raw) // the client may be gone
		})
	}
	api := s.api.OpenAPI()
	nullable(api.Components.Schemas)
	serve("/openapi.json", "application/openapi+json", api.MarshalJSON)
	serve("/openapi.yaml", "application/openapi+yaml", api.YAML)
	file := func(path, name, mediaType string) {
		serve(path, mediaType, func() ([]byte, error) { return docs.ReadFile("docs/" + name) })
	}
	s.mux.HandleFunc("GET /hobby/docs", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		http.ServeFileFS(w, r, docs, "docs/page.html")
	})
	file("/docs/page.js", "page.js", "text/javascript; charset=utf-8")
	file("/docs/page.css", "page.css", "text/css; charset=utf-8")
	file("/docs/icon.svg", "icon.svg", "image/svg+xml")
}

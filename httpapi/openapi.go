package httpapi

import (
	"embed"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs
var docs embed.FS

// config is huma's, without its links to schemas and its page, which loads
// from elsewhere.
func config() huma.Config {
	c := huma.DefaultConfig("Pastime", version)
	c.Info.Description = "What an agent practises in its idle time, and what was measured. What has not been measured is null."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.Formats = formats()
	c.CreateHooks = nil
	c.Transformers = []huma.Transformer{short}
	c.RejectUnknownQueryParameters = true
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	return c
}

// schemaName names the schema of a body after its type. A type of another
// package has that package's name in front, so that the bodies of a host's own
// part cannot be taken for ours.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Name() == "" && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "", reflect.TypeFor[Part]().PkgPath(), reflect.TypeFor[huma.ErrorModel]().PkgPath():
		return name
	}
	from := path.Base(t.PkgPath())
	return strings.ToUpper(from[:1]) + from[1:] + name
}

// describe adds a route that huma does not serve to the description.
func (s *server) describe(op huma.Operation) {
	model := huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, reflect.TypeFor[huma.ErrorModel]())
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
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if strings.Contains(options, "omitempty") {
				continue // it is absent rather than null; and huma validates nothing in a choice with null
			}
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
	serve("/openapi.json", "application/openapi+json", sync.OnceValues(api.MarshalJSON)) // nothing is added any more
	serve("/openapi.yaml", "application/openapi+yaml", sync.OnceValues(api.YAML))
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

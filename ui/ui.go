package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// Options configures the page. Nil and the zero value are legal.
type Options struct {
	// Title names the page, in the header and in the browser's tab. Default
	// "Pastime".
	Title string
}

// policy lets the page run its own modules and the script and the style inside it, which it names
// by their hashes, and nothing else; markup can never be made from text.
func policy(script, style []byte) string {
	return fmt.Sprintf("default-src 'self'; script-src 'self' %s; style-src 'self' %s; object-src 'none'; base-uri 'none'; "+
		"form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'", source(script), source(style))
}

// source names a text in a content security policy.
func source(text []byte) string {
	sum := sha256.Sum256(text)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// assetsPath is where the assets are served, below a folder that their
// contents name.
const assetsPath = "/hobby/ui/"

// Handler serves the page at /hobby/ and its assets below /hobby/ui/. It is
// made for httpapi.Options.UI, whose limits and authentication then cover it.
func Handler(o *Options) http.Handler {
	title := "Pastime"
	if o != nil && o.Title != "" {
		title = o.Title
	}
	assets, version := load()
	theme, style := assets["theme.js"].plain, assets["style.css"].plain
	security := policy(theme, style)
	// What the first paint needs is in the page itself, so that it waits for one request only.
	page := newAsset("index.html", []byte(strings.NewReplacer(
		"{{title}}", html.EscapeString(title), "{{version}}", version, "{{preload}}", preload(assets, version),
		"{{theme}}", string(theme), "{{style}}", string(style),
	).Replace(string(assets["index.html"].plain))))
	for _, name := range []string{"index.html", "theme.js", "style.css"} {
		delete(assets, name)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /hobby/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", security)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-cache")
		page.serve(w, r)
	})
	mux.HandleFunc("GET "+assetsPath, func(w http.ResponseWriter, r *http.Request) {
		a := assets[strings.TrimPrefix(r.URL.Path, assetsPath+version+"/")]
		if a == nil {
			notFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		a.serve(w, r)
	})
	mux.HandleFunc("/", notFound)
	return mux
}

func notFound(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusNotFound)
	at := r.URL.Path
	if len(at) > 100 {
		at = strings.ToValidUTF8(at[:100], "") + "…"
	}
	// The client may be gone, and there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(map[string]any{"title": "Not Found", "status": http.StatusNotFound, "detail": "there is nothing at " + at})
}

// asset is an embedded file, ready to be sent.
type asset struct {
	plain, zipped []byte
	mediaType     string
	hash          string
}

func newAsset(name string, plain []byte) *asset {
	sum := sha256.Sum256(plain)
	a := &asset{plain: plain, mediaType: mediaType(name), hash: hex.EncodeToString(sum[:8])}
	var b bytes.Buffer
	// A bytes.Buffer takes everything, and the level is a legal one.
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(plain)
	_ = z.Close()
	a.zipped = b.Bytes()
	return a
}

// mediaType does not ask the system, whose answers differ.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/plain; charset=utf-8"
	}
}

// serve sends the asset, compressed if the client accepts that. A client that
// has it already gets no body.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.mediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Vary", "Accept-Encoding")
	body, tag := a.plain, a.hash
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = a.zipped, a.hash+"-gz"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads an Accept-Encoding header; one that refuses gzip with
// ";q=0" gets the plain file.
func acceptsGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.Trim(strings.TrimPrefix(strings.ToLower(q), "q="), "0.") != "" || q == ""
		}
	}
	return false
}

// load reads the embedded files, and makes the hash that names them.
func load() (assets map[string]*asset, version string) {
	assets = map[string]*asset{}
	all := sha256.New()
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		a := newAsset(name, plain)
		assets[name] = a
		fmt.Fprintf(all, "%s %s\n", name, a.hash)
		return nil
	})
	if err != nil { // the files are part of the program
		panic("ui: reading the embedded files: " + err.Error())
	}
	return assets, hex.EncodeToString(all.Sum(nil)[:8])
}

// preload tells the browser of the modules that the first view needs, so that it
// need not find them one by one. Those that a module loads when they are needed,
// with import(), are not among them.
func preload(assets map[string]*asset, version string) string {
	var lines []string
	for name := range needed(assets) {
		lines = append(lines, fmt.Sprintf("<link rel=\"modulepreload\" href=\"ui/%s/%s\">", version, name))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

var staticImport = regexp.MustCompile(`(?m)^(?:import|export)\s(?:[^"';]*\sfrom\s)?"([^"]+)"`)

// needed follows the imports that app.js, and what it imports, begin with.
func needed(assets map[string]*asset) map[string]bool {
	found := map[string]bool{}
	var follow func(name string)
	follow = func(name string) {
		if found[name] || assets[name] == nil {
			return
		}
		found[name] = true
		for _, m := range staticImport.FindAllSubmatch(assets[name].plain, -1) {
			follow(path.Join(path.Dir(name), string(m[1])))
		}
	}
	follow("app.js")
	return found
}

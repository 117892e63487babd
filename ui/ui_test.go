package ui

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// most is what the whole page may weigh, compressed, in bytes.
const most = 150_000

func get(t *testing.T, h http.Handler, url string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, url, http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestThePage(t *testing.T) {
	h := Handler(&Options{Title: `<Ada & "Co">`})
	resp := get(t, h, "/hobby/")
	page := read(t, resp.Body)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" ||
		resp.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
	if !strings.Contains(page, "&lt;Ada &amp; &#34;Co&#34;&gt;") || strings.Contains(page, "<Ada") || strings.Contains(page, "{{") {
		t.Errorf("the title is not escaped, or a place is not filled:\n%s", page)
	}
	csp := resp.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy %q lacks %s", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("the policy %q is not strict", csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// The style and the script inside it are the only ones that the policy names.
	inside := regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`)
	for _, m := range inside.FindAllStringSubmatch(page, -1) {
		sum := sha256.Sum256([]byte(m[2]))
		if named := m[1] + "-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !strings.Contains(csp, named) {
			t.Errorf("the policy %q lacks %s", csp, named)
		}
	}
	if n := len(inside.FindAllString(page, -1)); n != 2 {
		t.Errorf("%d styles and scripts are inside the page", n)
	}
	around := inside.ReplaceAllString(page, "")
	if m := regexp.MustCompile(`<script(\s[^>]*)?>[^<]|<style|\sstyle=|\son\w+=|https?://|="//|url\(`).FindString(around); m != "" {
		t.Errorf("the page has %q", m)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="(ui/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		if resp := get(t, h, "/hobby/"+m[1]); resp.StatusCode != 200 {
			t.Errorf("the page wants %s: %s", m[1], resp.Status)
		}
	}
}

func TestCachingAndCompression(t *testing.T) {
	h := Handler(nil)
	_, version := load()
	for _, c := range []struct{ url, cache, mediaType string }{
		{"/hobby/", "no-cache", "text/html; charset=utf-8"},
		{"/hobby/ui/" + version + "/app.js", "public, max-age=31536000, immutable", "text/javascript; charset=utf-8"},
		{"/hobby/ui/" + version + "/icon.svg", "public, max-age=31536000, immutable", "image/svg+xml"},
		{"/hobby/ui/" + version + "/vendor/preact.mjs", "public, max-age=31536000, immutable", "text/javascript; charset=utf-8"},
	} {
		plain, zipped := get(t, h, c.url), get(t, h, c.url, "Accept-Encoding", "br, gzip")
		for _, resp := range []*http.Response{plain, zipped} {
			if resp.StatusCode != 200 || resp.Header.Get("Cache-Control") != c.cache || resp.Header.Get("Content-Type") != c.mediaType ||
				resp.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: %s %v", c.url, resp.Status, resp.Header)
			}
		}
		z, err := gzip.NewReader(zipped.Body)
		if err != nil || zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: not compressed: %v", c.url, err)
		}
		if read(t, z) != read(t, plain.Body) {
			t.Errorf("%s: compressed it is another file", c.url)
		}
		if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
			t.Errorf("%s: one ETag for two representations", c.url)
		}
		for coding, tag := range map[string]string{"": plain.Header.Get("ETag"), "gzip": zipped.Header.Get("ETag")} {
			again := get(t, h, c.url, "If-None-Match", tag, "Accept-Encoding", coding)
			if again.StatusCode != http.StatusNotModified || read(t, again.Body) != "" {
				t.Errorf("%s with its ETag %s: %s", c.url, tag, again.Status)
			}
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false,
		"gzip;q=1.0": true, "identity": false, "xgzip": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	h := Handler(nil)
	_, version := load()
	for _, url := range []string{
		"/hobby/nothing", "/hobby/ui/", "/hobby/ui/" + version, "/hobby/ui/" + version + "/", "/hobby/ui/" + version +
			"/none.js", "/hobby/ui/0000/app.js",
		"/hobby/ui/" + version + "/index.html", "/hobby/ui/" + version + "/style.css", "/hobby/ui/" + version + "/lib",
		"/hobby/ui/" + version + "/%2e%2e/ui.go", "/hobby/" + strings.Repeat("x", 5000),
	} {
		resp := get(t, h, url)
		var p struct {
			Title, Detail string
			Status        int
		}
		text := read(t, resp.Body)
		if err := json.Unmarshal([]byte(text), &p); err != nil || resp.StatusCode != 404 || p.Status != 404 ||
			resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.80s: %s %q, want a problem body", url, resp.Status, text)
		}
		if resp.Header.Get("Cache-Control") != "" || len(text) > 500 {
			t.Errorf("%.80s: %v, %d bytes", url, resp.Header, len(text))
		}
	}
}

var imports = regexp.MustCompile(`(?m)(?:^import\s(?:[^"';]*\sfrom\s)?|^export\s[^"';]*\sfrom\s|\bimport\()"([^"]+)"`)

// TestModules follows the imports from app.js: all are embedded, all are
// relative, and no module is there that nothing imports.
func TestModules(t *testing.T) {
	seen := map[string]bool{}
	var follow func(string)
	follow = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		src, err := static.ReadFile("static/" + name)
		if err != nil {
			t.Errorf("%s is not embedded", name)
			return
		}
		for _, m := range imports.FindAllStringSubmatch(string(src), -1) {
			if !strings.HasPrefix(m[1], "./") && !strings.HasPrefix(m[1], "../") {
				t.Errorf("%s imports %q, which is not a file here", name, m[1])
				continue
			}
			follow(path.Join(path.Dir(name), m[1]))
		}
	}
	follow("app.js")
	ours := regexp.MustCompile(
		`innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function|https?://`)
	for name := range each(t) {
		if !strings.HasSuffix(name, "js") {
			continue
		}
		if !seen[name] && name != "theme.js" {
			t.Errorf("nothing imports %s", name)
		}
		src, err := static.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if m := ours.Find(src); m != nil && !strings.HasPrefix(name, "vendor/") {
			t.Errorf("%s has %q: text is set as text, and nothing comes from elsewhere", name, m)
		}
	}
}

// TestPreload finds the modules of the first view in the page, and not those
// that are loaded when they are looked at.
func TestPreload(t *testing.T) {
	page := read(t, get(t, Handler(nil), "/hobby/").Body)
	for name, want := range map[string]bool{
		"app.js": true, "pages/overview.js": true, "pages/fleet.js": true, "vendor/preact.mjs": true, "charts/radar.js": true,
		"pages/graph.js": true, "views/fleet.js": false, "views/graph.js": false, "views/map.js": false, "theme.js": false,
	} {
		if got := regexp.MustCompile(`<link rel="modulepreload" href="ui/\w+/` + regexp.QuoteMeta(name) + `">`).MatchString(page); got != want {
			t.Errorf("%s is preloaded: %v, want %v", name, got, want)
		}
	}
}

// each lists the embedded files.
func each(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names[strings.TrimPrefix(name, "static/")] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestVendored compares the third-party files with VENDORED.md, both ways.
func TestVendored(t *testing.T) {
	list, err := os.ReadFile("VENDORED.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	line := regexp.MustCompile(`(?m)^\| (\S+) \| \S+ \| \d+\.\d+\.\d+ \| \S+ \| ([0-9a-f]{64}) \|$`)
	for _, m := range line.FindAllStringSubmatch(string(list), -1) {
		src, err := static.ReadFile("static/vendor/" + m[1])
		if err != nil {
			t.Errorf("VENDORED.md has %s: %v", m[1], err)
			continue
		}
		if sum := sha256.Sum256(src); hex.EncodeToString(sum[:]) != m[2] {
			t.Errorf("%s has the hash %x, and VENDORED.md says %s", m[1], sum, m[2])
		}
		listed = append(listed, "vendor/"+m[1])
	}
	for name := range each(t) {
		if strings.HasPrefix(name, "vendor/") && !slices.Contains(listed, name) {
			t.Errorf("VENDORED.md does not have %s", name)
		}
		if base, ok := strings.CutSuffix(name, ".mjs"); ok && !slices.Contains(listed, base+".LICENSE") {
			t.Errorf("%s is here without its licence", name)
		}
	}
}

func TestWeight(t *testing.T) {
	assets, _ := load()
	total := 0
	for name, a := range assets {
		if !strings.HasSuffix(name, "LICENSE") { // read by people only
			total += len(a.zipped)
		}
	}
	t.Logf("the page weighs %d bytes compressed", total)
	if total > most {
		t.Errorf("the page weighs %d bytes compressed, more than %d", total, most)
	}
}

// BenchmarkPage is a first visit's page, and a visit with everything cached.
func BenchmarkPage(b *testing.B) {
	h := Handler(nil)
	r := httptest.NewRequest(http.MethodGet, "/hobby/", http.NoBody)
	r.Header.Set("Accept-Encoding", "gzip")
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

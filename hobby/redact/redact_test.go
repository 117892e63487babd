package redact_test

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/redact"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/internal/race"
)

// known is what is taken out: what stands in braces. The secrets are made up, and
// written in pieces, so that no scanner takes this file for a leak.
var known = []string{
	"write to {bob@" + "example.com}.",
	"<{jane.doe+tag@" + "mail.example.co.uk}>, '{x_y@" + "1und1.de}'",
	"“{jürgen@" + "müller.de}” 联系{li@" + "163.com}谢谢",
	"{bob@" + "example.com}.txt, mailto:{bob@" + "example.com}?subject=hi",
	"ssh {deploy@" + "host.example.com}",
	"{alice@" + "example.com}:hunter2",
	"{AKIA" + "IOSFODNN7EXAMPLE}, key={ASIA" + "Y34FZKBOKMUTVV7A}",
	"AWS_SECRET_ACCESS_KEY={wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCYEXAMPLEKEY}",
	"token: {ghp_" + strings.Repeat("aB3", 12) + "}",
	"{github_pat_" + strings.Repeat("11ABCDE_", 10) + "}",
	"https://x-access-token:{ghs_" + strings.Repeat("zZ9", 12) + "}@github.com/o/r.git",
	"{glpat-" + "x7yK2mQ9vB4nR8sT1uWz}",
	"{sk-" + "ant-api03-" + strings.Repeat("aB-3", 23) + "xAA}",
	"{sk-" + "proj-" + strings.Repeat("Ab_9", 20) + "}",
	"{sk-" + "abcdefgh1234567890ABCD" + "T3BlbkFJ" + "abcdefghij1234567890}",
	"OPENROUTER={sk-" + "or-v1-" + strings.Repeat("0a1b2c3d", 8) + "}",
	"{xoxb-" + "123456789012-1234567890123-" + strings.Repeat("aB", 12) + "}",
	"https://hooks.slack.com/services/{T00000000/B00000000/" + strings.Repeat("X", 24) + "}",
	"{AIza" + "SyA-1234567890abcdefghijklmnopqrstu}",
	"{eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U}",
	"{sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc}",
	"bot{123456789:" + "AA" + strings.Repeat("Hq-9x", 6) + "Abc}",
	"{SG." + strings.Repeat("aB3d", 5) + "xy." + strings.Repeat("Zz0-", 10) + "abc}",
	"{SU" + strings.Repeat("A7QZ", 14) + "}",
	"Authorization: Bearer {mF_9.B5f-4.1JqM0pQ}",
	`-H "Authorization: Basic {dXNlcjpwYXNzd29yZA==}"`,
	"postgres://app:{s3cr3t}@db.internal:5432/app?sslmode=disable",
	"mongodb+srv://u:{p%40ss}@a.example.net,b.example.net/db",
	"redis://:{topsecret}@localhost:6379",
	"DB_PASSWORD={hunter22}", "password = \"{hunter22}\"", `{"password":"{p@ssword}"}`, `{\"password\": \"{hunter22}\"}`,
	"Server=db;User Id=sa;Password={yourStrong1Password};Encrypt=true", "passphrase: '{x9!kLm2}'",
	`cfg["api_key"] = "{9f86d081884c7d659a2feaa0c55ad015}"`, "API_KEY={9f86d081884c7d659a2feaa0c55ad015}",
	"X-Api-Key: {9f86d081884c7d659a2feaa0c55ad015}",
	"clientSecret := `{q8Zr-2LmX0vT-77pNwKd}`",
	"AccountName=a;AccountKey={" + strings.Repeat("Zx9/mQ2+Lk7Vt4Bs", 5) + "Hn5Rab==};EndpointSuffix=core.windows.net",
	"{-----BEGIN RSA " + "PRIVATE KEY-----\n" + strings.Repeat(strings.Repeat("aB3/", 16)+"\n", 3) + "aB3=\n-----END RSA PRIVATE KEY-----}\n",
	"key: |\n  {-----BEGIN OPENSSH " + "PRIVATE KEY-----\n  " + strings.Repeat("b3Blbn", 10) + "\n  " + strings.Repeat("b3Blbn", 10) +
		"}\n", // cut off
	`"{-----BEGIN PRIVATE ` + `KEY-----\n` + strings.Repeat("MIIE", 16) + `\n-----END PRIVATE KEY-----}\n"`,
}

// split takes the braces out of a text of known: the text, and its secrets.
func split(marked string) (text string, secrets []string) {
	if marked[0] == '{' && marked[1] == '"' || strings.HasPrefix(marked, `{\"`) { // JSON has braces of its own
		in := marked[1 : len(marked)-1]
		t, s := split(in)
		return "{" + t + "}", s
	}
	re := regexp.MustCompile(`(?s)\{(.*?)\}`)
	for _, m := range re.FindAllStringSubmatch(marked, -1) {
		secrets = append(secrets, m[1])
	}
	return re.ReplaceAllString(marked, "$1"), secrets
}

func TestKnownSecretsAreTakenOut(t *testing.T) {
	r := redact.Default()
	for _, marked := range known {
		text, secrets := split(marked)
		want := text
		got := r.Redact(text)
		for _, s := range secrets {
			want = strings.Replace(want, s, "[]", 1)
		}
		plain := regexp.MustCompile(`(\[)redacted: [^\]]+(\])\n*`).ReplaceAllString(got, "$1$2")
		if strings.TrimRight(plain, "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("%q\n became %q\nwant    %q", text, got, want)
		}
	}
}

// plain is what stays as it is.
var plain = []string{
	"550e8400-e29b-41d4-a716-446655440000", "commit ecb2c97d916e88f4c999fb48ec68b35a061d05193",
	"go.sum h1:Yz7VsZ1AZ0/4d4KXFAVXC6fqVnY+8ZC6A3QTrIPRrhk=",
	"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	"image: golang@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	"TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24sIGJ1dA==",
	"git@github.com:pastime-go/pastime.git", "ssh://git@github.com/pastime-go/pastime", "scp x deploy@host.example.com:/srv/app",
	"https://user@host.example.com/x",
	"github.com/danielgtaylor/huma/v2@v2.37.2", "go install golang.org/x/tools/cmd/stringer@v0.52.0",
	"npm i react@18.2.0-next.abc left-pad@latest", "gopkg.in/yaml.v3@v3.0.1",
	"icon@2x.png", "getty@tty1.service", "user@localhost", "a @ b.com", "@decorator.name", "x@y", "%s@%s.com", "%d@example.com",
	"${user}@example.com", "fmt.Sprintf(\"%q@%v\", a, b)",
	"the token is read from the environment", "token := lexer.NextToken()", "token = sha256TokenForUserName", "tokens_in: 1234567890",
	"max_tokens=4096", "token_type: bearer",
	"secret: see the manual", "Secret string `json:\"secret\"`", `password: ""`, `"password": "string"`,
	"password = os.Getenv(\"DB_PASSWORD\")", "password := cfg.Password1", "Password string",
	"if password == \"\" {", "type=password", "PWD=/home/user1/src", "password=$DB_PASSWORD", "password: ${{ secrets.DB_PASS1 }}",
	"password=%s", "postgres://%s:%s@%s/%s", "postgres://$USER:$PASS@$HOST/db",
	"http://127.0.0.1:8800/hobby/", "see http://example.com:8080/a@b", "Authorization: Bearer TOKEN", "Authorization: Bearer <token>",
	"a bearer of good news and certificates", "bearer token",
	"task-force-of-the-one-who-knows", "sk-circle-fade-dot-animation", "risk-2023-assessment-of-everything", "disk-usage-of-all-volumes-2024",
	"-----BEGIN PRIVATE KEY----- begins a private key", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
	"strings.Contains(s, \"-----BEGIN RSA PRIVATE KEY-----\")",
	"AKIA is how they begin", "SUMMARY", "eyJ is base64 of {\"", "[redacted: e-mail address]", "password: [redacted: password]",
	"[redacted: GitHub token] = \"hunter22\"",
	"func (s *Store) Token(ctx context.Context) (string, error) {", "api_key: your-api-key-goes-here", "pattern v1.2.3",
	"What is 12 + 30? Answer with the number.", "名前@例え",
}

func TestOrdinaryTextStays(t *testing.T) {
	r := redact.Default()
	for _, text := range plain {
		if got := r.Redact(text); got != text {
			t.Errorf("%q\nbecame %q", text, got)
		} else if unsafe.StringData(got) != unsafe.StringData(text) {
			t.Errorf("%q was copied", text)
		}
	}
	all := strings.Repeat("The task of a desk: who asks, must answer. See https://example.com/a, or 550e8400-e29b-41d4-a716-446655440000.\n", 100)
	if n := testing.AllocsPerRun(10, func() { r.Redact(all) }); n != 0 && !race.Enabled {
		t.Errorf("%v allocations for a text without secrets, want none", n)
	}
}

// ascii replaces the two letters beyond ASCII that (?i) takes for an s and a k.
var ascii = strings.NewReplacer("\u017f", "s", "\u212a", "k")

// secretOf draws what a rule of Rules finds, by its own expression.
func secretOf(rule *redact.Rule) *rapid.Generator[string] {
	before := ""
	if rule.Behind {
		before = rule.Starts[0]
	}
	return rapid.Map(rapid.StringMatching(rule.Pattern), func(s string) string { return before + ascii.Replace(s) })
}

// TestEveryRuleFindsWhatItDescribes draws secrets from each rule's expression.
func TestEveryRuleFindsWhatItDescribes(t *testing.T) {
	r := redact.Default()
	for _, rule := range redact.Rules() {
		if rule.Pattern == "" || rule.Back == 10 {
			continue
		}
		t.Run(rule.Name+" "+rule.Starts[0], func(t *testing.T) {
			before := ""
			if rule.Behind {
				before = rule.Starts[0]
			}
			group := regexp.MustCompile(`\A(?:` + rule.Pattern + `)`)
			// secretIn returns what the rule calls secret in a drawn text, or "".
			secretIn := func(text string) string {
				m := group.FindStringSubmatch(strings.TrimPrefix(text, before))
				secret := m[0]
				if i := slices.IndexFunc(m[1:], func(s string) bool { return s != "" }); i >= 0 {
					secret = m[1+i]
				}
				has := func(s string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(s)) }
				if rule.Secret != nil && !rule.Secret(secret) || len(text) > max(512, rule.Most) || !slices.ContainsFunc(rule.Starts, has) {
					return ""
				}
				return secret
			}
			rapid.Check(t, func(t *rapid.T) {
				text := secretOf(&rule).Draw(t, "text")
				secret := secretIn(text)
				if secret == "" {
					return
				}
				got := r.Redact("x " + text + "\n")
				left := strings.Count(marks.ReplaceAllString(got, ""), secret) // a user may be called as the password is
				if left >= strings.Count(text, secret) || !marks.MatchString(got) {
					t.Fatalf("%q is still in %q", secret, got)
				}
			})
			for seed := range 500 {
				if secretIn(secretOf(&rule).Example(seed)) != "" {
					return
				}
			}
			t.Error("none of 500 texts that the expression describes has a secret")
		})
	}
}

var marks = regexp.MustCompile(`\[redacted: [^\]]+\]`)

// text draws texts of secrets, near-secrets, marks and chance, with and without
// anything between.
func text() *rapid.Generator[string] {
	var pieces []*rapid.Generator[string]
	var starts []string
	for _, rule := range redact.Rules() {
		starts = append(starts, rule.Starts...)
		if rule.Pattern != "" {
			pieces = append(pieces, secretOf(&rule))
		}
	}
	for _, marked := range known {
		text, _ := split(marked)
		starts = append(starts, text, text[:len(text)/2], text[len(text)/2:])
	}
	pieces = append(pieces, rapid.SampledFrom(starts), rapid.SampledFrom(plain), rapid.String(), rapid.SampledFrom([]string{
		" ", "\n", "\"", "'", "`", ":", "=", " = ", "@", ".", "-", "_", "/", "://", "[", "]", "[redacted: ", "[redacted: secret]", "a", "1", "é", "\xff", "\\n", "a1", "%", "b.com", "$", "{",
	}))
	piece := rapid.OneOf(pieces...)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "")
	})
}

// check holds a redactor to what must be true of any text.
func check(t interface{ Fatalf(string, ...any) }, r *redact.Redactor, text string) {
	got := r.Redact(text)
	if again := r.Redact(got); again != got {
		t.Fatalf("%q\nbecame %q,\nthen   %q", text, got, again)
	}
	if utf8.ValidString(text) && !utf8.ValidString(got) {
		t.Fatalf("%q became %q, which is not valid UTF-8", text, got)
	}
	if strings.Count(text, "\n") != strings.Count(got, "\n") {
		t.Fatalf("%q became %q, which has other lines", text, got)
	}
}

func TestAnyTextTwice(t *testing.T) {
	r, text := redact.Default(), text()
	rapid.Check(t, func(t *rapid.T) { check(t, r, text.Draw(t, "text")) })
}

func FuzzRedact(f *testing.F) {
	for _, marked := range known {
		text, _ := split(marked)
		f.Add(text)
	}
	for _, text := range plain {
		f.Add(text)
	}
	r := redact.Default()
	f.Fuzz(func(t *testing.T, text string) { check(t, r, text) })
}

var mebibyte = flag.Bool("mebibyte", false, "TestTimeIsLinear redacts a mebibyte of each text")

// TestTimeIsLinear redacts long texts of what each rule looks for, or nearly. A
// cost that grows with the square takes minutes.
func TestTimeIsLinear(t *testing.T) {
	if race.Enabled {
		t.Skip("it measures time")
	}
	size := 1 << 17
	if *mebibyte {
		size = 1 << 20
	}
	var hard []string
	for _, rule := range redact.Rules() {
		hard = append(hard, rule.Starts...)
	}
	for _, marked := range known {
		text, _ := split(marked)
		hard = append(hard, text, text[:len(text)-1], text[:len(text)/2])
	}
	hard = append(hard, "a", "a@", "a.", "@a.", "a1", "A", "://a:", "://a:b@", "sk-a1", "password=", "token=a1", "eyJa.", "-----BEGIN PRIVATE KEY-----\n", "bearer a1")
	r := redact.Default()
	slowest, of := time.Duration(0), ""
	for _, h := range hard {
		begin := proc.CPUTime()
		r.Redact(strings.Repeat(h, size/len(h)))
		if took := proc.CPUTime() - begin; took > slowest {
			slowest, of = took, h
		}
	}
	t.Logf("of %d texts of %d bytes, the slowest took %v: %.40q", len(hard), size, slowest, of)
	if slowest > 20*time.Second {
		t.Errorf("%d bytes of %q took %v", size, of, slowest)
	}
}

func TestCounts(t *testing.T) {
	r := redact.Default()
	r.Redact("bob@" + "example.com, eve@" + "example.com, password=hunter22")
	counts := r.Counts()
	if counts["e-mail address"] != 2 || counts["password"] != 1 || counts["GitHub token"] != 0 {
		t.Errorf("counted %v", counts)
	}
	observed := map[string]float64{}
	err := r.Observe(t.Context(), func(name string, v float64, labels ...string) { observed[name+"/"+strings.Join(labels, "/")] = v })
	if err != nil {
		t.Fatal(err)
	}
	if len(observed) != len(counts) || observed["pastime_redactions_total/e-mail address"] != 2 {
		t.Errorf("observed %v", observed)
	}
}

func TestRulesOfOnesOwn(t *testing.T) {
	r, err := redact.New(append(redact.Rules(), redact.Rule{Name: "badge", Starts: []string{"badge-"}, Pattern: `badge-[0-9]+`})...)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Redact("Badge-x badge-12 of bob@" + "example.com"); got != "Badge-x [redacted: badge] of [redacted: e-mail address]" {
		t.Error(got)
	}
	for _, bad := range []redact.Rule{
		{Starts: []string{"x"}, Pattern: "x"}, {Name: "a]", Starts: []string{"x"}, Pattern: "x"}, {Name: "a", Pattern: "x"}, {Name: "a", Starts: []string{""}, Pattern: "x"},
		{Name: "a", Starts: []string{"é"}, Pattern: "x"}, {Name: "a", Starts: []string{"x"}}, {Name: "a", Starts: []string{"x"}, Pattern: "("}, {Name: "a", Starts: []string{"x"}, Pattern: "x", Most: -1},
	} {
		if _, err := redact.New(bad); err == nil || !strings.Contains(err.Error(), hobby.ErrInvalid.Error()) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// BenchmarkRedact reads English and Go without secrets, in processor time: by a
// Redactor, and by the rules' expressions one after the other.
func BenchmarkRedact(b *testing.B) {
	words := strings.Fields("the quick brown fox jumps over a lazy dog and tells nobody that the task, which it was given, took longer than risk allows")
	draw := rand.New(rand.NewPCG(1, 1))
	var prose strings.Builder
	for prose.Len() < 1<<20 {
		prose.WriteString(words[draw.IntN(len(words))] + " ")
	}
	code := strings.Repeat("func (s *sink) Item(i Item) error {\n\ttoken := s.next()\n\tif err := i.Validate(); err != nil {\n"+
		"\t\treturn fmt.Errorf(\"item %s: %w\", i.ID, err)\n\t}\n}\n", 7000)
	var each []*regexp.Regexp
	for _, rule := range redact.Rules() {
		if rule.Pattern != "" {
			before := ""
			if rule.Behind {
				before = "(?i:" + strings.Join(rule.Starts, "|") + ")"
			}
			each = append(each, regexp.MustCompile(before+rule.Pattern))
		}
	}
	r := redact.Default()
	ways := map[string]func(string){
		"Redactor": func(text string) { r.Redact(text) },
		"one after the other": func(text string) {
			for _, re := range each {
				re.FindAllStringIndex(text, -1)
			}
		},
	}
	for name, text := range map[string]string{"prose": prose.String(), "code": code} {
		for way, fn := range ways {
			b.Run(name+"/"+way, func(b *testing.B) {
				before := proc.CPUTime()
				for b.Loop() {
					fn(text)
				}
				b.ReportMetric(float64(b.N)*float64(len(text))/1e6/(proc.CPUTime()-before).Seconds(), "MB/cpu-s")
			})
		}
	}
}

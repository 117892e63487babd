package redact

import (
	"encoding/base64"
	"math"
	"regexp"
	"strings"
)

// assignments returns the rules for secrets that only their surroundings show: a
// name, a header, the @ of an e-mail address.
func assignments() []Rule {
	passwords := []string{"password", "passwd", "passphrase", "pwd"}
	secrets := []string{
		"secret", "token", "api_key", "apikey", "api-key", "access_key", "accesskey", "access-key", "private_key", "privatekey",
		"secret_key", "secretkey", "secret-key", "account_key", "accountkey", "signing_key", "encryption_key", "sharedaccesskey", "credential",
	}
	const assigned = "(?:\\\\?[\"'`]\\]?)?[ \\t]{0,8}(?::=|=>|={1,2}|:)[ \\t]{0,8}"
	const quoted = assigned + "(?:\\\\?\"([^\"\\\\\\n]{6,256})\\\\?\"|\\\\?'([^'\\\\\\n]{6,256})\\\\?'|`([^`\\n]{6,256})`)"
	const end = "[.:!?]?(?:$|[\\s\"'`,;&|<>)}\\]\\\\])"
	const header = "(?:\\\\?[\"'`]\\]?)?[ \\t]{0,4}[:=,][ \\t]{0,4}(?:\\\\?[\"'`])?(?i:basic|bearer|token|api-?key)[ \\t]{1,4}"
	return []Rule{
		{Name: "password", Starts: passwords, Behind: true, Edge: Anywhere, Pattern: quoted, Secret: password},
		{Name: "password", Starts: passwords, Behind: true, Edge: Anywhere,
			Pattern: assigned + "([^\\s\"'`=,;&|<>()\\[\\]{}\\\\]{6,256}={0,2})" + end, Secret: barePassword},
		{Name: "secret", Starts: secrets, Behind: true, Edge: Anywhere, Pattern: `[sS]?` + quoted, Secret: random},
		{Name: "secret", Starts: secrets, Behind: true, Edge: Anywhere,
			Pattern: `[sS]?` + assigned + `([\w+/~-]{16,256}={0,2})` + end, Secret: random},
		{Name: "authorization", Starts: []string{"bearer"}, Behind: true, Pattern: `[ \t]{1,4}([\w.~+/-]{16,400}={0,2})`, Secret: mixed},
		{Name: "authorization", Starts: []string{"authorization"}, Behind: true, Edge: Anywhere,
			Pattern: header + `([\w.~+/-]{8,400}={0,2})`, Secret: credentials},
		{Name: "e-mail address", Starts: []string{"@"}, Find: email},
	}
}

// mixed reports whether s has both a letter and a digit.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' })
}

// random reports whether s looks random: it has letters and digits, and few
// words.
func random(s string) bool {
	return len(s) >= 12 && mixed(s) && !strings.ContainsAny(s, " <>{}$") && notPlaceholder(s) && entropy(s) >= 3 && !worded(s)
}

// password reports whether the quoted text after a name looks like a password,
// and not like a word or a text about one.
func password(s string) bool {
	return !strings.ContainsAny(s, " \t") && notPlaceholder(s) && (mixed(s) || strings.ContainsAny(s, "!@#$%^&*?+=~"))
}

// barePassword is password for a text without quotes, which may also be code, a
// path or an address.
func barePassword(s string) bool {
	return password(s) && !strings.ContainsAny(s[:1], "/~.$&*@=!") && !strings.Contains(s, "://") && !code.MatchString(s)
}

// code matches a name with a dot, or a name in which only the last character is a digit.
var code = regexp.MustCompile(`^(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*$|^[A-Za-z_]*[A-Z_][A-Za-z_]*[0-9]?$`)

// credentials reports whether s looks like the credentials of an Authorization
// header.
func credentials(s string) bool {
	if mixed(s) {
		return true
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	return err == nil && strings.Contains(string(raw), ":")
}

// notPlaceholder reports whether s is more than a mark, a variable, a verb of
// printf or one repeated character.
func notPlaceholder(s string) bool {
	if strings.HasPrefix(s, "[redacted") || strings.HasPrefix(s, "$") || strings.HasPrefix(s, "{") || strings.HasPrefix(s, "<") {
		return false
	}
	if verbs.MatchString(s) {
		return false
	}
	return strings.Trim(s, s[:1]) != ""
}

// verbs matches a text of printf's verbs and separators alone.
var verbs = regexp.MustCompile(`^(?:%[-+# 0]*[0-9.]*[a-zA-Z]|[-_.:])+$`)

// entropy is Shannon's entropy of the bytes of s, in bits per byte.
func entropy(s string) float64 {
	var counts [256]float64
	for i := range len(s) {
		counts[s[i]]++
	}
	e := 0.0
	for _, n := range counts {
		if n > 0 {
			e -= n / float64(len(s)) * math.Log2(n/float64(len(s)))
		}
	}
	return e
}

// worded reports whether most of s is words of a few letters.
func worded(s string) bool {
	n := 0
	for _, w := range words.FindAllString(s, -1) {
		n += len(w)
	}
	return 10*n >= 7*len(s) || constant.MatchString(s)
}

// constant matches a name in capitals.
var constant = regexp.MustCompile(`^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$`)

var words = regexp.MustCompile(`[A-Z][a-z]{2,}|[a-z]{4,}`)

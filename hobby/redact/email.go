package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The largest number of bytes on each side of an address's @, by RFC 5321.
const (
	maxLocal  = 64
	maxDomain = 255
)

// email finds the e-mail address around the @ at text[at].
func email(text string, at int) (from, to int) {
	from = at
	for from > 0 && at-from <= maxLocal {
		r, n := utf8.DecodeLastRuneInString(text[:from])
		if !isLetter(r) && !strings.ContainsRune("._+-%", r) {
			break
		}
		from -= n
	}
	if at-from > maxLocal {
		return 0, 0
	}
	before := text[:from]
	local := text[from:at]
	trimmed := strings.TrimLeft(local, ".+-")
	from += len(local) - len(trimmed)
	local = trimmed
	to = at + 1 + domain(text[at+1:min(len(text), at+1+maxDomain)])
	switch {
	case local == "" || local[0] == '%' || local[len(local)-1] == '.', to == at+1:
		return 0, 0
	case isUserinfo(before): // part of a URL: not a mailbox
		return 0, 0
	case local == "git" || local == "hg":
		return 0, 0
	case strings.HasPrefix(text[to:], ":/") || strings.HasPrefix(text[to:], ":~"): // a path on a machine
		return 0, 0
	}
	return from, to
}

// isUserinfo reports whether text ends within the user and password of a URL.
func isUserinfo(text string) bool {
	text = text[max(0, len(text)-maxLocal-3):]
	at := strings.LastIndex(text, "://")
	return at >= 0 && (at+3 == len(text) || text[len(text)-1] == ':') && !strings.ContainsAny(text[at+3:], " \t\n/\"'")
}

// domain is the length of the domain name that text begins with. It is 0 when
// there is none, or none that an e-mail address can have.
func domain(text string) int {
	end, label, labels := 0, 0, 0 // label is where the last label begins
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if r == '.' && end > label && end+1 < len(text) {
			if next, _ := utf8.DecodeRuneInString(text[end+1:]); isLetter(next) {
				label, labels = end+1, labels+1
				end++
				continue
			}
		}
		if !isLetter(r) && r != '-' {
			break
		}
		end += n
	}
	for ; labels > 0; labels-- {
		name := strings.TrimRight(text[:end], "-")
		dot := strings.LastIndexByte(name, '.')
		if isTop(name[dot+1:]) && !isVersion(name) {
			return len(name)
		}
		end = dot // without a last label that may be a file name's extension
	}
	return 0
}

// isTop reports whether s can be a top-level domain.
func isTop(s string) bool {
	if strings.HasPrefix(s, "xn--") {
		return true
	}
	return utf8.RuneCountInString(s) >= 2 && !strings.ContainsAny(s, "0123456789_") && !notTop[strings.ToLower(s)]
}

// isLetter reports whether r is an underscore, or a letter or a digit of a script
// that separates words by spaces.
func isLetter(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_':
		return true
	case r < utf8.RuneSelf, r == utf8.RuneError:
		return false
	}
	return unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) && unicode.IsLetter(r)
}

// isVersion reports whether s begins like a version: v1.2 or 1.2.
func isVersion(s string) bool {
	s = strings.TrimPrefix(s, "v")
	major := strings.TrimLeft(s, "0123456789")
	return major != s && len(major) > 1 && major[0] == '.' && '0' <= major[1] && major[1] <= '9'
}

// notTop are the last labels of names with an @ that are files or systemd units.
// They are no top-level domains.
var notTop = set("bmp cfg conf config css csv gif go gz htm html ico ini java jpeg jpg js json jsx lock log mount " +
	"path png proto scss service socket svg target tgz timer toml ts tsx txt webp xml yaml yml")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

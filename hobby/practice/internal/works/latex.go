package works

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// accents are, by LaTeX's commands, letters and the same with the accent.
var accents = map[string][2]string{
	"`": {"aeiouAEIOU", "àèìòùÀÈÌÒÙ"},
	"'": {"aeiouyAEIOUYcnszlrCNSZ", "áéíóúýÁÉÍÓÚÝćńśźĺŕĆŃŚŹ"},
	"^": {"aeiouAEIOUcghjsw", "âêîôûÂÊÎÔÛĉĝĥĵŝŵ"},
	`"`: {"aeiouyAEIOUY", "äëïöüÿÄËÏÖÜŸ"},
	"~": {"anoANOi", "ãñõÃÑÕĩ"},
	"=": {"aeiouAEIOU", "āēīōūĀĒĪŌŪ"},
	".": {"zceZCEI", "żċėŻĊĖİ"},
	"c": {"cCsStT", "çÇşŞţŢ"},
	"v": {"cszenrdtCSZENRDT", "čšžěňřďťČŠŽĚŇŘĎŤ"},
	"H": {"ouOU", "őűŐŰ"},
	"k": {"aeAE", "ąęĄĘ"},
	"r": {"aAuU", "åÅůŮ"},
	"u": {"agAG", "ăğĂĞ"},
}

// letters are commands that write one.
var letters = map[string]string{
	"ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "i": "i", "j": "j",
	"dots": "…", "ldots": "…", "textendash": "–", "textemdash": "—", "times": "×", "alpha": "α", "beta": "β", "epsilon": "ε", "lambda": "λ",
}

var ligatures = strings.NewReplacer("---", "—", "--", "–", "``", "“", "''", "”", "~", " ", "$", "")

// plain takes the markup of LaTeX off a text. Of a command that it does not know it
// keeps the argument.
func plain(s string) string {
	var b, run strings.Builder // run is text without a command
	flush := func() {
		b.WriteString(ligatures.Replace(run.String()))
		run.Reset()
	}
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case '{', '}':
			i++
		case '\\':
			flush()
			text, n := command(s[i+1:])
			b.WriteString(text)
			i += 1 + n
		default:
			run.WriteByte(c)
			i++
		}
	}
	flush()
	return b.String()
}

// command returns what a command after a backslash writes, and how many bytes it takes.
func command(s string) (string, int) {
	if s == "" {
		return "", 0
	}
	name := s[:len(s)-len(strings.TrimLeftFunc(s, func(r rune) bool { return r < utf8.RuneSelf && unicode.IsLetter(r) }))]
	if name == "" {
		_, n := utf8.DecodeRuneInString(s)
		name = s[:n]
	}
	rest := strings.TrimLeft(s[len(name):], " ")
	if of, ok := accents[name]; ok {
		arg := strings.TrimLeft(rest, "{ ")
		taken := len(s) - len(arg)
		if strings.HasPrefix(arg, `\i`) || strings.HasPrefix(arg, `\j`) { // an i without its dot
			arg, taken = arg[1:], taken+1
		}
		r, n := utf8.DecodeRuneInString(arg)
		if at := strings.IndexRune(of[0], r); n > 0 && at >= 0 {
			return string([]rune(of[1])[at]), taken + n
		}
		if n > 0 && unicode.IsLetter(r) { // a letter of which there is none with this accent here
			return string(r), taken + n
		}
		return "", len(name)
	}
	if l, ok := letters[name]; ok {
		return l, len(s) - len(rest)
	}
	if strings.Contains(`&%$#_{}`, name) {
		return name, len(name)
	}
	if name == `\` || name == "," || name == " " || name == "/" || name == "-" {
		return map[string]string{"/": "", "-": ""}[name] + strings.Repeat(" ", strings.Count(`\, `, name)), len(name)
	}
	return "", len(s) - len(rest)
}

package tokenizer

import (
	"fmt"
	"strings"
)

// alphabet is how byte-level vocabularies write bytes as visible characters:
// those that are visible in Latin-1 as themselves, the others from U+0100 on
// (Radford et al., 2019, the code of GPT-2).
type alphabet map[rune]byte

func newAlphabet() alphabet {
	a := alphabet{}
	next := rune(0x100)
	for b := range 256 {
		if b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae && b <= 0xff {
			a[rune(b)] = byte(b)
		} else {
			a[next] = byte(b)
			next++
		}
	}
	return a
}

// decode returns the bytes that a token's text stands for; ok is false when it
// has a character that stands for none.
func (a alphabet) decode(text string) (s string, ok bool) {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		c, ok := a[r]
		if !ok {
			return "", false
		}
		b = append(b, c)
	}
	return string(b), true
}

// byteToken is the byte that a token such as "<0x0A>" stands for.
func byteToken(text string) (b byte, ok bool) {
	if len(text) != 6 || !strings.HasPrefix(text, "<0x") {
		return 0, false
	}
	_, err := fmt.Sscanf(text, "<0x%02X>", &b)
	return b, err == nil && text == fmt.Sprintf("<0x%02X>", b)
}

package kgraph_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/rank"
)

var (
	collections = flag.String("collections", "", "a folder with the test collections of TestRecallCollections")
	heldBack    = flag.Bool("held-back", false, "ask the questions that are held back, too")
)

// collectionFiles are five test collections of information retrieval, as they have been
// distributed with SMART and by Glasgow, with the SHA-256 of their files: Cranfield
// (Cleverdon 1967), 225 questions that aeronautical engineers asked, on 1,400 abstracts of
// papers; CISI (Small 1973), questions of information scientists on 1,460 abstracts; CACM
// (Fox 1983), those of computer scientists on 3,204 titles and abstracts; Medline, 30 of
// physicians on 1,033 abstracts; NPL (Vaswani and Cameron 1970), 93 of physicists on 11,429
// titles with a line or two. The people who asked judged the answers, decades before this
// program. `.ci/peers recall` downloads them.
//
// Questions with an odd number of Cranfield and CISI choose how Recall ranks, and all of
// CACM. The others are held back: without -held-back they are not asked.
var collectionFiles = map[string]string{
	"cran.ALL": "fbb8935a93263ab6c9fadefb507fd7cd5e101e7fbeb31c12e6bff6dd501315e8",
	"cran.QRY": "99578ceb88941ef89c14faf7c63c23776a376d8fba319b990f01d0c601d8b03f",
	"cran.REL": "a90f56082cd44db70bf2c21ebca39a1a34e37c82ccb5ddf1bcc64f18795234c7",
	"CISI.ALL": "c751e11dcdce83a572a4fcfd67eea453bdb9ecfd7bc93c21e50fc792ba8fb9a0",
	"CISI.QRY": "b72de0e0cb8aa5c93ac988e5be0400cc18949d0a94913a248783a37dd97d5470",
	"CISI.REL": "f7396c92586c61953ccb7ae99ad8d3ac749ac3b989041fc93a9e311568f58997",
	"CACM.ALL": "10b28e355d4bd65916698da9bbc91e78f116de204b9b42bce0ce4e8b39babe42",
	"CACM.QRY": "07332cfcadad2570ce65146a701b4d93a91583c6f945fb32fad1a141b62dc0e4",
	"CACM.REL": "a027893039f4faf40b90a64a27322e85e1b0cc66f9634bb754a93ac4f81a75ca",
	"MED.ALL":  "87980b3ccb7f0aad3025bcbefbc0aa4882f9fdbce7868a0f2ab0c2e310460055",
	"MED.QRY":  "41fbc9d7a0ac8620d53e09b3429d2695cecc63d4bf7e15e55bbcee0785a1798c",
	"MED.REL":  "aef5ac922c08d5711ffd525985e03cda4272694e35f646deab90177f329ff575",
	"NPL.ALL":  "9a9a396da453eb0a6c659b1399ae6c551d11d04a68b6f0a4e21fc757e77c398f",
	"NPL.QRY":  "0f5e9a179334183cc3b04fe24d9bdfc3f656b08330e6798d8df5dc621bf8e6d5",
	"NPL.REL":  "73dec5698ac1cb212f03d6d979cb6ae99da7f303d7ca900f40cf0f06f5d93988",
}

// collected reads the texts of a file, which are numbered from 1: of each record in SMART's
// format the title and the words; in NPL's, all between the number and a slash.
func collected(t *testing.T, path string) (texts []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	field, plain := "", strings.HasPrefix(filepath.Base(path), "NPL")
	for line := range strings.Lines(string(raw)) {
		switch line = strings.TrimRight(line, "\r\n"); {
		case plain && line == fmt.Sprint(len(texts)+1), strings.HasPrefix(line, ".I "):
			texts, field = append(texts, ""), ""
		case plain && strings.TrimSpace(line) == "/" || len(texts) == 0:
		case len(line) == 2 && line[0] == '.':
			field = line[1:]
		case plain || field == "T" || field == "W":
			texts[len(texts)-1] += line + "\n"
		}
	}
	return texts
}

// judged are the relevant texts of each question, both counted from 1: a line for each two
// in most files, with zeros between them in Medline's; in NPL's a line with the question, the
// texts, and a slash.
func judged(t *testing.T, path string) map[int]map[int]bool {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[int]map[int]bool{}
	put := func(question, text int) {
		if all[question] == nil {
			all[question] = map[int]bool{}
		}
		all[question][text] = true
	}
	name := filepath.Base(path)
	if name == "NPL.REL" {
		for record := range strings.SplitSeq(string(raw), "/") {
			question := 0
			for i, field := range strings.Fields(record) {
				n, err := strconv.Atoi(field)
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					question = n
				} else {
					put(question, n)
				}
			}
		}
		return all
	}
	for line := range strings.Lines(string(raw)) {
		var question, none, text int
		n, _ := fmt.Sscan(line, &question, &text)
		if name == "MED.REL" {
			n, _ = fmt.Sscan(line, &question, &none, &text)
		}
		if n >= 2 {
			put(question, text)
		}
	}
	return all
}

// once is a question with each of its words once.
func once(question string) string {
	words := rank.Words(question)
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// TestRecallCollections compares Recall with plain BM25 on questions that others wrote
// and judged: the part of what is relevant that is among the first 5 and 10. There are two
// of BM25: one in which a word counts as often as the question has it, and one in which it
// counts once.
func TestRecallCollections(t *testing.T) {
	if *collections == "" {
		t.Skip("without -collections")
	}
	for name, want := range collectionFiles {
		raw, err := os.ReadFile(filepath.Join(*collections, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(raw)); got != want {
			t.Errorf("%s has the hash %s, want %s", name, got, want)
		}
	}
	var pooled recalls
	for _, name := range []string{"cran", "CISI", "CACM", "MED", "NPL"} {
		if !*heldBack && (name == "MED" || name == "NPL") {
			continue
		}
		path := filepath.Join(*collections, name)
		var s shelf
		plain := rank.NewTexts(rank.Words)
		for i, text := range collected(t, path+".ALL") {
			s = append(s, hobby.Insight{ID: fmt.Sprint(i + 1), At: day, Text: text})
			plain.Add(text)
		}
		g := shelved(t, s)
		relevant := judged(t, path+".REL")
		var found recalls
		for i, question := range collected(t, path+".QRY") {
			half := map[string]int{"cran": (i + 1) % 2, "CISI": (i + 1) % 2, "CACM": 1}[name]
			want := relevant[i+1]
			if len(want) == 0 || half == 0 && !*heldBack {
				continue
			}
			ours, err := g.Recall(t.Context(), question, 1_000_000, nil)
			if err != nil {
				t.Fatal(err)
			}
			var lists [3][]int
			for _, r := range ours[:min(len(ours), 10)] {
				n, err := strconv.Atoi(r.ID)
				if err != nil {
					t.Fatal(err)
				}
				lists[0] = append(lists[0], n)
			}
			for l, all := range [][]rank.Scored{plain.Find(question, 10, nil), plain.Find(once(question), 10, nil)} {
				for _, x := range all {
					lists[l+1] = append(lists[l+1], int(x.ID)+1)
				}
			}
			for j, k := range []int{5, 10} {
				for l, list := range lists {
					n := 0
					for _, id := range list[:min(len(list), k)] {
						n += bit(want[id])
					}
					found[half][j][l] = append(found[half][j][l], float64(n)/float64(len(want)))
				}
			}
		}
		compareRecall(t, fmt.Sprintf("%s, %d texts", name, len(s)), &found)
		for half := range found {
			for j := range found[half] {
				for l := range found[half][j] {
					pooled[half][j][l] = append(pooled[half][j][l], found[half][j][l]...)
				}
			}
		}
	}
	compareRecall(t, "all", &pooled)
}

// recalls are what was found of what is relevant to each question: held back or not, at 5
// or 10, by Recall or by one of BM25.
type recalls [2][2][3][]float64

// compareRecall tells how Recall did, and fails where it is worse beyond chance.
func compareRecall(t *testing.T, what string, found *recalls) {
	for half, name := range []string{"held back", "choosing"} {
		for j, k := range []int{5, 10} {
			ours := found[half][j][0]
			if len(ours) == 0 {
				continue
			}
			t.Logf("%s, %d questions %s: recall at %d is %.4f", what, len(ours), name, k, mean(ours))
			for l, of := range []string{"plain BM25", "BM25 with each word once"} {
				plain := found[half][j][l+1]
				better, worse := 0, 0
				for i := range ours {
					better += bit(ours[i] > plain[i])
					worse += bit(ours[i] < plain[i])
				}
				low, high := difference(plain, ours)
				t.Logf("    %s %.4f; %d better, %d worse; the difference lies between %+.4f and %+.4f", of, mean(plain), better, worse, low, high)
				if high < 0 {
					t.Errorf("%s, %s: recall at %d is below that of %s", what, name, k, of)
				}
			}
		}
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

package kgraph_test

import (
	"bufio"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/rank"
)

var (
	collections = flag.String("collections", "", "a folder with the test collections of TestRecallCollections")
	heldBack    = flag.Bool("held-back", false, "ask the questions that are held back, too")
)

// collectionFiles are three test collections of information retrieval, as they have been
// distributed with SMART, with the SHA-256 of their files: Cranfield (Cleverdon 1967), 225
// questions that aeronautical engineers asked, on 1,400 abstracts of papers; CISI (Small
// 1973), questions of information scientists on 1,460 abstracts; CACM (Fox 1983), those of
// computer scientists on 3,204 titles and abstracts. The people who asked judged the
// answers, decades before this program.
//
// Questions with an odd number choose how Recall ranks, and all of CACM. Those with an even
// one are held back: without -held-back they are not asked.
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
}

// smart reads the texts of a file in SMART's format: of each record the title and the
// words.
func smart(t *testing.T, path string) (texts []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	field := ""
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, ".I "):
			texts, field = append(texts, ""), ""
		case len(line) == 2 && line[0] == '.':
			field = line[1:]
		case field == "T" || field == "W":
			texts[len(texts)-1] += line + "\n"
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// judged are the relevant texts of each question, both counted from 1.
func judged(t *testing.T, path string) map[int]map[int]bool {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[int]map[int]bool{}
	for line := range strings.Lines(string(raw)) {
		var question, text int
		if n, _ := fmt.Sscan(line, &question, &text); n < 2 {
			continue
		}
		if all[question] == nil {
			all[question] = map[int]bool{}
		}
		all[question][text] = true
	}
	return all
}

// TestRecallCollections compares Recall with plain BM25 on questions that others wrote
// and judged: the part of what is relevant that is among the first 5 and 10.
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
	for _, name := range []string{"cran", "CISI", "CACM"} {
		path := filepath.Join(*collections, name)
		var s shelf
		plain := rank.NewTexts(rank.Words)
		for i, text := range smart(t, path+".ALL") {
			s = append(s, hobby.Insight{ID: fmt.Sprint(i + 1), At: day, Text: text})
			plain.Add(text)
		}
		g := shelved(t, s)
		relevant := judged(t, path+".REL")
		var found recalls
		for i, question := range smart(t, path+".QRY") {
			half := (i + 1) % 2
			if name == "CACM" {
				half = 1
			}
			want := relevant[i+1]
			if len(want) == 0 || half == 0 && !*heldBack {
				continue
			}
			var lists [2][]int
			for _, x := range plain.Find(question, 10) {
				lists[0] = append(lists[0], int(x.ID)+1)
			}
			ours, err := g.Recall(t.Context(), question, 1_000_000, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range ours[:min(len(ours), 10)] {
				var n int
				fmt.Sscan(r.ID, &n)
				lists[1] = append(lists[1], n)
			}
			for j, k := range []int{5, 10} {
				for l, list := range lists {
					n := 0
					for _, id := range list[:min(len(list), k)] {
						if want[id] {
							n++
						}
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
// or 10, by plain BM25 or by Recall.
type recalls [2][2][2][]float64

// compareRecall tells how Recall did, and fails where it is worse beyond chance.
func compareRecall(t *testing.T, what string, found *recalls) {
	for half, name := range []string{"held back", "choosing"} {
		for j, k := range []int{5, 10} {
			plain, ours := found[half][j][0], found[half][j][1]
			if len(ours) == 0 {
				continue
			}
			better, worse := 0, 0
			for i := range ours {
				better += bit(ours[i] > plain[i])
				worse += bit(ours[i] < plain[i])
			}
			low, high := difference(plain, ours)
			t.Logf("%s, %d questions %s: recall at %d is %.4f; plain BM25 %.4f; %d better, %d worse; the difference lies between %+.4f and %+.4f",
				what, len(ours), name, k, mean(ours), mean(plain), better, worse, low, high)
			if high < 0 {
				t.Errorf("%s, %s: recall at %d is below plain BM25's", what, name, k)
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

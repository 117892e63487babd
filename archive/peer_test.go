package archive_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/archive"
)

var peerDir = flag.String("peer", "", "write an archive for other programs to read to this folder; see .ci/peers.d/parquet")

// TestWriteForPeers writes files, and the counts and sums that are in them.
func TestWriteForPeers(t *testing.T) {
	if *peerDir == "" {
		t.Skip("only with -peer")
	}
	k := filled(t, *peerDir, wraps{})
	all := everything(t, k.store)
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	type table struct {
		Rows   int    `json:"rows"`
		Column string `json:"column"`
		Sum    int64  `json:"sum"`
	}
	a, i, n := table{Column: "engaged_ns"}, table{Column: "tokens_in"}, table{Column: "confidence"}
	for _, s := range all {
		if !s.Activity.Started.Before(before) {
			continue
		}
		a.Rows++
		a.Sum += int64(s.Activity.Engaged)
		for _, item := range s.Items {
			i.Rows++
			i.Sum += int64(item.TokensIn)
		}
		for _, insight := range s.Insights {
			n.Rows++
			n.Sum += int64(2 * insight.Confidence) // 1 and 0.5: whole numbers of halves
		}
	}
	raw := must(json.Marshal(map[string]table{"activities": a, "items": i, "insights": n}))(t)
	if err := os.WriteFile(filepath.Join(*peerDir, "want.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

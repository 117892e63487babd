package reading_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/reading"
)

// A hobby is usually given to hobby.New, whose Manager decides when to practise it.
func Example() {
	dir, err := os.MkdirTemp("", "reading")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	text := "# Ledger\n\nA ledger is a list of what was paid. It is kept by the audit office (AO).\n\nSee [the accounts](#accounts).\n"
	if err := os.WriteFile(filepath.Join(dir, "ledger.md"), []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
	h, err := reading.New(dir, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	s, err := hobby.Practise(context.Background(), h, hobby.Plan{Kind: h.Kind}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, i := range s.Insights {
		fmt.Println(i.Text)
	}
	// Output:
	// ledger.md:5 links to #accounts, and no heading of the document has this anchor
	// AO stands for audit office (ledger.md:3)
	// Ledger is defined at ledger.md:3: “A ledger is a list of what was paid.”
}

package gocode_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
)

// A hobby is usually given to hobby.New, whose Manager decides when to practise it.
func Example() {
	dir, err := os.MkdirTemp("", "gocode")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	code := "// Package tax computes taxes.\npackage tax\n\nfunc Rate(income, age, children, debts, pensions, donations, rents int) int { return 0 }\n"
	if err := os.WriteFile(filepath.Join(dir, "tax.go"), []byte(code), 0o600); err != nil {
		log.Fatal(err)
	}
	h, err := gocode.New(dir, nil, nil)
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
	// Rate at tax.go:4 takes 7 parameters
	// the tree has 4 lines of Go in 1 folders, and 0 lines of tests
	// tax.go has 1 exported declarations without a comment: Rate
}

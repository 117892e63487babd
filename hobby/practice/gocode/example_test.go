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
	code := "// Package tax computes taxes.\npackage tax\n\n// Rate is seperate of the rest.\nfunc Rate(income int) int { return income / 3 }\n\nfunc old() {}\n"
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
	// a declaration is named nowhere in its folder: old (tax.go:7)
	// a comment has a mistake of writing: “seperate” should be “separate” (tax.go:4)
}

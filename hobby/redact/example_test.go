package redact_test

import (
	"fmt"
	"log"

	"github.com/pastime-go/pastime/hobby/redact"
)

func ExampleRedactor_Redact() {
	r := redact.Default()
	fmt.Println(r.Redact("Ask jane" + "@example.com for the key, or set API_KEY=" + "9f86d081884c7d659a2feaa0c55ad015."))
	fmt.Println(r.Counts()["e-mail address"])
	// Output:
	// Ask [redacted: e-mail address] for the key, or set API_KEY=[redacted: secret].
	// 1
}

// A host adds what its own secrets look like.
func ExampleNew() {
	badge := redact.Rule{Name: "badge number", Starts: []string{"badge "}, Pattern: `badge ([0-9]{6})`}
	r, err := redact.New(append(redact.Rules(), badge)...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Redact("badge 271828 opens the door"))
	// Output: badge [redacted: badge number] opens the door
}

package natsserver_test

import (
	"fmt"
	"log"
	"os"

	"github.com/pastime-go/pastime/subagent/natsagent/natsserver"
)

func Example() {
	dir, err := os.MkdirTemp("", "nats")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server, err := natsserver.Start(&natsserver.Options{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	nc, err := server.Connect()
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	fmt.Println("connected:", nc.IsConnected())
	fmt.Println("others can connect:", server.URL() != "")
	// Output:
	// connected: true
	// others can connect: false
}

package gym_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/gym"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

// Some of reasoning-gym's data sets are practised beside the library's own families. It needs
// a Python with the package.
func Example() {
	ctx := context.Background()
	g, err := gym.Open(ctx, []string{"/opt/gym/bin/python"}, &gym.Options{Datasets: []string{"leg_counting", "countdown"}})
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	for name, why := range g.Refused() {
		fmt.Println(name, "is not offered:", why)
	}
	suite, err := practice.NewSuite(append(practice.Families(), g.Families()...)...)
	if err != nil {
		log.Fatal(err)
	}
	model, err := tiny.Open(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	kit, err := pastime.Open(ctx, "agent.db", model, &pastime.Options{Suite: suite})
	if err != nil {
		log.Fatal(err)
	}
	defer kit.Close()
	if err := kit.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

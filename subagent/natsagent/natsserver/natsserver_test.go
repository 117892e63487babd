package natsserver_test

import (
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/pastime-go/pastime/subagent/natsagent/natsserver"
)

func TestRefusals(t *testing.T) {
	for want, o := range map[string]*natsserver.Options{
		"Options.Dir is empty":   {},
		"want host:port":         {Dir: t.TempDir(), Addr: "4222"},
		"must be 0 to 65535":     {Dir: t.TempDir(), Addr: "127.0.0.1:x"},
		"Options.ClusterAddr":    {Dir: t.TempDir(), Cluster: "c"},
		"Addr \"0.0.0.0:0\" can": {Dir: t.TempDir(), Addr: "0.0.0.0:0"},
		"Addr \":0\" can":        {Dir: t.TempDir(), Addr: ":0"},
	} {
		if _, err := natsserver.Start(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error with %q", *o, err, want)
		}
	}
}

// TestBeyondThisMachine listens on every interface, with either kind of secret.
func TestBeyondThisMachine(t *testing.T) {
	for _, o := range []*natsserver.Options{
		{Dir: t.TempDir(), Addr: "0.0.0.0:0", Token: "a secret"},
		{Dir: t.TempDir(), Addr: "0.0.0.0:0", Configure: func(o *server.Options) error {
			o.Users = []*server.User{{Username: "agent", Password: "a secret"}}
			return nil
		}},
	} {
		s, err := natsserver.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

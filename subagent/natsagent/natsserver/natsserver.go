// Package natsserver runs a NATS server with JetStream in the process: all that
// one machine needs, and a member of a cluster for more.
//
//	server, err := natsserver.Start(&natsserver.Options{Dir: "pastime-data/nats"})
//	defer server.Close()
//	nc, err := server.Connect(natsagent.ConnectOptions("coordinator")...)
package natsserver

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Options configures a server.
type Options struct {
	// Dir is where messages are kept. It must be set.
	Dir string
	// Addr is where agents connect, such as "0.0.0.0:4222". Default "": only
	// this process, through Connect. Start refuses one beyond this machine
	// without a Token or a Configure, which may set users or certificates.
	Addr string
	// Token, when set, is what clients must know.
	Token string
	// Name, Cluster, ClusterAddr and Routes make it a member of a cluster:
	// its own name, the cluster's, where the others reach it, and where it
	// reaches them. Whoever reaches ClusterAddr may join, unless Configure sets
	// the cluster's own credentials: keep it within a network of the members.
	Name, Cluster, ClusterAddr string
	Routes                     []string
	// Configure, when set, changes the server's own options last.
	Configure func(*server.Options) error
}

// Server is a running server.
type Server struct {
	s     *server.Server
	token string
}

// startTime bounds how long a server may take to come up.
const startTime = 30 * time.Second

// Start runs a server. Every message is on the disk before it is acknowledged,
// so that even a power failure loses none; in a cluster the other members are
// the safety, and the disk follows within two minutes.
func Start(o *Options) (*Server, error) {
	if o == nil || o.Dir == "" {
		return nil, errors.New("natsserver: Options.Dir is empty, must name a directory for messages")
	}
	opts := &server.Options{
		ServerName: o.Name, JetStream: true, StoreDir: o.Dir, SyncAlways: o.Cluster == "", MaxPayload: 8 << 20, NoLog: true, NoSigs: true,
		DontListen: o.Addr == "", Authorization: o.Token,
	}
	var err error
	if o.Addr != "" {
		if opts.Host, opts.Port, err = hostPort(o.Addr); err != nil {
			return nil, fmt.Errorf("natsserver: Options.Addr: %w", err)
		}
		if o.Token == "" && o.Configure == nil && !loopback(opts.Host) {
			return nil, fmt.Errorf("natsserver: Options.Addr %q can be reached from other machines: set a Token, or users with Configure", o.Addr)
		}
	}
	if o.Cluster != "" {
		opts.Cluster.Name = o.Cluster
		if opts.Cluster.Host, opts.Cluster.Port, err = hostPort(o.ClusterAddr); err != nil {
			return nil, fmt.Errorf("natsserver: Options.ClusterAddr: %w", err)
		}
		for _, r := range o.Routes {
			opts.Routes = append(opts.Routes, server.RoutesFromStr("nats://"+r)...)
		}
	}
	if o.Configure != nil {
		if err := o.Configure(opts); err != nil {
			return nil, fmt.Errorf("natsserver: configuring: %w", err)
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("natsserver: making the server: %w", err)
	}
	go s.Start()
	if !s.ReadyForConnections(startTime) {
		s.Shutdown()
		return nil, fmt.Errorf("natsserver: the server did not come up within %v", startTime)
	}
	return &Server{s: s, token: o.Token}, nil
}

// URL is where agents connect; "" when only this process can.
func (s *Server) URL() string {
	if s.s.Addr() == nil {
		return ""
	}
	return s.s.ClientURL()
}

// Connect connects this process, without a network.
func (s *Server) Connect(o ...nats.Option) (*nats.Conn, error) {
	o = append(o, nats.InProcessServer(s.s))
	if s.token != "" {
		o = append(o, nats.Token(s.token))
	}
	nc, err := nats.Connect("", o...)
	if err != nil {
		return nil, fmt.Errorf("natsserver: connecting: %w", err)
	}
	return nc, nil
}

// Close ends the server; connections to it try to reconnect.
func (s *Server) Close() error {
	s.s.Shutdown()
	s.s.WaitForShutdown()
	return nil
}

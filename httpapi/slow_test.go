package httpapi_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/httpapi"
)

// pipes is a listener whose connections are in memory, so that their time-outs
// are the bubble's.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// TestSlowClientsAreLetGo has clients that stop in the middle of everything
// there is. The server lets each go within three minutes, and no goroutine is left:
// the bubble would not end.
func TestSlowClientsAreLetGo(t *testing.T) {
	for name, c := range map[string]struct {
		send   string // then silence
		events int    // sessions that fill the stream of a reader that stopped
	}{
		"nothing":       {send: ""},
		"half a header": {send: "POST /hobby/run HTTP/1.1\r\nHo"},
		"half a body":   {send: "POST /hobby/run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"},
		"endless chunks": {send: "POST /hobby/run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n" +
			"\r\n1\r\n{\r\n"},
		"a stream not read":   {send: "GET /hobby/events?last_event_id=0 HTTP/1.1\r\nHost: x\r\n\r\n", events: 3},
		"an answer not read":  {send: "GET /hobby/progress HTTP/1.1\r\nHost: x\r\n\r\n"},
		"a body nobody wants": {send: "GET /hobby/status HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hobbytest.Says("no idea"), nil)
				for range c.events {
					if _, err := w.manager.RunOnce(t.Context(), hobby.SkillPractice); err != nil {
						t.Fatal(err)
					}
				}
				ln := newPipes()
				srv := httpapi.Server(w)
				ended := make(chan error, 1)
				go func() { ended <- srv.Serve(ln) }()
				conn := ln.dial()
				if _, err := io.WriteString(conn, c.send); err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				gone := make(chan struct{})
				go func() {
					defer close(gone)
					if c.events > 0 || strings.Contains(name, "not read") {
						time.Sleep(time.Minute) // the bubble's
					}
					_, _ = io.Copy(io.Discard, conn)
				}()
				<-gone
				if d := time.Since(begin); d > 3*time.Minute {
					t.Errorf("let go after %v", d)
				}
				if err := errors.Join(conn.Close(), srv.Close()); err != nil {
					t.Error(err)
				}
				if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}

// TestAnAnswerNobodyReads has a client ask for a large answer and read none of it: the server
// lets it go. One that reads slowly gets all of it, and the next answer on its connection.
func TestAnAnswerNobodyReads(t *testing.T) {
	for name, slow := range map[string]bool{"reads nothing": false, "reads slowly": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ln := newPipes()
				srv := httpapi.Server(newWorld(t, nil, nil))
				ended := make(chan error, 1)
				go func() { ended <- srv.Serve(ln) }()
				conn := ln.dial()
				in := bufio.NewReader(conn)
				for i := range 2 {
					const request = "GET /hobby/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
					if _, err := io.WriteString(conn, request); err != nil {
						t.Fatal(err)
					}
					if !slow {
						time.Sleep(30 * time.Second)
						if all, err := io.ReadAll(in); err != nil || len(all) > 0 {
							t.Errorf("after half a minute there are %d bytes to read, %v", len(all), err)
						}
						break
					}
					resp, err := http.ReadResponse(in, nil)
					if err != nil {
						t.Fatalf("answer %d: %v", i, err)
					}
					begin, n := time.Now(), 0
					for part := make([]byte, 4<<10); err == nil; time.Sleep(time.Second) {
						var m int
						m, err = io.ReadFull(resp.Body, part)
						n += m
					}
					if took := time.Since(begin); !errors.Is(err, io.ErrUnexpectedEOF) || int64(n) != resp.ContentLength && resp.ContentLength >= 0 ||
						took < 45*time.Second {
						t.Errorf("answer %d: %d bytes of %d in %v, %v", i, n, resp.ContentLength, took, err)
					}
					time.Sleep(time.Minute)
				}
				if err := errors.Join(conn.Close(), srv.Close()); err != nil {
					t.Error(err)
				}
				if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}

// TestAGoodClientIsServedThroughPipes shows that the test above tests what it
// says: the same listener serves a client that behaves.
func TestAGoodClientIsServedThroughPipes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, nil)
		ln := newPipes()
		srv := httpapi.Server(w)
		ended := make(chan error, 1)
		go func() { ended <- srv.Serve(ln) }()
		conn := ln.dial()
		if _, err := io.WriteString(conn, "GET /hobby/config HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		if err := errors.Join(conn.Close(), srv.Close()); err != nil {
			t.Error(err)
		}
		<-ended
	})
}

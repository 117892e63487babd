package child

import (
	"io"
	"os/exec"
	"runtime/metrics"
)

// Group is a process with the processes that it starts, and those that they start.
type Group struct {
	cmd *exec.Cmd
	group
}

// Start starts a command as a group. On Windows the group may use this much memory, in
// bytes, 0 for any amount, and ends when this process does. Elsewhere the process must
// see to both itself, with [Memory] and [Orphaned].
func Start(c *exec.Cmd, memory int64) (*Group, error) {
	g := &Group{cmd: c}
	return g, g.start(c, memory)
}

// Kill ends the whole group at once, and frees it. A daemon, which has left its session, goes
// on. It must be called, best before the command's Wait: later, the number of the group may be
// another's. Kill may be called several times, by several goroutines.
func (g *Group) Kill() { g.kill(g.cmd) }

// Orphaned waits until standard input closes, as it does when the process dies that
// started this one, and then ends this process with its group.
func Orphaned(stdin io.Reader) {
	_, _ = io.Copy(io.Discard, stdin)
	EndGroup()
}

// own is the memory that Go's runtime of this process has from the system, in bytes.
func own() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}

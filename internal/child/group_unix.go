//go:build unix

package child

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// group is a session of processes. A process group would not do: x/tools starts the go
// command in one of its own.
type group struct{}

func (group) start(c *exec.Cmd, _ int64) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return c.Start()
}

func (group) kill(c *exec.Cmd) {
	_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	killSession(c.Process.Pid)
}

// EndGroup ends this process, and those that it started when it was started by [Start].
func EndGroup() {
	pid := os.Getpid()
	if leader, err := unix.Getsid(pid); err == nil && leader == pid {
		killSession(pid)
	}
	os.Exit(1)
}

// killSession kills the processes of a session but for this process, and those that they
// start meanwhile.
func killSession(leader int) {
	killed := map[int]bool{os.Getpid(): true}
	for more := true; more; {
		more = false
		for _, pid := range running() {
			if killed[pid] {
				continue
			}
			if s, err := unix.Getsid(pid); err == nil && s == leader {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				killed[pid], more = true, true
			}
		}
	}
}

// running lists the processes of this machine.
func running() (pids []int) {
	var names []string
	if runtime.GOOS == "linux" {
		names, _ = filepath.Glob("/proc/[0-9]*")
	} else {
		text, _ := exec.Command("ps", "-A", "-o", "pid=").Output()
		names = strings.Fields(string(text))
	}
	for _, name := range names {
		if pid, err := strconv.Atoi(filepath.Base(name)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

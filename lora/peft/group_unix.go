//go:build unix

package peft

import (
	"os/exec"
	"syscall"
)

// group lets kill end a process with all that it started.
func group(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func kill(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }

//go:build !unix

package peft

import "os/exec"

func group(*exec.Cmd) {}

func kill(c *exec.Cmd) { _ = c.Process.Kill() }

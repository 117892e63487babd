// Package childtest finds processes, for tests of what is left of them.
package childtest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// Carrying lists the processes that were started with a setting "NAME=value" in their
// environment, wherever they are in the tree of processes. There are none on systems without
// /proc; see [Tells].
func Carrying(setting string) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended, or is another user's
		}
		if bytes.Contains(append([]byte{0}, text...), append([]byte{0}, setting+"\x00"...)) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// Tells reports whether this system tells the environment of its processes.
func Tells() bool {
	_, err := os.ReadFile("/proc/self/environ")
	return err == nil
}

// Names are the names of the programs that processes run.
func Names(pids []int) (names []string) {
	for _, pid := range pids {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
		if err == nil {
			names = append(names, string(bytes.TrimSpace(text)))
		}
	}
	return names
}

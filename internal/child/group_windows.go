package child

import (
	"os"
	"os/exec"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a job object. Its handle closes with this process, which ends the job.
type group struct {
	once sync.Once
	job  windows.Handle
}

func (g *group) start(c *exec.Cmd, memory int64) error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return os.NewSyscallError("CreateJobObject", err)
	}
	g.job = job
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if memory > 0 {
		limits.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_JOB_MEMORY
		limits.JobMemoryLimit = uintptr(memory)
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		_ = windows.CloseHandle(job)
		return os.NewSyscallError("SetInformationJobObject", err)
	}
	if err := c.Start(); err != nil {
		_ = windows.CloseHandle(job)
		return err
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(c.Process.Pid))
	if err == nil {
		err = windows.AssignProcessToJobObject(job, process)
		_ = windows.CloseHandle(process)
	}
	if err != nil {
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = windows.CloseHandle(job)
		return os.NewSyscallError("AssignProcessToJobObject", err)
	}
	return nil
}

func (g *group) kill(c *exec.Cmd) {
	g.once.Do(func() {
		if windows.TerminateJobObject(g.job, 1) != nil {
			_ = c.Process.Kill()
		}
		_ = windows.CloseHandle(g.job)
	})
}

// EndGroup ends this process. Its job ends what it started, once the process that made the
// job has noticed or died.
func EndGroup() { os.Exit(1) }

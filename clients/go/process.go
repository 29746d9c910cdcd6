// The emulator as a child process: its log, its end, and a guard that ends it with this process.

package ecslocal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// How long an emulator may take to end when it is told to.
	stopTimeout = 5 * time.Second

	// How much of the log is kept.
	logKept = 64 * 1024
)

// A process is a started emulator.
type process struct {
	command *exec.Cmd
	log     *log
	guard   *guard
	ended   chan struct{} // closed once it has ended

	stopping sync.Once
	stopped  error
}

// startProcess starts a binary and waits until it listens; it gives the address.
func startProcess(binary string, arguments []string) (*process, string, error) {
	command := exec.Command(binary, arguments...)
	command.Env = environment()
	p := &process{command: command, log: newLog(), ended: make(chan struct{})}
	command.Stderr = p.log
	if err := command.Start(); err != nil {
		return nil, "", &StartError{Binary: binary, Err: err}
	}
	p.guard = newGuard(command.Process.Pid)
	go p.await()

	failed := func(why error) (*process, string, error) {
		return nil, "", &StartError{Binary: binary, Stderr: p.log.String(), Err: why}
	}
	select {
	case address := <-p.log.address:
		return p, address, nil
	case <-p.ended:
		return failed(fmt.Errorf("it ended: %s", command.ProcessState))
	case <-time.After(startTimeout):
		_ = p.stop()
		return failed(fmt.Errorf("it did not listen within %s", startTimeout))
	}
}

// environment is that of this process without the settings meant for another emulator.
func environment() []string {
	var own []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "ECS_LOCAL_") {
			own = append(own, variable)
		}
	}
	return own
}

// await waits for the end of the process, and for the end of its log.
func (p *process) await() {
	// What it ended with stands in ProcessState as well.
	_ = p.command.Wait()
	p.guard.release()
	close(p.ended)
}

// stop ends the process. The error tells that it had ended before.
func (p *process) stop() error {
	p.stopping.Do(func() {
		select {
		case <-p.ended:
			p.stopped = fmt.Errorf("ecs-local had ended by itself: %s\n%s",
				p.command.ProcessState, p.log)
			return
		default:
		}
		_ = p.command.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(stopTimeout):
			_ = p.command.Process.Kill()
			<-p.ended
		}
	})
	return p.stopped
}

// A log is the latest of what a process has written, and the address it says it listens on.
type log struct {
	mutex   sync.Mutex
	text    []byte
	isFound bool
	address chan string // gets one address
}

var listens = regexp.MustCompile(`listens on http://(\S+)\n`)

func newLog() *log {
	return &log{address: make(chan string, 1)}
}

// Write takes what the process writes.
func (l *log) Write(piece []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.text = append(l.text, piece...)
	if !l.isFound {
		if found := listens.FindSubmatch(l.text); found != nil {
			l.isFound = true
			l.address <- string(found[1])
		}
	}
	if excess := len(l.text) - logKept; excess > 0 {
		l.text = append([]byte(nil), l.text[excess:]...)
	}
	return len(piece), nil
}

func (l *log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return string(l.text)
}

// A guard ends a process when this one is gone, killed even: its shell waits for the end of a pipe
// whose other end this process alone holds. The nil guard does nothing.
type guard struct {
	shell *exec.Cmd
	pipe  io.WriteCloser
}

// newGuard is nil where there is no shell.
func newGuard(pid int) *guard {
	shell := exec.Command("sh", "-c", `read -r _ || kill "$0"`, strconv.Itoa(pid))
	pipe, err := shell.StdinPipe()
	if err := errors.Join(err, shell.Start()); err != nil {
		return nil
	}
	return &guard{shell: shell, pipe: pipe}
}

// release lets the guard go without ending the process.
func (g *guard) release() {
	if g == nil {
		return
	}
	_, _ = io.WriteString(g.pipe, "\n")
	_ = g.pipe.Close()
	_ = g.shell.Wait()
}

// Starting an emulator: where its binary is, its settings, and the wait until it listens.

package ecslocal

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"testing"
	"time"
)

// How long an emulator may take until it listens.
const startTimeout = 30 * time.Second

// Option is a setting of an emulator that is started.
type Option func(*settings)

type settings struct {
	binary    string
	listen    string
	token     string
	arguments []string
}

func (s *settings) add(arguments ...string) {
	s.arguments = append(s.arguments, arguments...)
}

// WithBinary says where the emulator's binary is; by default $ECS_LOCAL_BIN, else ecs-local on PATH.
func WithBinary(path string) Option {
	return func(s *settings) { s.binary = path }
}

// WithListen says the address to listen on, IP:PORT; by default 127.0.0.1 with a free port, which port
// 0 takes.
func WithListen(address string) Option {
	return func(s *settings) { s.listen = address }
}

// WithControlToken says what callers of the control interface must show. By default nothing is asked
// for on a loopback address, and a random token elsewhere.
func WithControlToken(token string) Option {
	return func(s *settings) { s.token = token }
}

// WithSeed decides every id: with a manual clock, the same calls give the same bytes.
func WithSeed(seed uint64) Option {
	return func(s *settings) { s.add("--seed", strconv.FormatUint(seed, 10)) }
}

// WithManualClock lets every account's clock stand still until it is moved.
func WithManualClock() Option {
	return func(s *settings) { s.add("--clock", "manual") }
}

// WithScenario names a scenario file whose world every account begins with.
func WithScenario(path string) Option {
	return func(s *settings) { s.add("--scenario", path) }
}

// WithAsOf lets the emulator answer as the documentation of a day, yyyy-mm-dd.
func WithAsOf(date string) Option {
	return func(s *settings) { s.add("--as-of", date) }
}

// WithSignatures says what is done about signatures: "off", "log" or "strict".
func WithSignatures(mode string) Option {
	return func(s *settings) { s.add("--signatures", mode) }
}

// WithDataDir names a folder in which the emulator keeps its worlds from one start to the next.
func WithDataDir(path string) Option {
	return func(s *settings) { s.add("--data", path) }
}

// WithArgs adds other arguments of the command line, besides --listen, --control-token and --log.
func WithArgs(arguments ...string) Option {
	return func(s *settings) { s.add(arguments...) }
}

// StartError tells why an emulator did not start.
type StartError struct {
	// Binary is what was to be started.
	Binary string
	// Stderr is what it wrote there, the latest 64 KiB.
	Stderr string
	// Err is what went wrong.
	Err error
}

func (e *StartError) Error() string {
	text := fmt.Sprintf("ecs-local: %s did not start: %v", e.Binary, e.Err)
	if e.Stderr != "" {
		text += "\n" + e.Stderr
	}
	return text
}

// Unwrap gives what went wrong.
func (e *StartError) Unwrap() error { return e.Err }

// Start starts an emulator for a test and stops it when the test has ended. The test fails at once
// where it does not start, and at the end where it has ended before by itself. Of a test that failed,
// what the emulator logged is logged. Variables ECS_LOCAL_… of the environment, other than
// ECS_LOCAL_BIN, are not passed on: they are meant for another emulator.
func Start(t testing.TB, options ...Option) *Emulator {
	t.Helper()
	emulator, err := Launch(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := emulator.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("ecs-local logged:\n%s", emulator.Log())
		}
	})
	return emulator
}

// Launch starts an emulator as [Start] does, for TestMain and wherever else there is no testing.TB. It
// waits until the emulator listens; the error is a [*StartError]. The caller stops it; where the
// caller's process ends in any other way, a shell beside the emulator ends it.
func Launch(options ...Option) (*Emulator, error) {
	chosen := settings{
		binary: firstOf(os.Getenv("ECS_LOCAL_BIN"), "ecs-local"),
		listen: "127.0.0.1:0",
	}
	for _, option := range options {
		option(&chosen)
	}
	if chosen.token == "" && !isLoopback(chosen.listen) {
		chosen.token = randomHex(16)
	}
	process, address, err := startProcess(chosen.binary, chosen.commandLine())
	if err != nil {
		return nil, err
	}
	emulator := newEmulator("http://"+reachable(address), chosen.token)
	emulator.process = process
	return emulator, nil
}

// commandLine is the arguments. The log names the address at level info.
func (s *settings) commandLine() []string {
	arguments := []string{"--listen", s.listen, "--log", "info"}
	if s.token != "" {
		arguments = append(arguments, "--control-token", s.token)
	}
	return append(arguments, s.arguments...)
}

func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// reachable is where an emulator is reached that listens on an address, which may be every one of the
// machine.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return address
	case host == "0.0.0.0":
		return net.JoinHostPort("127.0.0.1", port)
	case host == "::":
		return net.JoinHostPort("::1", port)
	default:
		return address
	}
}

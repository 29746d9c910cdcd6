// Starting, stopping and connecting: the settings, the errors, and what becomes of the emulator when
// its test run ends.

package ecslocal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// isUp tells whether something listens there.
func isUp(host string) bool {
	connection, err := net.Dial("tcp", host)
	if err != nil {
		return false
	}
	connection.Close()
	return true
}

func TestStartLastsAsLongAsItsTest(t *testing.T) {
	var emulator *Emulator
	t.Run("inner", func(t *testing.T) {
		emulator = Start(t)
		equal(t, "health", must(emulator.Health())(t).Status, "ok")
		equal(t, "clock stands still", must(emulator.NewAccount().Clock())(t).Frozen, false)
		equal(t, "url", emulator.URL(), "http://"+emulator.Host())
		equal(t, "token", emulator.ControlToken(), "")
	})
	equal(t, "is up", isUp(emulator.Host()), false)
	contains(t, "log", emulator.Log(), "listens on "+emulator.URL())
}

func TestLaunchAndStop(t *testing.T) {
	emulator := must(Launch())(t)
	equal(t, "health", must(emulator.Health())(t).Status, "ok")
	succeeds(t, emulator.Stop())
	equal(t, "is up", isUp(emulator.Host()), false)
	// It was asked to end, not killed: what it has to write it could write.
	equal(t, "exit status", emulator.process.command.ProcessState.ExitCode(), 0)
	equal(t, "end of the guard", emulator.process.guard.shell.ProcessState.String(), "exit status 0")
	succeeds(t, emulator.Stop())
}

func TestStopTellsThatItHadEnded(t *testing.T) {
	emulator := must(Launch())(t)
	succeeds(t, emulator.process.command.Process.Kill())
	<-emulator.process.ended
	err := emulator.Stop()
	if err == nil {
		t.Fatal("no error of an emulator that was killed")
	}
	contains(t, "error", err.Error(), "ended by itself: signal: killed")
	contains(t, "error", err.Error(), "listens on")
}

func TestOptionsAreArguments(t *testing.T) {
	options := []Option{
		WithBinary("b"), WithListen("l"), WithControlToken("c"), WithSeed(7), WithManualClock(),
		WithScenario("s"), WithAsOf("2019-05-21"), WithSignatures("off"), WithDataDir("d"),
		WithArgs("--cooldown", "off"),
	}
	var chosen settings
	for _, option := range options {
		option(&chosen)
	}
	equal(t, "binary", chosen.binary, "b")
	equal(t, "arguments", strings.Join(chosen.commandLine(), " "),
		"--listen l --log info --control-token c --seed 7 --clock manual --scenario s "+
			"--as-of 2019-05-21 --signatures off --data d --cooldown off")
}

func TestSeedDecidesIDs(t *testing.T) {
	created := func(options ...Option) string {
		a := Start(t, options...).Account("same-key")
		got := call(t, a, "RunInstances", "RegionId", "cn-hangzhou", "InstanceType", "ecs.g6.large",
			"ImageId", "aliyun_3_x64_20G_alibase_20240528.vhd",
			"VSwitchId", "vsw-hangzhou-h", "SecurityGroupId", "sg-hangzhou")
		return only(t, got.InstanceIDSets.InstanceIDSet)
	}
	one := created(WithSeed(7), WithManualClock())
	equal(t, "id of the same seed", created(WithSeed(7), WithManualClock()), one)
	if other := created(WithSeed(8), WithManualClock()); other == one {
		t.Errorf("the id of another seed is %s too", other)
	}
}

func TestScenarioAndAsOf(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "scenario.toml")
	text := `about = "One instance."
clock = "2027-03-04T05:06:07Z"
[given.instance.i-only]
status = "Running"
instance_type = "ecs.g6.large"
`
	succeeds(t, os.WriteFile(scenario, []byte(text), 0o600))
	emulator := Start(t, WithScenario(scenario), WithManualClock(), WithAsOf("2019-05-21"))
	a := emulator.NewAccount()
	equal(t, "status", status(t, a, "i-only"), any("Running"))
	equal(t, "moment", must(a.Clock())(t).Now, time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC))

	answered := call(t, a, "ModifyInstanceSpec", "InstanceId", "i-only", "InstanceType", nothing)
	equal(t, "page", must(a.Why(answered.RequestID))(t).Page, "2019-05-21")
}

func TestWorldsAreKeptFromOneStartToTheNext(t *testing.T) {
	folder := t.TempDir()
	first := must(Launch(WithDataDir(folder), WithManualClock()))(t)
	stop(t, first.Account("mine"))
	now := must(first.Account("mine").Clock())(t)
	succeeds(t, first.Stop())

	second := Start(t, WithDataDir(folder), WithManualClock())
	equal(t, "folder", must(second.Health())(t).Data.Directory, folder)
	equal(t, "status", status(t, second.Account("mine"), "i-web"), any("Stopping"))
	equal(t, "clock", must(second.Account("mine").Clock())(t), now)
	equal(t, "status of another", status(t, second.NewAccount(), "i-web"), any("Running"))
}

func TestSignaturesAreAskedFor(t *testing.T) {
	a := Start(t, WithSignatures("strict")).NewAccount()
	equal(t, "status", call(t, a, "DescribeRegions").status, 400)
}

func TestBinaryIsTheOneSaid(t *testing.T) {
	real, err := exec.LookPath(firstOf(os.Getenv("ECS_LOCAL_BIN"), "ecs-local"))
	succeeds(t, err)
	folder := t.TempDir()
	succeeds(t, os.Symlink(real, filepath.Join(folder, "ecs-local")))

	t.Setenv("ECS_LOCAL_BIN", nothing)
	_, err = Launch()
	contains(t, "error", fmt.Sprint(err), nothing+" did not start")
	Start(t, WithBinary(real))

	t.Setenv("ECS_LOCAL_BIN", "")
	t.Setenv("PATH", folder)
	// Without a shell on the PATH there is no guard, and an emulator all the same.
	emulator := Start(t)
	equal(t, "health", must(emulator.Health())(t).Status, "ok")
}

func TestBinaryThatIsMissing(t *testing.T) {
	_, err := Launch(WithBinary(filepath.Join(t.TempDir(), nothing)))
	var failed *StartError
	if !errors.As(err, &failed) || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%v is no *StartError of a missing file", err)
	}
	contains(t, "binary", failed.Binary, nothing)
}

func TestBinaryThatRefusesItsArguments(t *testing.T) {
	_, err := Launch(WithArgs("--no-such-option"))
	var failed *StartError
	if !errors.As(err, &failed) {
		t.Fatalf("%v is no *StartError", err)
	}
	contains(t, "stderr", failed.Stderr, "--no-such-option")
	contains(t, "error", err.Error(), "it ended: exit status 2\nerror: ")
}

func TestBinaryThatSaysNothing(t *testing.T) {
	_, err := Launch(WithBinary("true"))
	contains(t, "error", fmt.Sprint(err), "true did not start: it ended: exit status 0")
}

func TestSettingsOfAnotherEmulatorAreNotPassedOn(t *testing.T) {
	t.Setenv("ECS_LOCAL_CLOCK", "manual")
	t.Setenv("ECS_LOCAL_CONTROL_TOKEN", "of another")
	t.Setenv("ECS_LOCAL_LISTEN", "nonsense")
	clock := must(Start(t).NewAccount().Clock())(t)
	equal(t, "clock stands still", clock.Frozen, false)
}

func TestTokenIsAskedFor(t *testing.T) {
	emulator := Start(t, WithListen("0.0.0.0:0"), WithControlToken("right"))
	equal(t, "clock stands still", must(emulator.NewAccount().Clock())(t).Frozen, false)

	for _, token := range []string{"", "wrong"} {
		stranger := must(Connect(emulator.URL(), token))(t)
		_, err := stranger.NewAccount().Clock()
		refusedWith(t, err, 401, "EcsLocal.TokenRequired", "Bearer")
	}
	knowing := must(Connect(emulator.Host(), "right"))(t)
	equal(t, "clock stands still", must(knowing.NewAccount().Clock())(t).Frozen, false)
}

func TestTokenIsMadeUp(t *testing.T) {
	emulator := Start(t, WithListen("0.0.0.0:0"))
	equal(t, "length of the token", len(emulator.ControlToken()), 32)
	must(emulator.NewAccount().Clock())(t)
	_, err := newEmulator(emulator.URL(), "").NewAccount().Clock()
	refusedWith(t, err, 401, "EcsLocal.TokenRequired", "Bearer")
}

func TestConnect(t *testing.T) {
	known := Start(t, WithControlToken("right"))
	t.Setenv("ECS_LOCAL_ENDPOINT", known.URL()+"/")
	t.Setenv("ECS_LOCAL_CONTROL_TOKEN", "right")
	connected := must(Connect("", ""))(t)
	equal(t, "url", connected.URL(), known.URL())
	must(connected.NewAccount().Clock())(t)

	// It is not for a connection to end what somebody else has started.
	succeeds(t, connected.Stop())
	equal(t, "is up", isUp(known.Host()), true)
	equal(t, "log", connected.Log(), "")
}

func TestWhereAConnectionLeads(t *testing.T) {
	t.Setenv("ECS_LOCAL_ENDPOINT", "of-the-environment:80")
	equal(t, "endpoint", endpointOf("https://said"), "https://said")
	equal(t, "endpoint", endpointOf(""), "http://of-the-environment:80")
	t.Setenv("ECS_LOCAL_ENDPOINT", "")
	equal(t, "endpoint", endpointOf(""), "http://127.0.0.1:4526")
}

func TestConnectToNothing(t *testing.T) {
	t.Setenv("ECS_LOCAL_ENDPOINT", "127.0.0.1:1")
	_, err := Connect("", "")
	contains(t, "error", fmt.Sprint(err), "no emulator at http://127.0.0.1:1")
}

func TestEndpointOfEveryAddress(t *testing.T) {
	for address, wanted := range map[string]string{
		"0.0.0.0:80": "127.0.0.1:80", "[::]:80": "[::1]:80", "10.1.2.3:80": "10.1.2.3:80",
	} {
		equal(t, address, reachable(address), wanted)
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	if shared.client.Transport.(*http.Transport).Proxy != nil {
		t.Error("the environment's proxies are asked")
	}
}

func TestReadmeShowsTheFirstTest(t *testing.T) {
	readme := string(must(os.ReadFile("README.md"))(t))
	first := string(must(os.ReadFile("first_test.go"))(t))
	_, first, _ = strings.Cut(first, "package ecslocal_test\n")
	contains(t, "README.md", readme, "```go\npackage example_test\n"+first+"```\n")
}

// With this variable the test binary starts an emulator, tells where it is, and waits to be killed.
const holder = "HOLD_AN_EMULATOR"

func holdEmulator() {
	emulator, err := Launch()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(emulator.Host())
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func TestEmulatorDoesNotOutliveItsTestRun(t *testing.T) {
	run := exec.Command(os.Args[0])
	run.Env = append(os.Environ(), holder+"=1")
	stdin := must(run.StdinPipe())(t)
	defer stdin.Close()
	stdout := must(run.StdoutPipe())(t)
	succeeds(t, run.Start())
	host := strings.TrimSpace(must(bufio.NewReader(stdout).ReadString('\n'))(t))

	connection := must(net.Dial("tcp", host))(t)
	defer connection.Close()
	// One that nothing was asked on would be waited for.
	asked := "GET /_local/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
	must(io.WriteString(connection, asked))(t)
	must(io.ReadFull(connection, make([]byte, 1)))(t)

	succeeds(t, run.Process.Signal(syscall.SIGKILL))
	_ = run.Wait()

	// The emulator closes its connections when it ends; nothing else ends this wait in time.
	succeeds(t, connection.SetReadDeadline(time.Now().Add(startTimeout)))
	if _, err := io.ReadAll(connection); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the emulator runs on")
	}
	equal(t, "is up", isUp(host), false)
}

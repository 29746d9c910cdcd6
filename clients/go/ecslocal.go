// Package ecslocal controls ecs-local, a local emulator of Alibaba Cloud ECS, from Go tests: it starts
// the emulator or connects to a running one, and gives each test a world of its own by an access key
// of its own. The calls to ECS themselves are left to the SDK under test.
//
// Methods return an [*Error] where the emulator refuses, and wait ten seconds for an answer at most.
package ecslocal

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	// DefaultEndpoint is where an emulator listens that was not told otherwise.
	DefaultEndpoint = "http://127.0.0.1:4526"

	// DefaultAccount stands for the account of calls without an access key.
	DefaultAccount = "default"

	// The control interface answers at once; a longer wait is a hang.
	answerTimeout = 10 * time.Second
)

// Emulator is a running emulator. It may be used by several goroutines at once.
type Emulator struct {
	url     string
	token   string
	client  *http.Client
	process *process // nil where it was started by somebody else
}

// Connect reaches an emulator that is already running. An empty endpoint means $ECS_LOCAL_ENDPOINT,
// else [DefaultEndpoint]; it may be a URL or host:port. An empty token means $ECS_LOCAL_CONTROL_TOKEN,
// else none. The error tells that nothing answers there; a wrong token shows at the first call that
// needs one.
func Connect(endpoint, token string) (*Emulator, error) {
	e := newEmulator(endpointOf(endpoint), firstOf(token, os.Getenv("ECS_LOCAL_CONTROL_TOKEN")))
	if _, err := e.Health(); err != nil {
		return nil, fmt.Errorf("ecs-local: no emulator at %s: %w", e.url, err)
	}
	return e, nil
}

func endpointOf(said string) string {
	endpoint := firstOf(said, os.Getenv("ECS_LOCAL_ENDPOINT"), DefaultEndpoint)
	if !strings.Contains(endpoint, "://") {
		endpoint = "http://" + endpoint
	}
	return endpoint
}

func newEmulator(url, token string) *Emulator {
	return &Emulator{
		url:   strings.TrimSuffix(url, "/"),
		token: token,
		// A transport of one's own takes no proxy from the environment.
		client: &http.Client{Transport: &http.Transport{}, Timeout: answerTimeout},
	}
}

// URL is the address of the emulator, such as http://127.0.0.1:4526.
func (e *Emulator) URL() string { return e.url }

// Host is host:port of the emulator, which SDKs take as their endpoint, with http as the protocol.
func (e *Emulator) Host() string {
	_, host, _ := strings.Cut(e.url, "://")
	return host
}

// ControlToken is what callers of the control interface must show; empty where none is asked for.
func (e *Emulator) ControlToken() string { return e.token }

// Account is the account that an access key leads to. An empty key means a fresh one.
func (e *Emulator) Account(keyID string) *Account {
	if keyID == "" {
		return e.NewAccount()
	}
	return &Account{emulator: e, keyID: keyID}
}

// NewAccount is an account by a fresh random key: it begins with the starting world and shares
// nothing with any other.
func (e *Emulator) NewAccount() *Account {
	return &Account{emulator: e, keyID: "LTAI" + strings.ToUpper(randomHex(10))}
}

// Health tells that the emulator is up, its version, and how it is set. It needs no token.
func (e *Emulator) Health() (Health, error) {
	return ask[Health](e, request{operation: "health"})
}

// Metrics is what the emulator has done, in the text format of Prometheus.
func (e *Emulator) Metrics() (string, error) {
	return ask[string](e, request{operation: "metrics"})
}

// Rows lists the documented error rows and how each is reached; with all, also those that stand
// beside the pages.
func (e *Emulator) Rows(all bool) ([]Row, error) {
	return ask[[]Row](e, request{operation: "rows", query: query{"all": fmt.Sprint(all)}})
}

// OpenAPI is the control interface as an OpenAPI 3.1 document.
func (e *Emulator) OpenAPI() (map[string]any, error) {
	return ask[map[string]any](e, request{operation: "openapi"})
}

// Schema is the JSON Schema of what people write: "world", "scenario" or "fault". The error of another
// name has the status 404.
func (e *Emulator) Schema(name string) (map[string]any, error) {
	return ask[map[string]any](e, request{operation: "schema", path: []string{name}})
}

// Certificate is the certificate of --tls as PEM, for clients that are to trust it. Without --tls the
// error has the status 404.
func (e *Emulator) Certificate() (string, error) {
	return ask[string](e, request{operation: "certificate"})
}

// Why tells why a call, of any account, was answered as it was. The error of a call that is not among
// the latest 1,000 of its account has the status 404.
func (e *Emulator) Why(requestID string) (Explanation, error) {
	return ask[Explanation](e, request{operation: "why", path: []string{requestID}})
}

// Log is what an emulator that was started here has written to its log: the latest 64 KiB of it. It
// is empty where the emulator was started by somebody else.
func (e *Emulator) Log() string {
	if e.process == nil {
		return ""
	}
	return e.process.log.String()
}

// Stop ends an emulator that was started here, and does nothing to another one. The error tells that
// it had ended before, by itself. It may be called again.
func (e *Emulator) Stop() error {
	e.client.CloseIdleConnections()
	if e.process == nil {
		return nil
	}
	return e.process.stop()
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

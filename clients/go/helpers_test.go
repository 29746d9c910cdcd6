// What the tests share: one emulator with a manual clock for most of them, calls to ECS as a client
// without an SDK makes them, and short forms of the usual checks.

package ecslocal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
)

const (
	subscription = "i-bp67acfmxazb4ph****"
	nothing      = "no-such-thing"
)

var shared *Emulator

func TestMain(m *testing.M) {
	if os.Getenv(holder) != "" {
		holdEmulator()
	}
	var err error
	if shared, err = Launch(WithManualClock()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// A reply is what of ECS's answers the tests look at.
type reply struct {
	status         int
	RequestID      string `json:"RequestId"`
	Code           string
	Message        string
	OrderID        string `json:"OrderId"`
	InstanceIDSets struct {
		InstanceIDSet []string `json:"InstanceIdSet"`
	} `json:"InstanceIdSets"`
}

// On a connection that was used before, Go's client makes a GET again by itself where the answer does
// not come: each call has a connection of its own, so that one call is one.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// try calls ECS; the parameters are names and values in turn. The error is the connection's.
func try(a *Account, action string, parameters ...string) (reply, error) {
	values := url.Values{"Action": {action}, "AccessKeyId": {a.KeyID()}, "Format": {"JSON"}}
	for i := 0; i < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	response, err := direct.Get(a.Emulator().URL() + "/?" + values.Encode())
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	got := reply{status: response.StatusCode}
	err = json.NewDecoder(response.Body).Decode(&got)
	return got, err
}

func call(t *testing.T, a *Account, action string, parameters ...string) reply {
	t.Helper()
	return must(try(a, action, parameters...))(t)
}

// stop asks ECS to stop i-web, which succeeds.
func stop(t *testing.T, a *Account) reply {
	t.Helper()
	got := call(t, a, "StopInstance", "InstanceId", "i-web")
	equal(t, "status of StopInstance", got.status, 200)
	return got
}

// refused asks ECS for another type of i-web, which a running instance does not take.
func refused(t *testing.T, a *Account) reply {
	t.Helper()
	got := call(t, a, "ModifyInstanceSpec",
		"InstanceId", "i-web", "InstanceType", "ecs.g6.xlarge", "Nonsense", "1")
	equal(t, "code of ModifyInstanceSpec", got.Code, "InvalidInstanceStatus.NotStopped")
	return got
}

// order makes an order that waits for its payment, and gives its number.
func order(t *testing.T, a *Account, mbps string) string {
	t.Helper()
	got := call(t, a, "ModifyInstanceNetworkSpec", "InstanceId", subscription,
		"InternetMaxBandwidthOut", mbps, "NetworkChargeType", "PayByBandwidth", "AutoPay", "false")
	equal(t, "status of ModifyInstanceNetworkSpec", got.status, 200)
	return got.OrderID
}

// status is that of an instance in the world.
func status(t *testing.T, a *Account, instanceID string) any {
	t.Helper()
	return must(a.Instance(instanceID))(t).Document["status"]
}

// must is what a call gives that is to succeed.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func succeeds(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refusedWith checks the error of a control call.
func refusedWith(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Fatalf("%v is no *Error", err)
	}
	equal(t, "status", refusal.Status, status)
	equal(t, "code", refusal.Code, code)
	contains(t, "message", refusal.Message, message)
}

func equal[T any](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("%s: got %#v, wanted %#v", what, got, wanted)
	}
}

func contains(t *testing.T, what, got, wanted string) {
	t.Helper()
	if !strings.Contains(got, wanted) {
		t.Errorf("%s: %q is not in %q", what, wanted, got)
	}
}

// only is the one element of a list that has no other.
func only[T any](t *testing.T, list []T) T {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("got %d elements in place of one: %v", len(list), list)
	}
	return list[0]
}

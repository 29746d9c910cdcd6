// Package emulator is the emulator: where it is, the account's keys, the world every account begins
// with, and the control interface. All of it is of the contract in tests/clients/README.md; it
// knows no SDK. A control call that goes wrong panics, which ends the step that made it.
package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"
)

var (
	// Endpoint is host:port, as SDKs want it.
	Endpoint     = variable("ECS_LOCAL_ENDPOINT")
	KeyID        = variable("ECS_LOCAL_KEY_ID")
	KeySecret    = variable("ECS_LOCAL_KEY_SECRET")
	ReaderID     = variable("ECS_LOCAL_READER_ID")
	ReaderSecret = variable("ECS_LOCAL_READER_SECRET")
)

const (
	Region        = "cn-hangzhou"
	Image         = "aliyun_3_x64_20G_alibase_20240528.vhd"
	VSwitch       = "vsw-hangzhou-h"
	SecurityGroup = "sg-hangzhou"
)

// A transport of one's own takes no proxy from the environment.
var direct = http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}

// CallLog is how many calls the account has had, and the latest first.
type CallLog struct {
	Total int `json:"total"`
	Calls []struct {
		RequestID string `json:"request_id"`
	} `json:"calls"`
}

// Advance lets time pass for the account, such as "10s"; what comes due on the way happens.
func Advance(span string) {
	control(http.MethodPost, "clock", map[string]any{"advance": span}, nil)
}

func Calls() (calls CallLog) {
	control(http.MethodGet, "calls", nil, &calls)
	return calls
}

func LatestRequestID() string {
	return Calls().Calls[0].RequestID
}

// OrderKind is what an order is for, such as "upgrade".
func OrderKind(id string) string {
	var order struct {
		Kind string `json:"kind"`
	}
	control(http.MethodGet, "orders/"+url.PathEscape(id), nil, &order)
	return order.Kind
}

// WithFault runs something while calls of this action are answered with this row: more of them than
// any client makes.
func WithFault(action, row string, run func()) {
	fault := map[string]any{"action": action, "row": row, "times": 10}
	control(http.MethodPost, "faults", fault, nil)
	defer control(http.MethodDelete, "faults", nil, nil)
	run()
}

// control makes a control call with a JSON body, or none where it is nil, and reads the answer into
// what `answer` points to, if to anything.
func control(method, path string, body, answer any) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		check(err)
		sent = bytes.NewReader(text)
	}
	address := fmt.Sprintf("http://%s/_local/%s?access_key_id=%s",
		Endpoint, path, url.QueryEscape(KeyID))
	request, err := http.NewRequest(method, address, sent)
	check(err)
	request.Header.Set("Content-Type", "application/json")

	response, err := direct.Do(request)
	check(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	check(err)
	if response.StatusCode >= 300 {
		panic(fmt.Errorf("%s /_local/%s: %s: %s", method, path, response.Status, text))
	}
	if answer != nil {
		check(json.Unmarshal(text, answer))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func variable(name string) string {
	value, isSet := os.LookupEnv(name)
	if !isSet {
		log.Fatalf("%s is not set; tests/clients/README.md says what it is for", name)
	}
	return value
}

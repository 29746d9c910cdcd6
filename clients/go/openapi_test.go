// The package against the OpenAPI document that the emulator serves, both ways: operations, parameters
// and bodies, and the fields of what is taken and answered.

package ecslocal

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// What of the document is compared.
type document struct {
	Paths      map[string]map[string]described
	Components struct{ Schemas map[string]schema }
}

type described struct {
	OperationID string `json:"operationId"`
	Parameters  []struct{ Name, In string }
	RequestBody *content `json:"requestBody"`
	Responses   map[string]content
}

type content struct {
	Content map[string]struct{ Schema schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Items      json.RawMessage
	Properties map[string]schema
}

func openAPI(t *testing.T) document {
	t.Helper()
	var read document
	text := must(json.Marshal(must(shared.OpenAPI())(t)))(t)
	succeeds(t, json.Unmarshal(text, &read))
	return read
}

// eachOperation hands out the operations of the document by id.
func eachOperation(t *testing.T, visit func(id, method, path string, it described)) {
	t.Helper()
	for path, methods := range openAPI(t).Paths {
		for method, it := range methods {
			visit(it.OperationID, strings.ToUpper(method), path, it)
		}
	}
}

func TestTableIsTheDocument(t *testing.T) {
	wanted := map[string]operation{}
	eachOperation(t, func(id, method, path string, it described) {
		asked := operation{method: method, path: path, body: it.RequestBody != nil}
		for _, parameter := range it.Parameters {
			if parameter.In == "query" {
				asked.query = append(asked.query, parameter.Name)
			}
		}
		wanted[id] = asked
	})
	for id := range operations {
		if _, isKnown := wanted[id]; !isKnown {
			t.Errorf("the document has no operation %s", id)
		}
	}
	for id, it := range wanted {
		equal(t, id, operations[id], it)
	}
}

// What makes a request for each operation, with all that its query may say.
var methods = map[string]func(*Account) error{
	"health":      func(a *Account) error { return errorOf(a.emulator.Health()) },
	"metrics":     func(a *Account) error { return errorOf(a.emulator.Metrics()) },
	"certificate": func(a *Account) error { return errorOf(a.emulator.Certificate()) },
	"openapi":     func(a *Account) error { return errorOf(a.emulator.OpenAPI()) },
	"schema":      func(a *Account) error { return errorOf(a.emulator.Schema("x")) },
	"rows":        func(a *Account) error { return errorOf(a.emulator.Rows(true)) },
	"world":       func(a *Account) error { return errorOf(a.World()) },
	"loadWorld":   func(a *Account) error { return errorOf(a.LoadWorldAt(struct{}{}, time.Now())) },
	"changeWorld": func(a *Account) error { return errorOf(a.ChangeWorld(struct{}{})) },
	"resetWorld":  func(a *Account) error { return a.ResetWorld() },
	"forkWorld":   func(a *Account) error { return errorOf(a.Fork("x")) },
	"snapshots":   func(a *Account) error { return errorOf(a.Snapshots()) },
	"keep":        func(a *Account) error { return a.Keep("x") },
	"bringBack":   func(a *Account) error { return a.BringBack("x") },
	"forget":      func(a *Account) error { return a.Forget("x") },
	"clock":       func(a *Account) error { return errorOf(a.Clock()) },
	"moveClock":   func(a *Account) error { return errorOf(a.Advance(time.Second)) },
	"calls": func(a *Account) error {
		filter := CallFilter{Action: "x", Code: "x", Status: 1, KeyID: "x", After: 1}
		return errorOf(a.Calls(filter))
	},
	"why":           func(a *Account) error { return errorOf(a.Why("x")) },
	"faults":        func(a *Account) error { return errorOf(a.Faults()) },
	"armFault":      func(a *Account) error { return errorOf(a.ArmFault(Fault{})) },
	"disarmFaults":  func(a *Account) error { return a.DisarmFaults() },
	"account":       func(a *Account) error { return errorOf(a.Details()) },
	"changeAccount": func(a *Account) error { return errorOf(a.TopUp(1)) },
	"orders":        func(a *Account) error { return errorOf(a.Orders("x")) },
	"order":         func(a *Account) error { return errorOf(a.Order("x")) },
	"payOrder":      func(a *Account) error { return errorOf(a.PayOrder("x")) },
	"cancelOrder":   func(a *Account) error { return errorOf(a.CancelOrder("x")) },
	"instance":      func(a *Account) error { return errorOf(a.Instance("x")) },
	"history":       func(a *Account) error { return errorOf(a.History("x")) },
}

func errorOf[T any](_ T, err error) error { return err }

// Each method against a server that notes the request and answers in the document's form.
func TestMethodsMakeTheRequestsOfTheDocument(t *testing.T) {
	var noted *http.Request
	var body int
	var answered content
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted, body = r, 0
		if r.Body != http.NoBody {
			body = 1
		}
		_, _ = w.Write([]byte(example(answered)))
	}))
	defer server.Close()
	account := newEmulator(server.URL, "hush").Account("mine")

	eachOperation(t, func(id, method, path string, it described) {
		run, isKnown := methods[id]
		if !isKnown {
			t.Errorf("no method for %s", id)
			return
		}
		answered = it.Responses["200"]
		if err := run(account); err != nil {
			t.Errorf("%s: %v", id, err)
			return
		}
		equal(t, id, noted.Method, method)
		equal(t, id, noted.URL.Path, expand(path, []string{"x", "x"}))
		equal(t, "token of "+id, noted.Header.Get("Authorization"), "Bearer hush")
		equal(t, "body of "+id, body == 1, it.RequestBody != nil)
		var wanted []string
		for _, parameter := range it.Parameters {
			if parameter.In == "query" {
				wanted = append(wanted, parameter.Name)
			}
		}
		slices.Sort(wanted)
		equal(t, "query of "+id, slices.Sorted(maps.Keys(noted.URL.Query())), wanted)
		if slices.Contains(wanted, whose) {
			equal(t, "whose "+id, noted.URL.Query().Get(whose), "mine")
		}
	})
	for id := range methods {
		if _, isKnown := operations[id]; !isKnown {
			t.Errorf("a method for %s, which is no operation", id)
		}
	}
}

// example is the emptiest answer of this form.
func example(answered content) string {
	it, isJSON := answered.Content["application/json"]
	switch {
	case !isJSON:
		return ""
	case it.Schema.Type == "array":
		return "[]"
	default:
		return "{}"
	}
}

// The types for the schemas of the document.
var types = map[string]any{
	"Account":       AccountDetails{},
	"AccountEvent":  accountEvent{},
	"Call":          Call{},
	"Calls":         Calls{},
	"Cause":         Cause{},
	"Changed":       Change{},
	"Clock":         Clock{},
	"ClockMove":     clockMove{},
	"Configuration": Configuration{},
	"DataDirectory": DataDirectory{},
	"Decided":       Decision{},
	"Difference":    Difference{},
	"Explanation":   Explanation{},
	"Fault":         Fault{},
	"Gateway":       Gateway{},
	"Guest":         Guest{},
	"Health":        Health{},
	"HistoryEntry":  HistoryEntry{},
	"InstanceView":  Instance{},
	"JudgedRule":    Rule{},
	"OrderView":     Order{},
	"Row":           Row{},
	"Snapshot":      Snapshot{},
	"TurningPoint":  TurningPoint{},
	"WorldSize":     worldSize{},
}

// What stays generic JSON.
var generic = []string{"WorldDocument"}

func TestTypesHaveTheFieldsOfTheDocument(t *testing.T) {
	schemas := openAPI(t).Components.Schemas
	for name, value := range types {
		wanted := schemas[name].Properties
		equal(t, name, fieldsOf(reflect.TypeOf(value)), slices.Sorted(maps.Keys(wanted)))
	}
}

func fieldsOf(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestEveryBodyAndAnswerHasAType(t *testing.T) {
	check := func(id string, it content) {
		for _, kind := range it.Content {
			wanted := kind.Schema
			if wanted.Type == "array" {
				succeeds(t, json.Unmarshal(wanted.Items, &wanted))
			}
			name := strings.TrimPrefix(wanted.Ref, "#/components/schemas/")
			if name != "" && types[name] == nil && !slices.Contains(generic, name) {
				t.Errorf("no type for %s of %s", name, id)
			}
		}
	}
	eachOperation(t, func(id, _, _ string, it described) {
		check(id, it.Responses["200"])
		if it.RequestBody != nil {
			check(id, *it.RequestBody)
		}
	})
}

// The operations of the control interface by the ids they have in its OpenAPI document, which the
// tests compare with this table. Every request goes through it.

package ecslocal

import "net/http"

// An operation is what one kind of request looks like.
type operation struct {
	method string
	path   string   // variable parts in braces
	query  []string // what its query may say
	body   bool     // does it want a JSON body?
}

const whose = "access_key_id"

var operations = map[string]operation{
	"health":      {method: http.MethodGet, path: "/_local/health"},
	"metrics":     {method: http.MethodGet, path: "/_local/metrics"},
	"certificate": {method: http.MethodGet, path: "/_local/certificate"},
	"openapi":     {method: http.MethodGet, path: "/_local/openapi.json"},
	"schema":      {method: http.MethodGet, path: "/_local/schemas/{name}"},
	"rows":        {method: http.MethodGet, path: "/_local/rows", query: []string{"all"}},

	"world":       {method: http.MethodGet, path: "/_local/world", query: []string{whose}},
	"loadWorld":   {method: http.MethodPut, path: "/_local/world", query: []string{whose, "at"}, body: true},
	"changeWorld": {method: http.MethodPatch, path: "/_local/world", query: []string{whose}, body: true},
	"resetWorld":  {method: http.MethodDelete, path: "/_local/world", query: []string{whose}},
	"forkWorld":   {method: http.MethodPost, path: "/_local/world/fork", query: []string{whose, "to"}},

	"snapshots": {method: http.MethodGet, path: "/_local/snapshots", query: []string{whose}},
	"keep":      {method: http.MethodPut, path: "/_local/snapshots/{name}", query: []string{whose}},
	"bringBack": {method: http.MethodPost, path: "/_local/snapshots/{name}/load", query: []string{whose}},
	"forget":    {method: http.MethodDelete, path: "/_local/snapshots/{name}", query: []string{whose}},

	"clock":     {method: http.MethodGet, path: "/_local/clock", query: []string{whose}},
	"moveClock": {method: http.MethodPost, path: "/_local/clock", query: []string{whose}, body: true},

	"calls": {
		method: http.MethodGet,
		path:   "/_local/calls",
		query:  []string{whose, "action", "code", "status", "key", "after"},
	},
	"why": {method: http.MethodGet, path: "/_local/calls/{request_id}"},

	"faults":       {method: http.MethodGet, path: "/_local/faults", query: []string{whose}},
	"armFault":     {method: http.MethodPost, path: "/_local/faults", query: []string{whose}, body: true},
	"disarmFaults": {method: http.MethodDelete, path: "/_local/faults", query: []string{whose}},

	"account":       {method: http.MethodGet, path: "/_local/account", query: []string{whose}},
	"changeAccount": {method: http.MethodPost, path: "/_local/account", query: []string{whose}, body: true},

	"orders": {
		method: http.MethodGet,
		path:   "/_local/orders",
		query:  []string{whose, "instance_id"},
	},
	"order":       {method: http.MethodGet, path: "/_local/orders/{id}", query: []string{whose}},
	"payOrder":    {method: http.MethodPost, path: "/_local/orders/{id}/pay", query: []string{whose}},
	"cancelOrder": {method: http.MethodPost, path: "/_local/orders/{id}/cancel", query: []string{whose}},

	"instance": {method: http.MethodGet, path: "/_local/instances/{id}", query: []string{whose}},
	"history":  {method: http.MethodGet, path: "/_local/instances/{id}/history", query: []string{whose}},
}

// Each method of the emulator as a whole, and errors that are not the control interface's.

package ecslocal

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHealth(t *testing.T) {
	health := must(shared.Health())(t)
	equal(t, "status", health.Status, "ok")
	equal(t, "data", health.Data, nil)
	contains(t, "version", shared.Log(), "ecs-local "+health.Version+" listens")
	equal(t, "day", health.AsOf, "")
	equal(t, "gateway", health.Gateway, Gateway{Signatures: "log", Errors: "ecs"})
}

func TestHealthTellsHowItIsSet(t *testing.T) {
	other := Start(t, WithAsOf("2019-05-21"), WithSignatures("off"),
		WithArgs("--gateway-errors", "pop", "--flow-control", "5"))
	health := must(other.Health())(t)
	five := uint32(5)
	equal(t, "day", health.AsOf, "2019-05-21")
	equal(t, "gateway", health.Gateway, Gateway{Signatures: "off", Errors: "pop", FlowControl: &five})
}

func TestMetrics(t *testing.T) {
	stop(t, shared.NewAccount())
	metrics := must(shared.Metrics())(t)
	contains(t, "metrics", metrics, `ecs_local_calls_total{action="StopInstance",code=""`)
}

func TestRows(t *testing.T) {
	rows := must(shared.Rows(false))(t)
	var row *Row
	for i := range rows {
		if rows[i].Name == "NOT_STOPPED" && rows[i].Page == "2026-06-26" {
			row = &rows[i]
		}
	}
	if row == nil {
		t.Fatal("no row NOT_STOPPED on the page of 2026-06-26")
	}
	equal(t, "row", *row, Row{
		Operation: "ModifyInstanceSpec",
		Page:      "2026-06-26",
		Status:    400,
		Code:      "InvalidInstanceStatus.NotStopped",
		Message:   "The specified Instance status is not stopped.",
		Name:      "NOT_STOPPED",
		Reach:     "raised",
		Scenario:  "scenarios/ModifyInstanceSpec/NOT_STOPPED.toml",
	})
	if all := must(shared.Rows(true))(t); len(all) <= len(rows) {
		t.Errorf("%d rows in all, %d on the pages", len(all), len(rows))
	}
}

func TestSchema(t *testing.T) {
	schema := must(shared.Schema("fault"))(t)
	properties := schema["properties"].(map[string]any)
	if properties["probability"] == nil {
		t.Errorf("the schema of a fault has no probability: %v", properties)
	}
	_, err := shared.Schema(nothing)
	refusedWith(t, err, 404, "EcsLocal.NotFound", nothing)
}

func TestCertificate(t *testing.T) {
	_, err := shared.Certificate()
	refusedWith(t, err, 404, "EcsLocal.NotFound", "--tls")
	secure := Start(t, WithArgs("--tls"))
	certificate := must(secure.Certificate())(t)
	contains(t, "certificate", certificate, "-----BEGIN CERTIFICATE-----")
}

func TestErrorAsText(t *testing.T) {
	_, err := shared.NewAccount().Order(nothing)
	equal(t, "text", err.Error(),
		"ecs-local: 404 EcsLocal.OrderNotFound: there is no order no-such-thing")
}

// Something else than an emulator may answer: a proxy, or another service on the port.
func TestErrorOfSomethingElse(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "who is there?", http.StatusBadGateway)
	}
	other := httptest.NewServer(http.HandlerFunc(answer))
	defer other.Close()
	_, err := newEmulator(other.URL, "").Health()
	refusedWith(t, err, 502, "", "who is there?")
}

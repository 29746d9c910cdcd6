// The first test of README.md, which shows all that stands below: a call of the code under test, then
// the clock moved until what it set off has happened.

package ecslocal_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	ecslocal "github.com/ecs-local/ecs-local/clients/go"
)

func TestStoppingTakesFiveSeconds(t *testing.T) {
	emulator := ecslocal.Start(t, ecslocal.WithManualClock())
	account := emulator.NewAccount()

	// In place of this call: the code under test, with emulator.Host() as its endpoint.
	answer, err := http.Get(emulator.URL() + "/?" + url.Values{
		"AccessKeyId": {account.KeyID()},
		"Action":      {"StopInstance"},
		"InstanceId":  {"i-web"},
	}.Encode())
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer, err)
	}
	answer.Body.Close()

	for _, wanted := range []string{"Stopping", "Stopped"} {
		web, err := account.Instance("i-web")
		if err != nil {
			t.Fatal(err)
		}
		if got := web.Document["status"]; got != wanted {
			t.Errorf("the instance is %v, not %s", got, wanted)
		}
		if _, err := account.Advance(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
}

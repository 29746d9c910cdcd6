// Each method of an account, against a running emulator.

package ecslocal

import (
	"errors"
	"io"
	"net/url"
	"testing"
	"time"
)

func TestAccountsShareNothing(t *testing.T) {
	one, other := shared.NewAccount(), shared.Account("")
	if one.KeyID() == other.KeyID() {
		t.Fatal("two fresh accounts have the same key")
	}
	stop(t, one)
	equal(t, "status in the one world", status(t, one, "i-web"), any("Stopping"))
	equal(t, "status in the other", status(t, other, "i-web"), any("Running"))
	equal(t, "calls of the other", must(other.Calls(CallFilter{}))(t).Total, 0)

	must(one.Advance(time.Hour))(t)
	ahead := must(one.Clock())(t).Now.Sub(must(other.Clock())(t).Now)
	equal(t, "how far the one clock is ahead", ahead.Round(time.Hour), time.Hour)
}

func TestAccountByItsKey(t *testing.T) {
	one := shared.NewAccount()
	stop(t, one)
	again := shared.Account(one.KeyID())
	equal(t, "key", again.KeyID(), one.KeyID())
	equal(t, "status", status(t, again, "i-web"), any("Stopping"))
}

func TestWorldIsLoadedChangedAndReset(t *testing.T) {
	a := shared.NewAccount()
	document := map[string]any{"instance": map[string]any{
		"i-mine": map[string]any{"status": "Stopped", "instance_type": "ecs.g6.large"},
	}}
	equal(t, "instances of the base", must(a.LoadWorld(document))(t), 1)
	equal(t, "status", status(t, a, "i-mine"), any("Stopped"))

	world := must(a.World())(t)
	equal(t, "instances", len(world["instance"].(map[string]any)), 1)
	equal(t, "instances loaded back", must(shared.NewAccount().LoadWorld(world))(t), 1)

	change := map[string]any{"instance": map[string]any{"i-mine": map[string]any{"name": "changed"}}}
	equal(t, "instances after a change", must(a.ChangeWorld(change))(t), 1)
	mine := must(a.Instance("i-mine"))(t)
	equal(t, "name", mine.Document["name"], any("changed"))
	equal(t, "type", mine.Document["instance_type"], any("ecs.g6.large"))

	succeeds(t, a.ResetWorld())
	equal(t, "status after the reset", status(t, a, "i-web"), any("Running"))
	_, err := a.Instance("i-mine")
	refusedWith(t, err, 404, "EcsLocal.InstanceNotFound", "i-mine")
}

func TestWorldIsReadAsOfAMoment(t *testing.T) {
	a := shared.NewAccount()
	document := map[string]any{"instance": map[string]any{
		"i-mine": map[string]any{"charge_type": "PrePaid"},
	}}
	must(a.RunClock())(t)
	// A moment in another zone, and finer than the clock.
	at := time.Date(2020, 1, 1, 20, 0, 0, 7_008_009, time.FixedZone("", 8*3600))
	equal(t, "instances", must(a.LoadWorldAt(document, at))(t), 1)
	then := Clock{Now: time.Date(2020, 1, 1, 12, 0, 0, 7_000_000, time.UTC), Frozen: true}
	equal(t, "clock", must(a.Clock())(t), then)
	mine := must(a.Instance("i-mine"))(t)
	equal(t, "end", mine.Document["expires_at"], any("2020-02-01T12:00:00.007Z"))

	must(a.LoadWorld(document))(t)
	equal(t, "clock of a world without a moment", must(a.Clock())(t), then)
	_, err := a.LoadWorldAt(map[string]any{"no_such_key": 1}, at.Add(time.Hour))
	refusedWith(t, err, 400, "EcsLocal.BadRequest", "no_such_key")
	equal(t, "clock after a refusal", must(a.Clock())(t), then)
}

func TestDocumentsAreRefused(t *testing.T) {
	a := shared.NewAccount()
	_, err := a.LoadWorld(map[string]any{"no_such_key": 1})
	refusedWith(t, err, 400, "EcsLocal.BadRequest", "no_such_key")

	taken := map[string]any{"access_key": []any{map[string]any{"id": a.KeyID()}}}
	must(a.ChangeWorld(taken))(t)
	_, err = shared.NewAccount().LoadWorld(taken)
	refusedWith(t, err, 409, "EcsLocal.KeyTaken", a.KeyID())

	_, err = a.LoadWorld(func() {})
	var refusal *Error
	if err == nil || errors.As(err, &refusal) {
		t.Errorf("a document that is no JSON: %v", err)
	}
}

func TestFork(t *testing.T) {
	a := shared.NewAccount()
	stop(t, a)
	must(a.Advance(time.Minute))(t)
	copied := must(a.Fork(""))(t)
	equal(t, "moment of the copy", must(copied.Clock())(t), must(a.Clock())(t))
	equal(t, "status in the copy", status(t, copied, "i-web"), any("Stopped"))

	call(t, copied, "StartInstance", "InstanceId", "i-web")
	equal(t, "status in the copy", status(t, copied, "i-web"), any("Starting"))
	equal(t, "status in the original", status(t, a, "i-web"), any("Stopped"))

	named := must(a.Fork(a.KeyID() + "-copy"))(t)
	equal(t, "key of the copy", named.KeyID(), a.KeyID()+"-copy")
	_, err := a.Fork(a.KeyID())
	refusedWith(t, err, 400, "EcsLocal.BadRequest", "another account")
}

func TestSnapshots(t *testing.T) {
	const name = "before/the stop & after?"
	a := shared.NewAccount()
	before := must(a.Clock())(t)
	succeeds(t, a.Keep(name))
	kept := only(t, must(a.Snapshots())(t))
	equal(t, "snapshot", kept, Snapshot{Name: name, At: before.Now, Instances: 5})

	stop(t, a)
	must(a.Advance(time.Minute))(t)
	equal(t, "status", status(t, a, "i-web"), any("Stopped"))
	succeeds(t, a.BringBack(name))
	equal(t, "status brought back", status(t, a, "i-web"), any("Running"))
	equal(t, "moment brought back", must(a.Clock())(t), before)

	succeeds(t, a.Forget(name))
	equal(t, "snapshots", len(must(a.Snapshots())(t)), 0)
	refusedWith(t, a.BringBack(name), 404, "EcsLocal.NotFound", name)
	refusedWith(t, a.Forget(name), 404, "EcsLocal.NotFound", name)
}

func TestClock(t *testing.T) {
	a := shared.NewAccount()
	begin := must(a.Clock())(t)
	equal(t, "stands still", begin.Frozen, true)

	stop(t, a)
	equal(t, "status at once", status(t, a, "i-web"), any("Stopping"))
	moved := must(a.Advance(4999 * time.Millisecond))(t)
	equal(t, "clock", moved, Clock{Now: begin.Now.Add(4999 * time.Millisecond), Frozen: true})
	equal(t, "status just before", status(t, a, "i-web"), any("Stopping"))
	must(a.Advance(time.Millisecond))(t)
	equal(t, "status after five seconds", status(t, a, "i-web"), any("Stopped"))

	// A moment in another zone, and finer than the clock.
	wanted := time.Date(2031, 2, 3, 4, 5, 6, 7_008_009, time.FixedZone("", 8*3600))
	moved = must(a.SetClock(wanted))(t)
	equal(t, "clock", moved.Now, time.Date(2031, 2, 2, 20, 5, 6, 7_000_000, time.UTC))
	_, err := a.SetClock(begin.Now)
	refusedWith(t, err, 400, "EcsLocal.BadRequest", "does not go back")
	_, err = a.Advance(-time.Second)
	refusedWith(t, err, 400, "EcsLocal.BadRequest", "not a span")

	equal(t, "frozen", must(a.RunClock())(t).Frozen, false)
	equal(t, "frozen", must(a.Clock())(t).Frozen, false)
	equal(t, "frozen", must(a.FreezeClock())(t).Frozen, true)
	equal(t, "standing clock", must(a.Clock())(t), must(a.Clock())(t))
}

func TestFaultMeetsCall(t *testing.T) {
	a := shared.NewAccount()
	armed := only(t, must(a.ArmFault(Fault{Action: "StopInstance", Row: "INTERNAL", Times: 2}))(t))
	equal(t, "fault", armed,
		Fault{Action: "StopInstance", Row: "INTERNAL", Times: 2, Phase: PhaseBefore})

	got := call(t, a, "StopInstance", "InstanceId", "i-web")
	equal(t, "status", got.status, 500)
	equal(t, "code", got.Code, "InternalError")
	equal(t, "instance", status(t, a, "i-web"), any("Running"))
	struck := only(t, must(a.Faults())(t))
	equal(t, "met and fired", []uint64{struck.Met, struck.Fired}, []uint64{1, 1})

	// Armed again, it counts from the beginning.
	equal(t, "fired", must(a.ArmFault(struck))(t)[1].Fired, 0)

	succeeds(t, a.DisarmFaults())
	equal(t, "faults", len(must(a.Faults())(t)), 0)
	stop(t, a)
}

func TestFaultWithEveryField(t *testing.T) {
	a := shared.NewAccount()
	bytes := 0
	fault := Fault{
		Action: "StopInstance", InstanceID: "i-web", AccessKeyID: a.KeyID(), RegionID: "cn-hangzhou",
		Parameters: map[string]string{"ForceStop": "true"},
		Status:     418, Code: "Teapot", Message: "short and stout",
		Delay: 400*24*time.Hour + 90*time.Millisecond, Wait: time.Millisecond,
		Truncate: &bytes, Phase: PhaseAfter,
		Times: 3, Every: 2, Sequence: []bool{false, true}, Probability: 1,
	}
	equal(t, "fault", only(t, must(a.ArmFault(fault))(t)), fault)

	_, err := a.ArmFault(Fault{Row: "NO_SUCH_ROW"})
	refusedWith(t, err, 400, "EcsLocal.BadRequest", "NO_SUCH_ROW")
}

func TestDroppedAnswerOfAChange(t *testing.T) {
	a := shared.NewAccount()
	must(a.ArmFault(Fault{Drop: true, Phase: PhaseAfter}))(t)
	_, err := try(a, "StopInstance", "InstanceId", "i-web")
	if !errors.Is(err, io.EOF) {
		t.Errorf("a dropped answer gives %v", err)
	}
	equal(t, "instance", status(t, a, "i-web"), any("Stopping"))
}

func TestCallsAndTheirFilters(t *testing.T) {
	a := shared.NewAccount()
	answered := refused(t, a)
	stop(t, a)

	all := must(a.Calls(CallFilter{}))(t)
	equal(t, "total", all.Total, 2)
	equal(t, "the latest first", all.Calls[0].Action, "StopInstance")
	got := all.Calls[1]
	equal(t, "request id", got.RequestID, answered.RequestID)
	equal(t, "moment", got.At, must(a.Clock())(t).Now)
	equal(t, "key", got.AccessKeyID, a.KeyID())
	equal(t, "status", got.Status, 400)
	equal(t, "code", got.Code, answered.Code)
	equal(t, "row", got.Row, "NOT_STOPPED")
	equal(t, "message", got.Message, answered.Message)
	contains(t, "fix", got.Fix, "StopInstance")
	contains(t, "signature", got.Signature, "not verified")
	equal(t, "unread", got.Unread, []string{"Nonsense"})

	for _, filter := range []CallFilter{
		{Action: "ModifyInstanceSpec"}, {Code: answered.Code}, {Status: 400},
	} {
		equal(t, "call", only(t, must(a.Calls(filter))(t).Calls), got)
	}
	behind := only(t, must(a.Calls(CallFilter{After: 1}))(t).Calls)
	equal(t, "call behind the first", behind.Action, "StopInstance")
	equal(t, "calls by its key", len(must(a.Calls(CallFilter{KeyID: a.KeyID()}))(t).Calls), 2)
	equal(t, "calls by another", len(must(a.Calls(CallFilter{KeyID: nothing}))(t).Calls), 0)
}

func TestWhy(t *testing.T) {
	a := shared.NewAccount()
	answered := refused(t, a)
	got := must(a.Why(answered.RequestID))(t)
	equal(t, "request id", got.RequestID, answered.RequestID)
	equal(t, "row", got.Decided.Row, "NOT_STOPPED")
	equal(t, "support", got.Decided.Support, "documented")
	contains(t, "fix", got.Decided.Fix, "StopInstance")
	equal(t, "turned on", got.TurnedOn, []TurningPoint{
		{What: "instance.i-web.status", Value: "Running", Otherwise: "Stopped"},
	})
	equal(t, "page", got.Page, "2026-06-26")
	equal(t, "parameter", got.Parameters["InstanceType"], "ecs.g6.xlarge")
	equal(t, "unread", got.Unread, []string{"Nonsense"})
	held := 0
	for _, rule := range got.Rules {
		if rule.Outcome == "held" {
			held++
			equal(t, "row of the rule", rule.Row, "NOT_STOPPED")
		}
	}
	equal(t, "rules that held", held, 1)

	_, err := a.Why(nothing)
	refusedWith(t, err, 404, "EcsLocal.NotFound", nothing)
}

func TestWhyOfASuccess(t *testing.T) {
	a := shared.NewAccount()
	answered := stop(t, a)
	must(a.Advance(5 * time.Second))(t)
	got := must(shared.Why(answered.RequestID))(t)
	equal(t, "decision", got.Decided, nil)
	equal(t, "changes", len(got.Changed), 2)
	equal(t, "instance", got.Changed[0].InstanceID, "i-web")
	equal(t, "comes due", []bool{got.Changed[0].IsDue, got.Changed[1].IsDue}, []bool{false, true})
	equal(t, "five seconds", got.Changed[1].At.Sub(got.At), 5*time.Second)
	equal(t, "patch", got.Changed[1].Patch, []map[string]any{
		{"op": "replace", "path": "/instance/i-web/status", "value": "Stopped"},
	})
}

func TestMoney(t *testing.T) {
	a := shared.NewAccount()
	before := must(a.Details())(t)
	equal(t, "balance", before.BalanceCents, 10_000_000)
	equal(t, "id", before.ID, "1000000000000001")
	equal(t, "bandwidth", before.BandwidthQuotaMbps, 50_000)
	equal(t, "limit of bandwidth", before.BandwidthLimitMbps, nil)
	equal(t, "may downgrade", before.DowngradePrivilege, true)

	after := must(a.TopUp(250))(t)
	equal(t, "balance", after.BalanceCents, 10_000_250)
	owing := must(a.SetArrears(true))(t)
	equal(t, "arrears", owing.Arrears, true)
	equal(t, "arrears since", owing.ArrearsSince, must(a.Clock())(t).Now)
	equal(t, "arrears", must(a.SetArrears(false))(t).Arrears, false)
}

func TestOrders(t *testing.T) {
	a := shared.NewAccount()
	id := order(t, a, "5")
	unpaid := must(a.Order(id))(t)
	equal(t, "id", unpaid.ID, id)
	equal(t, "instance", unpaid.InstanceID, subscription)
	equal(t, "operation", unpaid.Operation, "ModifyInstanceNetworkSpec")
	equal(t, "kind", unpaid.Kind, "upgrade")
	equal(t, "state", unpaid.State, "unpaid")
	equal(t, "Mbit/s before", unpaid.Before.BandwidthOutMbps, 0)
	equal(t, "Mbit/s after", unpaid.After.BandwidthOutMbps, 5)
	equal(t, "charge type", unpaid.After.ChargeType, "PrePaid")
	equal(t, "made at", unpaid.CreatedAt, must(a.Clock())(t).Now)
	equal(t, "lapses at", unpaid.LapsesAt, unpaid.After.ExpiresAt)
	equal(t, "paid", unpaid.PaidAt.IsZero(), true)

	paid := must(a.PayOrder(id))(t)
	equal(t, "state", paid.State, "completed")
	equal(t, "paid at", paid.PaidAt, unpaid.CreatedAt)
	equal(t, "paid", 10_000_000-must(a.Details())(t).BalanceCents, paid.AmountCents)
	_, err := a.PayOrder(id)
	refusedWith(t, err, 409, "EcsLocal.OrderClosed", "completed")

	second := order(t, a, "7")
	equal(t, "state", must(a.CancelOrder(second))(t).State, "cancelled")
	_, err = a.CancelOrder(second)
	refusedWith(t, err, 409, "EcsLocal.OrderClosed", "cancelled")

	all := must(a.Orders(""))(t)
	equal(t, "orders", []string{all[0].ID, all[1].ID}, []string{id, second})
	equal(t, "orders of the instance", must(a.Orders(subscription))(t), all)
	equal(t, "orders of another", len(must(a.Orders("i-web"))(t)), 0)
	_, err = a.Order(nothing)
	refusedWith(t, err, 404, "EcsLocal.OrderNotFound", nothing)
}

func TestOrderTakesTime(t *testing.T) {
	a := shared.NewAccount()
	got := call(t, a, "ModifyPrepayInstanceSpec", "RegionId", "cn-hangzhou",
		"InstanceId", subscription, "InstanceType", "ecs.g5.xlarge")
	id := got.OrderID
	processing := must(a.Order(id))(t)
	equal(t, "state", processing.State, "processing")
	equal(t, "takes", processing.Takes, 7*time.Second)
	must(a.Advance(processing.Takes))(t)
	done := must(a.Order(id))(t)
	equal(t, "state", done.State, "completed")
	equal(t, "carried out after", done.ClosedAt.Sub(done.PaidAt), processing.Takes)
}

func TestInstanceAndHistory(t *testing.T) {
	a := shared.NewAccount()
	web := must(a.Instance("i-web"))(t)
	equal(t, "id", web.ID, "i-web")
	equal(t, "guest", web.Guest, Guest{InstanceType: "ecs.g6.large", VCPUs: 2, MemoryMiB: 8192})
	equal(t, "status", web.Document["status"], any("Running"))

	answered := stop(t, a)
	now := must(a.Clock())(t).Now
	entry := only(t, must(a.History("i-web"))(t))
	equal(t, "moment", entry.At, now)
	equal(t, "event", entry.Event, "changed")
	contains(t, "what", entry.What[len(entry.What)-1], "status")
	equal(t, "cause", entry.Cause,
		Cause{Kind: "call", Action: "StopInstance", RequestID: answered.RequestID})
	equal(t, "change", entry.Changes["status"], Difference{Before: "Running", After: "Stopping"})

	_, err := a.History(nothing)
	refusedWith(t, err, 404, "EcsLocal.InstanceNotFound", nothing)
	_, err = a.Instance("a/b?c")
	refusedWith(t, err, 404, "EcsLocal.InstanceNotFound", "a/b?c")
}

func TestKeysAreEscaped(t *testing.T) {
	odd := shared.Account("a key&to=b/" + shared.NewAccount().KeyID())
	got := call(t, odd, "DescribeRegions")
	equal(t, "status", got.status, 200)
	equal(t, "calls", must(odd.Calls(CallFilter{}))(t).Total, 1)
}

func TestErrorOfTheConnection(t *testing.T) {
	gone := newEmulator("http://127.0.0.1:1", "")
	_, err := gone.Health()
	var failed *url.Error
	if !errors.As(err, &failed) {
		t.Errorf("%v is no *url.Error", err)
	}
	contains(t, "error", err.Error(), "ecs-local: health")
}

// The account of an access key: its world, clock, faults, calls, money, orders and instances.

package ecslocal

import (
	"strconv"
	"time"
)

// Account is the account that an access key leads to. It may be used by several goroutines at once.
type Account struct {
	emulator *Emulator
	keyID    string
}

// KeyID is the access key id, which the SDK under test is to use; any secret goes with it.
func (a *Account) KeyID() string { return a.keyID }

// Emulator is the emulator the account is in.
func (a *Account) Emulator() *Emulator { return a.emulator }

// own adds whose world is meant.
func (a *Account) own(asked request) request {
	if asked.query == nil {
		asked.query = query{}
	}
	asked.query[whose] = a.keyID
	return asked
}

// World is the whole world as a document, without secrets.
func (a *Account) World() (map[string]any, error) {
	return ask[map[string]any](a.emulator, a.own(request{operation: "world"}))
}

// LoadWorld replaces the world; the document, anything that becomes a JSON object, says what differs
// from the world it names in "base". It gives the number of instances there are then. A document that
// makes no sense is refused with the status 400, one with an access key of another account with 409.
func (a *Account) LoadWorld(document any) (instances int, err error) {
	return a.putWorld(request{operation: "loadWorld", body: document})
}

// LoadWorldAt replaces the world as LoadWorld does. The document is read as of a moment, in whole
// milliseconds, be it earlier or later than the one the clock shows; the clock stands still there
// afterwards.
func (a *Account) LoadWorldAt(document any, at time.Time) (instances int, err error) {
	when := query{"at": written(at)}
	return a.putWorld(request{operation: "loadWorld", query: when, body: document})
}

// ChangeWorld lays a document over the world, as LoadWorld takes it, and gives the number of
// instances there are then.
func (a *Account) ChangeWorld(document any) (instances int, err error) {
	return a.putWorld(request{operation: "changeWorld", body: document})
}

func (a *Account) putWorld(asked request) (int, error) {
	size, err := ask[worldSize](a.emulator, a.own(asked))
	return size.Instances, err
}

// ResetWorld makes world, clock and ids what they were before the first call.
func (a *Account) ResetWorld() error {
	return tell(a.emulator, a.own(request{operation: "resetWorld"}))
}

// Fork gives another key a copy of this world, at the same moment; an empty one means a fresh key. A
// key of the same account is refused with the status 400.
func (a *Account) Fork(keyID string) (*Account, error) {
	other := a.emulator.Account(keyID)
	err := tell(a.emulator, a.own(request{operation: "forkWorld", query: query{"to": other.keyID}}))
	if err != nil {
		return nil, err
	}
	return other, nil
}

// Keep keeps the world under a name, in place of what was kept under it.
func (a *Account) Keep(name string) error {
	return tell(a.emulator, a.own(request{operation: "keep", path: []string{name}}))
}

// BringBack makes the world and its moment those that are kept under a name; they stay kept. A name
// without a world is refused with the status 404.
func (a *Account) BringBack(name string) error {
	return tell(a.emulator, a.own(request{operation: "bringBack", path: []string{name}}))
}

// Forget forgets the world that is kept under a name. A name without one is refused with the status
// 404.
func (a *Account) Forget(name string) error {
	return tell(a.emulator, a.own(request{operation: "forget", path: []string{name}}))
}

// Snapshots lists the kept worlds.
func (a *Account) Snapshots() ([]Snapshot, error) {
	return ask[[]Snapshot](a.emulator, a.own(request{operation: "snapshots"}))
}

// Clock tells the moment, and whether the clock stands still.
func (a *Account) Clock() (Clock, error) {
	return ask[Clock](a.emulator, a.own(request{operation: "clock"}))
}

// Advance moves the clock forward, by whole milliseconds; what comes due on the way happens. A
// negative span is refused with the status 400.
func (a *Account) Advance(by time.Duration) (Clock, error) {
	step := span(by)
	return a.moveClock(clockMove{Advance: &step})
}

// SetClock moves the clock forward to a moment, in whole milliseconds; what comes due on the way
// happens. A moment before the one the clock shows is refused with the status 400.
func (a *Account) SetClock(to time.Time) (Clock, error) {
	return a.moveClock(clockMove{Set: written(to)})
}

// written is a moment in UTC, as the control interface reads it.
func written(moment time.Time) string {
	return moment.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// FreezeClock makes the clock stand still until it is moved.
func (a *Account) FreezeClock() (Clock, error) {
	return a.moveClock(clockMove{Freeze: true})
}

// RunClock lets the clock run on from where it is.
func (a *Account) RunClock() (Clock, error) {
	return a.moveClock(clockMove{Run: true})
}

func (a *Account) moveClock(move clockMove) (Clock, error) {
	return ask[Clock](a.emulator, a.own(request{operation: "moveClock", body: move}))
}

// ArmFault arms a fault beside those that are armed, and gives all of them. Met and Fired of the
// fault begin at 0, whatever they say. A fault that makes no sense is refused with the status 400.
func (a *Account) ArmFault(fault Fault) ([]Fault, error) {
	fault.Met, fault.Fired = 0, 0
	return ask[[]Fault](a.emulator, a.own(request{operation: "armFault", body: fault}))
}

// Faults lists the armed faults, with how many calls each met and struck.
func (a *Account) Faults() ([]Fault, error) {
	return ask[[]Fault](a.emulator, a.own(request{operation: "faults"}))
}

// DisarmFaults takes all faults back.
func (a *Account) DisarmFaults() error {
	return tell(a.emulator, a.own(request{operation: "disarmFaults"}))
}

// Calls lists the latest calls, at most 1,000 of them, the latest first. The zero filter lets all of
// them through.
func (a *Account) Calls(filter CallFilter) (Calls, error) {
	wanted := query{"action": filter.Action, "code": filter.Code, "key": filter.KeyID}
	if filter.Status != 0 {
		wanted["status"] = strconv.Itoa(filter.Status)
	}
	if filter.After != 0 {
		wanted["after"] = strconv.FormatUint(filter.After, 10)
	}
	return ask[Calls](a.emulator, a.own(request{operation: "calls", query: wanted}))
}

// Why tells why a call was answered as it was; see [Emulator.Why].
func (a *Account) Why(requestID string) (Explanation, error) {
	return a.emulator.Why(requestID)
}

// Details tells the account's money, debts and limits.
func (a *Account) Details() (AccountDetails, error) {
	return ask[AccountDetails](a.emulator, a.own(request{operation: "account"}))
}

// TopUp pays cents in; arrears they cover end.
func (a *Account) TopUp(cents uint32) (AccountDetails, error) {
	return a.changeAccount(accountEvent{TopUpCents: &cents})
}

// SetArrears lets the account fall into arrears, or out of them.
func (a *Account) SetArrears(arrears bool) (AccountDetails, error) {
	return a.changeAccount(accountEvent{Arrears: &arrears})
}

func (a *Account) changeAccount(event accountEvent) (AccountDetails, error) {
	asked := request{operation: "changeAccount", body: event}
	return ask[AccountDetails](a.emulator, a.own(asked))
}

// Orders lists the orders of an instance; an empty id means all of the account.
func (a *Account) Orders(instanceID string) ([]Order, error) {
	asked := request{operation: "orders", query: query{"instance_id": instanceID}}
	return ask[[]Order](a.emulator, a.own(asked))
}

// Order is one order. An unknown one is refused with the status 404.
func (a *Account) Order(id string) (Order, error) {
	return a.askOrder("order", id)
}

// PayOrder pays an order, as the console does. It is refused with the status 409 where the order is
// not unpaid, or money or stock are short.
func (a *Account) PayOrder(id string) (Order, error) {
	return a.askOrder("payOrder", id)
}

// CancelOrder calls an order off. One that is neither unpaid nor invalid is refused with the status
// 409.
func (a *Account) CancelOrder(id string) (Order, error) {
	return a.askOrder("cancelOrder", id)
}

func (a *Account) askOrder(operation, id string) (Order, error) {
	return ask[Order](a.emulator, a.own(request{operation: operation, path: []string{id}}))
}

// Instance is an instance as its world has it, and what its guest sees. An unknown one is refused
// with the status 404.
func (a *Account) Instance(id string) (Instance, error) {
	return ask[Instance](a.emulator, a.own(request{operation: "instance", path: []string{id}}))
}

// History is the life of an instance, also of one that is released, the oldest entry first. An
// instance that never was is refused with the status 404.
func (a *Account) History(id string) ([]HistoryEntry, error) {
	return ask[[]HistoryEntry](a.emulator, a.own(request{operation: "history", path: []string{id}}))
}

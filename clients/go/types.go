// What the control interface takes and answers, in Go's types. The field tags are the names of the
// OpenAPI document, which the tests compare with these types.

package ecslocal

import "time"

// Health tells that an emulator is up, and how it is set.
type Health struct {
	Status        string         `json:"status"` // "ok"
	Version       string         `json:"version"`
	AsOf          string         `json:"as_of"` // the day whose pages it answers by; empty for the newest
	Gateway       Gateway        `json:"gateway"`
	UptimeSeconds uint64         `json:"uptime_s"`
	Data          *DataDirectory `json:"data"` // nil where it has none
}

// Gateway is how the gateway of an emulator is set.
type Gateway struct {
	Signatures  string  `json:"signatures"`   // what it does about them: "off", "log" or "strict"
	Errors      string  `json:"errors"`       // whose codes it refuses with: "ecs" or "pop"
	FlowControl *uint32 `json:"flow_control"` // calls of an operation in a minute; nil for no limit
}

// DataDirectory is where an emulator keeps its worlds.
type DataDirectory struct {
	Directory    string `json:"directory"`
	JournalBytes uint64 `json:"journal_bytes"` // what was written since the last whole state
	Failure      string `json:"failure"`       // why it cannot be written; empty where it can
}

// Row is one documented error row on one page.
type Row struct {
	Operation string `json:"operation"` // or "(any)", "(gateway)"
	Page      string `json:"page"`      // its date; empty for a row beside the pages
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Message   string `json:"message"`
	Name      string `json:"name"`
	Reach     string `json:"reach"`    // "raised", "guessed", "injected" or "pending"
	Scenario  string `json:"scenario"` // the scenario that proves it, if any
	Note      string `json:"note"`     // the guess, or why it is only injected
}

// Snapshot is a kept world.
type Snapshot struct {
	Name      string    `json:"name"`
	At        time.Time `json:"at"` // the moment it shows
	Instances int       `json:"instances"`
}

// Clock is what an account's clock shows.
type Clock struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"` // does it stand still?
}

// CallFilter says which calls are wanted; an empty field lets all through.
type CallFilter struct {
	Action string // of this operation
	Code   string // with this error code
	Status int    // with this HTTP status; 200 for those that succeeded
	KeyID  string // made with this access key
	After  uint64 // behind the first so many of the account, as Calls.Total counts them
}

// Calls is a list of calls.
type Calls struct {
	Total uint64 `json:"total"` // how many the account has had, kept or not
	Calls []Call `json:"calls"` // the latest first
}

// Call is one call to ECS and its answer. Code, Row, Message and Fix are empty for a success.
type Call struct {
	RequestID   string    `json:"request_id"`
	At          time.Time `json:"at"` // when it was answered, on the account's clock
	AccessKeyID string    `json:"access_key_id"`
	Action      string    `json:"action"`
	Status      int       `json:"status"`
	Code        string    `json:"code"`
	Row         string    `json:"row"` // the row it was refused with
	Message     string    `json:"message"`
	Fix         string    `json:"fix"` // what the caller can do about the refusal
	Signature   string    `json:"signature"`
	Fault       string    `json:"fault"`  // the fault that struck it, in words; empty for none
	Unread      []string  `json:"unread"` // parameters that nothing read
}

// Explanation tells why a call was answered as it was.
type Explanation struct {
	RequestID   string            `json:"request_id"`
	At          time.Time         `json:"at"` // when it was answered, on the account's clock
	AccessKeyID string            `json:"access_key_id"`
	Action      string            `json:"action"`
	Page        string            `json:"page"` // the date of the page in force; empty for none
	Status      int               `json:"status"`
	Code        string            `json:"code"`
	Message     string            `json:"message"`
	Signature   string            `json:"signature"`
	Fault       string            `json:"fault"`
	Parameters  map[string]string `json:"parameters"` // what was sent, without secrets
	Unread      []string          `json:"unread"`
	Decided     *Decision         `json:"decided"`   // nil for a success
	TurnedOn    []TurningPoint    `json:"turned_on"` // what a refusal turned on
	Rules       []Rule            `json:"rules"`     // in the order they are judged
	Changed     []Change          `json:"changed"`
}

// Decision is what decided a refusal.
type Decision struct {
	Row     string `json:"row"`
	Support string `json:"support"` // "documented", "guessed", "injected" or "ours"
	Guess   string `json:"guess"`   // in words, where it is one
	Fix     string `json:"fix"`     // what the caller can do about it
}

// TurningPoint is a value a refusal turned on, and one that leads past the rule.
type TurningPoint struct {
	What      string `json:"what"` // a parameter, a path in the world's document, or "clock"
	Value     any    `json:"value"`
	Otherwise any    `json:"otherwise"` // nil for a parameter that is left out
	Row       string `json:"row"`       // the row the call would be refused with then; empty for none
}

// Rule is a rule and what became of it.
type Rule struct {
	Table   string `json:"table"`
	Row     string `json:"row"`
	Outcome string `json:"outcome"` // "passed", "held", "not_reached", "not_asked" or "not_on_this_page"
}

// Change is what a call changed of an instance at one moment.
type Change struct {
	InstanceID string           `json:"instance_id"`
	At         time.Time        `json:"at"`
	IsDue      bool             `json:"is_due"` // did it come due by itself, later than the call?
	What       []string         `json:"what"`
	Patch      []map[string]any `json:"patch"` // a JSON patch (RFC 6902) of the world's document
}

// When in a call a fault strikes.
const (
	PhaseBefore = "before" // nothing changes; the default
	PhaseAfter  = "after"  // the change has happened, and the client does not know
)

// Fault is something that goes wrong with the calls it is meant for: those with all of the first five
// fields, as far as they are set. It needs an effect, Row to Truncate. It strikes once, where none of
// Times, Every, Sequence and Probability is set.
type Fault struct {
	Action      string            `json:"action,omitempty"`
	InstanceID  string            `json:"instance_id,omitempty"`
	AccessKeyID string            `json:"access_key_id,omitempty"`
	RegionID    string            `json:"region_id,omitempty"`
	Parameters  map[string]string `json:"parameters,omitempty"`

	Row      string        `json:"row,omitempty"`    // answers with this row, or
	Status   int           `json:"status,omitempty"` // with an error of one's own
	Code     string        `json:"code,omitempty"`
	Message  string        `json:"message,omitempty"`
	Delay    time.Duration `json:"delay,omitempty"`    // how far the account's clock moves
	Wait     time.Duration `json:"wait,omitempty"`     // how long the client really waits; 5 minutes at most
	Drop     bool          `json:"drop,omitempty"`     // closes the connection without an answer
	Truncate *int          `json:"truncate,omitempty"` // breaks the answer off after so many bytes

	Phase string `json:"phase,omitempty"` // PhaseBefore or PhaseAfter

	Times       uint32  `json:"times,omitempty"`       // so many times
	Every       uint32  `json:"every,omitempty"`       // each nth call
	Sequence    []bool  `json:"sequence,omitempty"`    // by a pattern, which then begins anew
	Probability float64 `json:"probability,omitempty"` // by chance, 0 to 1

	Met   uint64 `json:"met,omitempty"`   // how many calls it was meant for; the emulator counts
	Fired uint64 `json:"fired,omitempty"` // how often it struck
}

// AccountDetails is an account's money, debts and limits, as world documents have them. Amounts are in
// cents of its currency; a limit that is nil or has no entry is none.
type AccountDetails struct {
	ID                  string            `json:"id"`
	Arrears             bool              `json:"arrears"`
	ArrearsSince        time.Time         `json:"arrears_since"` // zero for none
	BalanceCents        int64             `json:"balance_cents"`
	CouponCents         int64             `json:"coupon_cents"`
	BilledCents         int64             `json:"billed_cents"` // what metered use has cost so far
	CreditCents         int64             `json:"credit_cents"` // how far use may overdraw the balance
	RefundVCPUHours     *uint32           `json:"refund_vcpu_hours"`
	DowngradePrivilege  bool              `json:"downgrade_privilege"`
	DeniedTypes         []string          `json:"denied_types"`
	HiddenTypes         []string          `json:"hidden_types"`
	DeniedChargeTypes   []string          `json:"denied_charge_types"`
	TypeQuota           map[string]uint32 `json:"type_quota"`           // instances of a type
	BandwidthLimitMbps  *uint32           `json:"bandwidth_limit_mbps"` // of one instance
	BandwidthQuotaMbps  uint32            `json:"bandwidth_quota_mbps"` // of all in a region
	BillingMethodChosen bool              `json:"billing_method_chosen"`
	CardAtRisk          bool              `json:"card_at_risk"`
	EconomicalMode      bool              `json:"economical_mode"`
}

// Order is an order of a subscription. Amounts are in cents; a moment that has not come is zero.
type Order struct {
	ID          string         `json:"order_id"`
	InstanceID  string         `json:"instance_id"`
	Operation   string         `json:"operation"` // that made it
	Kind        string         `json:"kind"`      // "buy", "upgrade", "downgrade", "renew" or "convert"
	State       string         `json:"state"`     // "unpaid", "processing", "completed", "cancelled" or "invalid"
	Before      *Configuration `json:"before"`    // nil for a new instance
	After       Configuration  `json:"after"`
	AmountCents int64          `json:"amount_cents"` // negative for a refund
	CouponCents int64          `json:"coupon_cents"` // what of it coupons paid
	CreatedAt   time.Time      `json:"created_at"`
	PaidAt      time.Time      `json:"paid_at"`
	ClosedAt    time.Time      `json:"closed_at"` // when it was carried out or cancelled
	LapsesAt    time.Time      `json:"lapses_at"` // when it is cancelled if it is unpaid still
	Takes       time.Duration  `json:"takes"`     // from its payment until it is carried out
}

// Configuration is what of an instance an order is about.
type Configuration struct {
	ChargeType         string    `json:"charge_type"` // "PostPaid" or "PrePaid"
	InstanceType       string    `json:"instance_type"`
	BandwidthOutMbps   int       `json:"bandwidth_out_mbps"`
	InternetChargeType string    `json:"internet_charge_type"` // "PayByTraffic" or "PayByBandwidth"
	ExpiresAt          time.Time `json:"expires_at"`           // of the subscription; zero for none
}

// Instance is an instance and its guest.
type Instance struct {
	ID       string         `json:"instance_id"`
	Guest    Guest          `json:"guest"`
	Document map[string]any `json:"instance"` // as in world documents
}

// Guest is the machine that runs, which is not the one DescribeInstances shows while a new type waits
// for a start.
type Guest struct {
	InstanceType string `json:"instance_type"`
	VCPUs        int    `json:"vcpus"`
	MemoryMiB    int    `json:"memory_mib"`
}

// HistoryEntry is all that one cause changed of an instance at one moment.
type HistoryEntry struct {
	At      time.Time             `json:"at"`
	Event   string                `json:"event"` // "created", "changed" or "released"
	What    []string              `json:"what"`  // the changes by name, such as "status"
	Cause   Cause                 `json:"cause"`
	Changes map[string]Difference `json:"changes"` // by the keys of world documents
}

// Cause is what caused a change.
type Cause struct {
	Kind      string `json:"kind"`   // "call", "control", or "due" for what came due by itself
	Action    string `json:"action"` // the operation, or the control call
	RequestID string `json:"request_id"`
	OrderID   string `json:"order_id"`
}

// Difference is what something was and is; nil where there was nothing.
type Difference struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

type worldSize struct {
	Instances int `json:"instances"`
}

type clockMove struct {
	Advance *span  `json:"advance,omitempty"`
	Set     string `json:"set,omitempty"`
	Freeze  bool   `json:"freeze,omitempty"`
	Run     bool   `json:"run,omitempty"`
}

type accountEvent struct {
	TopUpCents *uint32 `json:"top_up_cents,omitempty"`
	Arrears    *bool   `json:"arrears,omitempty"`
}

"""What the control interface takes and answers, as far as tests read it. Keys are those of the OpenAPI
document; a test compares them. Moments are RFC 3339 texts in UTC, money is in cents, and spans are texts
such as "4m59s"."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

# World documents have too many keys to be of use here; docs/world.md of the emulator has them all.
World = dict[str, Any]


class DataDirectory(TypedDict):
    """Where worlds are kept. `failure` says why it cannot be written at the moment."""

    directory: str
    journal_bytes: int
    failure: str | None


class Gateway(TypedDict):
    """How the gateway is set: what it does about signatures, and whose codes it refuses with."""

    signatures: Literal["off", "log", "strict"]
    errors: Literal["ecs", "pop"]
    # How many calls of an operation an account has in a minute; None for no limit.
    flow_control: int | None


class Health(TypedDict):
    """That it is up, since when, and how it is set."""

    status: str
    version: str
    # The day whose pages it answers by; None for the newest.
    as_of: str | None
    gateway: Gateway
    uptime_s: int
    # None for an emulator without one.
    data: DataDirectory | None


class Row(TypedDict):
    """An error row on a page of the documentation, and how it is reached."""

    operation: str
    # The page's date; empty for a row that is printed beside the operation's pages.
    page: str
    status: int
    code: str
    message: str
    name: str
    # raised, guessed, injected or pending.
    reach: str
    scenario: str | None
    note: str


class WorldSize(TypedDict):
    """How large a world is now."""

    instances: int


class Snapshot(TypedDict):
    """A kept world."""

    name: str
    at: str
    instances: int


class Call(TypedDict):
    """A call of the API and its answer. What a success does not have is empty."""

    request_id: str
    at: str
    access_key_id: str
    action: str
    status: int
    code: str
    row: str
    message: str
    # What the caller can do about the refusal.
    fix: str
    signature: str
    fault: str
    # Parameters that nothing read.
    unread: list[str]


class Calls(TypedDict):
    """Calls of an account, the latest first. `total` counts all there have been."""

    total: int
    calls: list[Call]


class Decided(TypedDict):
    """What decided a refusal: the row, and what supports it."""

    row: str
    # documented, guessed, injected or ours.
    support: str
    guess: str
    fix: str


class TurningPoint(TypedDict):
    """A value a refusal turned on, and one that leads past the rule."""

    # A parameter by its name, a value of the world by its path in world documents, or clock.
    what: str
    value: Any
    # None for a parameter that is left out.
    otherwise: Any
    # The row the call would be refused with then; empty where it would be accepted.
    row: str


class JudgedRule(TypedDict):
    """A rule and what became of it."""

    table: str
    row: str
    outcome: Literal["passed", "not_on_this_page", "not_asked", "held", "not_reached"]


class Changed(TypedDict):
    """What a call changed of an instance at one moment. `patch` is a JSON patch (RFC 6902)."""

    instance_id: str
    at: str
    is_due: bool
    what: list[str]
    patch: list[Any]


class Explanation(TypedDict):
    """Why a call was answered as it was."""

    request_id: str
    at: str
    access_key_id: str
    action: str
    page: str
    status: int
    code: str
    message: str
    signature: str
    fault: str
    parameters: dict[str, str]
    unread: list[str]
    # None for a success.
    decided: Decided | None
    # What a refusal turned on.
    turned_on: list[TurningPoint]
    # In the order they are judged.
    rules: list[JudgedRule]
    changed: list[Changed]


class NewFault(TypedDict, total=False):
    """A fault to arm: the calls it is meant for, what happens to them, and how often."""

    action: str
    instance_id: str
    access_key_id: str
    region_id: str
    parameters: Mapping[str, str]
    # The row to answer with, by its name, such as INTERNAL; or an error of one's own:
    row: str
    status: int
    code: str
    message: str
    # How far the account's clock moves; how long the client really waits (at most 5m).
    delay: str
    wait: str
    # The connection is closed without an answer; or the answer breaks off after so many bytes.
    drop: bool
    truncate: int
    phase: Literal["before", "after"]
    # Once, where none of these is said.
    times: int
    every: int
    sequence: Sequence[bool]
    probability: float


class Fault(TypedDict):
    """An armed fault: as it was armed, how many calls it met, and how many it struck."""

    action: NotRequired[str]
    instance_id: NotRequired[str]
    access_key_id: NotRequired[str]
    region_id: NotRequired[str]
    parameters: NotRequired[dict[str, str]]
    row: NotRequired[str]
    status: NotRequired[int]
    code: NotRequired[str]
    message: NotRequired[str]
    delay: NotRequired[str]
    wait: NotRequired[str]
    drop: NotRequired[bool]
    truncate: NotRequired[int]
    phase: Literal["before", "after"]
    times: NotRequired[int]
    every: NotRequired[int]
    sequence: NotRequired[list[bool]]
    probability: NotRequired[float]
    met: int
    fired: int


class ClockState(TypedDict):
    """A clock."""

    now: str
    frozen: bool


class AccountDetails(TypedDict):
    """An account's money and debts, and what it may have."""

    id: str
    arrears: bool
    arrears_since: NotRequired[str]
    balance_cents: int
    coupon_cents: int
    billed_cents: int
    credit_cents: int
    refund_vcpu_hours: NotRequired[int]
    downgrade_privilege: bool
    denied_types: list[str]
    hidden_types: list[str]
    denied_charge_types: list[str]
    type_quota: dict[str, int]
    bandwidth_limit_mbps: NotRequired[int]
    bandwidth_quota_mbps: int
    billing_method_chosen: bool
    card_at_risk: bool
    economical_mode: bool


class Configuration(TypedDict):
    """What of an instance an order is about."""

    charge_type: str
    instance_type: str
    bandwidth_out_mbps: int
    internet_charge_type: str
    expires_at: NotRequired[str]


class Order(TypedDict):
    """An order. `amount_cents` is negative for a refund."""

    order_id: str
    instance_id: str
    operation: str
    kind: Literal["buy", "upgrade", "downgrade", "renew", "convert"]
    state: Literal["unpaid", "processing", "completed", "cancelled", "invalid"]
    before: NotRequired[Configuration]
    after: Configuration
    amount_cents: int
    coupon_cents: int
    created_at: str
    paid_at: NotRequired[str]
    closed_at: NotRequired[str]
    lapses_at: NotRequired[str]
    takes: NotRequired[str]


class Guest(TypedDict):
    """The machine that runs, which is not the one DescribeInstances shows while a new type waits."""

    instance_type: str
    vcpus: int
    memory_mib: int


class Instance(TypedDict):
    """An instance as world documents have it, and what its guest sees."""

    instance_id: str
    guest: Guest
    instance: dict[str, Any]


class Cause(TypedDict):
    """What caused a change: a call, a control call, or something that came due by itself."""

    kind: Literal["call", "control", "due"]
    action: NotRequired[str]
    request_id: NotRequired[str]
    order_id: NotRequired[str]


class Difference(TypedDict):
    """What something was and is; None where there was or is nothing."""

    before: Any
    after: Any


class HistoryEntry(TypedDict):
    """All that one cause changed of an instance at one moment."""

    at: str
    event: Literal["created", "changed", "released"]
    # The changes by name, such as status, renew, expire.
    what: list[str]
    cause: Cause
    # By the keys of world documents.
    changes: NotRequired[dict[str, Difference]]

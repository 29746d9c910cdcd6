"""The package against the OpenAPI document that a running emulator serves: its table of calls, its
methods, what they send, and its types."""

import inspect
import types as builtin
from collections.abc import Callable
from datetime import UTC, datetime
from typing import (
    Any,
    Literal,
    NamedTuple,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import document
import pytest
from api import call
from ecs_local import Account, Clock, EcsLocal, types
from ecs_local._operations import OPERATIONS
from ecs_local._transport import Transport
from openapi_spec_validator import validate

MOMENT = datetime(2031, 1, 1, tzinfo=UTC)

# Each method that makes a call, with all that it can say.
METHODS: dict[str, Callable[[EcsLocal, Account], object]] = {
    "EcsLocal.health": lambda emulator, _: emulator.health(),
    "EcsLocal.metrics": lambda emulator, _: emulator.metrics(),
    "EcsLocal.rows": lambda emulator, _: emulator.rows(all=True),
    "EcsLocal.why": lambda emulator, _: emulator.why("r"),
    "EcsLocal.openapi": lambda emulator, _: emulator.openapi(),
    "EcsLocal.schema": lambda emulator, _: emulator.schema("world"),
    "EcsLocal.certificate": lambda emulator, _: emulator.certificate(),
    "Account.world": lambda _, account: account.world(),
    "Account.load_world": lambda _, account: account.load_world({}, at=MOMENT),
    "Account.change_world": lambda _, account: account.change_world({}),
    "Account.reset_world": lambda _, account: account.reset_world(),
    "Account.fork": lambda _, account: account.fork("b"),
    "Account.keep": lambda _, account: account.keep("s"),
    "Account.bring_back": lambda _, account: account.bring_back("s"),
    "Account.forget": lambda _, account: account.forget("s"),
    "Account.snapshots": lambda _, account: account.snapshots(),
    "Account.arm_fault": lambda _, account: account.arm_fault(row="INTERNAL"),
    "Account.faults": lambda _, account: account.faults(),
    "Account.disarm_faults": lambda _, account: account.disarm_faults(),
    "Account.calls": lambda _, account: account.calls(
        action="A", code="C", status=400, key="k", after=1
    ),
    "Account.why": lambda _, account: account.why("r"),
    "Account.details": lambda _, account: account.details(),
    "Account.top_up": lambda _, account: account.top_up(1),
    "Account.set_arrears": lambda _, account: account.set_arrears(False),
    "Account.orders": lambda _, account: account.orders("i"),
    "Account.order": lambda _, account: account.order("o"),
    "Account.pay_order": lambda _, account: account.pay_order("o"),
    "Account.cancel_order": lambda _, account: account.cancel_order("o"),
    "Account.instance": lambda _, account: account.instance("i"),
    "Account.history": lambda _, account: account.history("i"),
    "Clock.now": lambda _, account: account.clock.now(),
    "Clock.is_frozen": lambda _, account: account.clock.is_frozen(),
    "Clock.advance": lambda _, account: account.clock.advance("1s"),
    "Clock.set": lambda _, account: account.clock.set(MOMENT),
    "Clock.freeze": lambda _, account: account.clock.freeze(),
    "Clock.run": lambda _, account: account.clock.run(),
}

# These make no call of their own.
SILENT = {"EcsLocal.start", "EcsLocal.connect", "EcsLocal.stop", "EcsLocal.account"}

# The document's name of each type.
SCHEMAS: dict[Any, str] = {
    types.DataDirectory: "DataDirectory",
    types.Gateway: "Gateway",
    types.Health: "Health",
    types.Row: "Row",
    types.WorldSize: "WorldSize",
    types.Snapshot: "Snapshot",
    types.Call: "Call",
    types.Calls: "Calls",
    types.Decided: "Decided",
    types.TurningPoint: "TurningPoint",
    types.JudgedRule: "JudgedRule",
    types.Changed: "Changed",
    types.Explanation: "Explanation",
    types.Fault: "Fault",
    types.ClockState: "Clock",
    types.AccountDetails: "Account",
    types.Configuration: "Configuration",
    types.Order: "OrderView",
    types.Guest: "Guest",
    types.Instance: "InstanceView",
    types.Cause: "Cause",
    types.Difference: "Difference",
    types.HistoryEntry: "HistoryEntry",
}


class Sent(NamedTuple):
    query: dict[str, Any]
    body: Any


class Recorder(Transport):
    """Calls nobody, and notes what would have been sent."""

    def __init__(self) -> None:
        super().__init__("http://nowhere", None, str)
        self.sent: dict[str, list[Sent]] = {}

    def call(
        self, operation_id: str, *, path: Any = None, query: Any = None, body: Any = None
    ) -> Any:
        self._request(operation_id, path or {}, query or {}, body)
        said = {name: value for name, value in (query or {}).items() if value is not None}
        self.sent.setdefault(operation_id, []).append(Sent(said, body))
        return {"now": "2026-01-01T00:00:00Z", "frozen": True}


@pytest.fixture
def sent() -> dict[str, list[Sent]]:
    """What all methods together send, by operation."""
    recorder = Recorder()
    emulator = EcsLocal("http://nowhere")
    emulator._transport = recorder
    for method in METHODS.values():
        method(emulator, Account(recorder, "a"))
    return recorder.sent


def test_the_document_is_an_openapi_document(openapi: dict[str, Any]) -> None:
    validate(openapi)


def test_the_table_has_the_calls_of_the_document_and_no_others(openapi: dict[str, Any]) -> None:
    documented = {
        operation_id: (
            method,
            path,
            document.parameters(operation, "query"),
            "requestBody" in operation,
        )
        for operation_id, (method, path, operation) in document.operations(openapi).items()
    }
    table = {
        operation_id: (one.method, one.path, set(one.query), one.has_body)
        for operation_id, one in OPERATIONS.items()
    }
    assert table == documented


def test_every_method_is_known_here() -> None:
    methods = {
        f"{owner.__name__}.{name}"
        for owner in (EcsLocal, Account, Clock)
        for name, member in inspect.getmembers(owner)
        if callable(member) and not name.startswith("_")
    }
    assert methods == METHODS.keys() | SILENT


def test_every_call_has_a_method(sent: dict[str, list[Sent]]) -> None:
    assert sent.keys() == OPERATIONS.keys()


def test_the_methods_can_say_every_query_parameter(sent: dict[str, list[Sent]]) -> None:
    said = {name: {key for one in many for key in one.query} for name, many in sent.items()}
    assert said == {name: set(operation.query) for name, operation in OPERATIONS.items()}


def test_the_methods_send_what_the_document_takes(
    openapi: dict[str, Any], sent: dict[str, list[Sent]]
) -> None:
    for operation_id, many in sent.items():
        for one in many:
            document.check_body(openapi, operation_id, one.body)


@pytest.mark.parametrize("operation_id", ["moveClock", "changeAccount"])
def test_the_methods_can_say_all_of_a_body(
    openapi: dict[str, Any], sent: dict[str, list[Sent]], operation_id: str
) -> None:
    _, _, operation = document.operations(openapi)[operation_id]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    said = {key for one in sent[operation_id] for key in one.body}
    assert said == document.resolved(openapi, schema)["properties"].keys()


@pytest.mark.parametrize("declared", SCHEMAS, ids=lambda one: one.__name__)
def test_a_type_has_the_keys_of_its_schema(openapi: dict[str, Any], declared: Any) -> None:
    name = SCHEMAS[declared]
    schema = openapi["components"]["schemas"][name]
    keys = declared.__required_keys__ | declared.__optional_keys__
    assert keys == schema["properties"].keys()
    assert declared.__required_keys__ >= set(schema.get("required", []))


@pytest.mark.parametrize("declared", [types.NewFault, *SCHEMAS], ids=lambda one: one.__name__)
def test_a_type_lists_the_values_of_its_schema(openapi: dict[str, Any], declared: Any) -> None:
    schema = openapi["components"]["schemas"][SCHEMAS.get(declared, "Fault")]
    for key, hint in get_type_hints(declared).items():
        choices = document.resolved(openapi, schema["properties"][key]).get("oneOf", [])
        listed = {choice["const"] for choice in choices if "const" in choice}
        # A type may leave open what tests do not tell apart.
        if get_origin(hint) is Literal:
            assert set(get_args(hint)) == listed, key


def test_a_new_fault_says_all_but_its_counts(openapi: dict[str, Any]) -> None:
    keys = openapi["components"]["schemas"]["Fault"]["properties"].keys()
    assert types.NewFault.__optional_keys__ == keys - {"met", "fired"}


def test_answers_have_the_types_their_methods_declare(
    ecs_local: EcsLocal, ecs_account: Account
) -> None:
    key, instance_id = ecs_account.access_key_id, "i-bp67acfmxazb4ph****"
    bandwidth = {"InternetMaxBandwidthOut": "5", "NetworkChargeType": "PayByBandwidth"}
    _, bought = call(
        ecs_local, key, "ModifyInstanceNetworkSpec", InstanceId=instance_id, **bandwidth
    )
    _, refused = call(ecs_local, key, "StartInstance", InstanceId="i-web")
    ecs_account.keep("now")
    ecs_account.arm_fault(
        action="StopInstance",
        parameters={"Force": "true"},
        delay="1s",
        wait="1s",
        truncate=3,
        phase="after",
        times=2,
        every=2,
        sequence=[True],
        probability=0.5,
    )
    answers: list[tuple[Callable[..., object], tuple[Any, ...]]] = [
        (ecs_local.health, ()),
        (ecs_local.rows, ()),
        (ecs_account.snapshots, ()),
        (ecs_account.calls, ()),
        (ecs_account.why, (refused["RequestId"],)),
        (ecs_account.why, (bought["RequestId"],)),
        (ecs_account.faults, ()),
        (ecs_account.details, ()),
        (ecs_account.order, (bought["OrderId"],)),
        (ecs_account.instance, (instance_id,)),
        (ecs_account.history, (instance_id,)),
        (ecs_account.change_world, ({},)),
    ]
    for method, arguments in answers:
        conforms(method(*arguments), get_type_hints(method)["return"], method.__name__)


def conforms(value: Any, hint: Any, where: str) -> None:
    """Fails where a value is not of a type; looks into what contains others."""
    origin, inner = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        assert hint.__required_keys__ <= value.keys(), where
        hints = get_type_hints(hint)
        assert value.keys() <= hints.keys(), where
        for key, part in value.items():
            conforms(part, hints[key], f"{where}.{key}")
    elif origin is list:
        for part in value:
            conforms(part, inner[0], f"{where}[]")
    elif origin is dict:
        for part in value.values():
            conforms(part, inner[1], f"{where}{{}}")
    elif origin is Literal:
        assert value in inner, where
    elif origin in (Union, builtin.UnionType):
        [only] = [one for one in inner if one is not builtin.NoneType]
        if value is not None:
            conforms(value, only, where)
    elif hint is not Any:
        assert type(value) is hint, f"{where}: {value!r}"

"""The calls of the control interface, by the operationId of its OpenAPI document. Every request
goes through this table; a test compares it with the document both ways."""

from typing import NamedTuple


class Operation(NamedTuple):
    """How a call is made. Parts of the path in braces are filled in."""

    method: str
    path: str
    # Names of its query parameters.
    query: tuple[str, ...] = ()
    has_body: bool = False


# Whose world is meant.
_WHOSE = ("access_key_id",)
_FILTERS = ("action", "code", "status", "key", "after")

OPERATIONS = {
    "health": Operation("GET", "/_local/health"),
    "metrics": Operation("GET", "/_local/metrics"),
    "certificate": Operation("GET", "/_local/certificate"),
    "openapi": Operation("GET", "/_local/openapi.json"),
    "schema": Operation("GET", "/_local/schemas/{name}"),
    "rows": Operation("GET", "/_local/rows", ("all",)),
    "world": Operation("GET", "/_local/world", _WHOSE),
    "loadWorld": Operation("PUT", "/_local/world", (*_WHOSE, "at"), has_body=True),
    "changeWorld": Operation("PATCH", "/_local/world", _WHOSE, has_body=True),
    "resetWorld": Operation("DELETE", "/_local/world", _WHOSE),
    "forkWorld": Operation("POST", "/_local/world/fork", (*_WHOSE, "to")),
    "snapshots": Operation("GET", "/_local/snapshots", _WHOSE),
    "keep": Operation("PUT", "/_local/snapshots/{name}", _WHOSE),
    "forget": Operation("DELETE", "/_local/snapshots/{name}", _WHOSE),
    "bringBack": Operation("POST", "/_local/snapshots/{name}/load", _WHOSE),
    "calls": Operation("GET", "/_local/calls", (*_WHOSE, *_FILTERS)),
    "why": Operation("GET", "/_local/calls/{request_id}"),
    "faults": Operation("GET", "/_local/faults", _WHOSE),
    "armFault": Operation("POST", "/_local/faults", _WHOSE, has_body=True),
    "disarmFaults": Operation("DELETE", "/_local/faults", _WHOSE),
    "clock": Operation("GET", "/_local/clock", _WHOSE),
    "moveClock": Operation("POST", "/_local/clock", _WHOSE, has_body=True),
    "account": Operation("GET", "/_local/account", _WHOSE),
    "changeAccount": Operation("POST", "/_local/account", _WHOSE, has_body=True),
    "orders": Operation("GET", "/_local/orders", (*_WHOSE, "instance_id")),
    "order": Operation("GET", "/_local/orders/{id}", _WHOSE),
    "payOrder": Operation("POST", "/_local/orders/{id}/pay", _WHOSE),
    "cancelOrder": Operation("POST", "/_local/orders/{id}/cancel", _WHOSE),
    "instance": Operation("GET", "/_local/instances/{id}", _WHOSE),
    "history": Operation("GET", "/_local/instances/{id}/history", _WHOSE),
}

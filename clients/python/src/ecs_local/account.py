"""An account of the emulator: a world, a clock, faults and calls of its own, entered by one access key.
What a control call refuses is a ControlError; every method may raise it, or UnreachableError."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack, cast

from . import types
from ._transport import Transport


class Account:
    """The account that an access key leads to. Made by `EcsLocal.account`.

    `access_key_id` and `access_key_secret` are for the SDK of the code under test. The emulator
    takes any secret of a key that no world lists.
    """

    def __init__(self, transport: Transport, access_key_id: str | None = None) -> None:
        self.access_key_id = access_key_id or f"test-{secrets.token_hex(8)}"
        self.access_key_secret = "any-secret"
        self.clock = Clock(self)
        self._transport = transport

    def __repr__(self) -> str:
        return f"Account({self.access_key_id!r})"

    def world(self) -> types.World:
        """The whole world as a document, without the secrets of its keys."""
        return cast(types.World, self._call("world"))

    def load_world(
        self, document: Mapping[str, Any], *, at: datetime | str | None = None
    ) -> types.WorldSize:
        """Replaces the world. The document says what differs from the one named in its `base`.

        `at` is the moment the world is read as of, earlier or later than the clock shows; the
        clock stands still there afterwards. Without it the clock goes on as it did.

        Raises ValueError for a datetime without a time zone.
        """
        when = {"at": None if at is None else _written(at)}
        return cast(types.WorldSize, self._call("loadWorld", query=when, body=document))

    def change_world(self, document: Mapping[str, Any]) -> types.WorldSize:
        """Lays a document over the world."""
        return cast(types.WorldSize, self._call("changeWorld", body=document))

    def reset_world(self) -> None:
        """Forgets the world, clock, ids, faults and calls; the next call begins anew. Snapshots stay."""
        self._call("resetWorld")

    def fork(self, to: str | None = None) -> "Account":
        """The account of another key, a fresh one by default, with a copy of this world at this moment."""
        other = Account(self._transport, to)
        self._call("forkWorld", query={"to": other.access_key_id})
        return other

    def keep(self, name: str) -> None:
        """Keeps the world under a name, in place of what was kept under it."""
        self._call("keep", {"name": name})

    def bring_back(self, name: str) -> None:
        """Brings a kept world back, with its moment. It stays kept. 404 where there is none."""
        self._call("bringBack", {"name": name})

    def forget(self, name: str) -> None:
        """Forgets a kept world. 404 where there is none."""
        self._call("forget", {"name": name})

    def snapshots(self) -> list[types.Snapshot]:
        """The kept worlds."""
        return cast(list[types.Snapshot], self._call("snapshots"))

    def arm_fault(self, **fault: Unpack[types.NewFault]) -> list[types.Fault]:
        """Makes calls of this account go wrong; once, where it is not said how often.

        `arm_fault(action="StopInstance", row="INTERNAL", times=2)`. Answers all armed faults.
        """
        return cast(list[types.Fault], self._call("armFault", body=fault))

    def faults(self) -> list[types.Fault]:
        """The armed faults, with how many calls each met and struck."""
        return cast(list[types.Fault], self._call("faults"))

    def disarm_faults(self) -> None:
        """Takes all faults back."""
        self._call("disarmFaults")

    def calls(
        self,
        *,
        action: str | None = None,
        code: str | None = None,
        status: int | None = None,
        key: str | None = None,
        after: int | None = None,
    ) -> types.Calls:
        """The latest 1,000 calls, the latest first.

        Only those of an operation, with an error code, with an HTTP status, made with an access
        key, or behind the first `after` calls of the account.
        """
        wanted = {"action": action, "code": code, "status": status, "key": key, "after": after}
        return cast(types.Calls, self._call("calls", query=wanted))

    def why(self, request_id: str) -> types.Explanation:
        """Why a call was answered as it was. 404 where it is not among the latest of any account."""
        path = {"request_id": request_id}
        return cast(types.Explanation, self._transport.call("why", path=path))

    def details(self) -> types.AccountDetails:
        """Its money and debts, and what it may have."""
        return cast(types.AccountDetails, self._call("account"))

    def top_up(self, cents: int) -> types.AccountDetails:
        """Pays money in, in cents; arrears it covers end."""
        return self._change_account({"top_up_cents": cents})

    def set_arrears(self, begin: bool) -> types.AccountDetails:
        """The account falls into arrears, or out of them."""
        return self._change_account({"arrears": begin})

    def orders(self, instance_id: str | None = None) -> list[types.Order]:
        """The orders, of one instance where one is named; the oldest first."""
        return cast(list[types.Order], self._call("orders", query={"instance_id": instance_id}))

    def order(self, order_id: str) -> types.Order:
        """One order. 404 where there is no such."""
        return cast(types.Order, self._call("order", {"id": order_id}))

    def pay_order(self, order_id: str) -> types.Order:
        """Pays an order, as the console does. 409 where it is not unpaid, or money or stock are short."""
        return cast(types.Order, self._call("payOrder", {"id": order_id}))

    def cancel_order(self, order_id: str) -> types.Order:
        """Cancels an order, as the console does. 409 where it is neither unpaid nor invalid."""
        return cast(types.Order, self._call("cancelOrder", {"id": order_id}))

    def instance(self, instance_id: str) -> types.Instance:
        """An instance, and what its guest sees. 404 where there is no such."""
        return cast(types.Instance, self._call("instance", {"id": instance_id}))

    def history(self, instance_id: str) -> list[types.HistoryEntry]:
        """What happened to an instance, and why; the oldest first. Also of one that was released."""
        return cast(list[types.HistoryEntry], self._call("history", {"id": instance_id}))

    def _change_account(self, event: dict[str, int | bool]) -> types.AccountDetails:
        return cast(types.AccountDetails, self._call("changeAccount", body=event))

    def _call(
        self,
        operation_id: str,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str | int | None] | None = None,
        body: Any = None,
    ) -> Any:
        whose = {"access_key_id": self.access_key_id, **(query or {})}
        return self._transport.call(operation_id, path=path, query=whose, body=body)


class Clock:
    """The clock of an account. It goes forward only; what comes due on the way happens."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def now(self) -> datetime:
        """The moment it shows, UTC."""
        return _moment(self._account._call("clock"))

    def is_frozen(self) -> bool:
        """Does it stand still?"""
        state: types.ClockState = self._account._call("clock")
        return state["frozen"]

    def advance(self, span: str | timedelta) -> datetime:
        """Goes forward by a span such as "5m" or "1h 30m". Answers the moment it shows then."""
        return self._move(advance=_span(span))

    def set(self, moment: datetime | str) -> datetime:
        """Goes forward to a moment. 400 where that is over already.

        Raises ValueError for a datetime without a time zone.
        """
        return self._move(set=_written(moment))

    def freeze(self) -> datetime:
        """Stands still from now on, until it is moved."""
        return self._move(freeze=True)

    def run(self) -> datetime:
        """Runs on with the machine's clock."""
        return self._move(run=True)

    def _move(self, **move: str | bool) -> datetime:
        return _moment(self._account._call("moveClock", body=move))


def _moment(state: types.ClockState) -> datetime:
    return datetime.fromisoformat(state["now"])


def _span(span: str | timedelta) -> str:
    return span if isinstance(span, str) else f"{span // timedelta(milliseconds=1)}ms"


def _written(moment: datetime | str) -> str:
    if isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; say datetime(..., tzinfo=UTC)")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

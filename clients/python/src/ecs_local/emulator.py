"""The emulator, started or found running: what concerns all of it, and the way to its accounts."""

import os
import urllib.parse
from collections.abc import Sequence
from datetime import date
from types import TracebackType
from typing import Any, Literal, Self, cast

from . import types
from ._process import Process
from ._transport import Transport
from .account import Account

_DEFAULT_ENDPOINT = "127.0.0.1:4526"


class EcsLocal:
    """A running emulator. Made by `EcsLocal.start` or `EcsLocal.connect`.

    As a context manager it stops at the end what it started.
    """

    def __init__(self, url: str, token: str | None = None, process: Process | None = None) -> None:
        self._process = process
        epitaph = process.epitaph if process else lambda: ""
        self._transport = Transport(url.rstrip("/"), token, epitaph)

    @classmethod
    def start(
        cls,
        binary: str | os.PathLike[str] | None = None,
        *,
        seed: int | None = None,
        clock: Literal["system", "manual"] | None = None,
        scenario: str | os.PathLike[str] | None = None,
        as_of: date | str | None = None,
        signatures: Literal["off", "log", "strict"] | None = None,
        data: str | os.PathLike[str] | None = None,
        token: str | None = None,
        listen: str = "127.0.0.1:0",
        log: str = "info",
        arguments: Sequence[str] = (),
        timeout: float = 30.0,
    ) -> Self:
        """Starts an emulator on a free port and waits until it listens, at most `timeout` seconds.

        `binary` is a path or a name on the PATH; without it $ECS_LOCAL_BIN, else `ecs-local`. The
        other arguments are its options, `arguments` those that have no name here. No $ECS_LOCAL_…
        variable reaches it. It ends with `stop`, or at the latest with this process.

        Raises StartError, with what it wrote to stderr, where there is no such program or it does
        not come to listen.
        """
        options = {
            "listen": listen,
            # Where it listens it says by a message of its own.
            "log": f"{log},ecs_local::cli=info",
            "seed": seed,
            "clock": clock,
            "scenario": scenario,
            "as-of": as_of,
            "signatures": signatures,
            "data": data,
            "control-token": token,
        }
        process = Process(binary, [*_written(options), *arguments], timeout)
        return cls(process.url, token, process)

    @classmethod
    def connect(cls, endpoint: str | None = None, token: str | None = None) -> Self:
        """Finds a running emulator, by a URL or as host:port.

        Without an endpoint that of $ECS_LOCAL_ENDPOINT, else 127.0.0.1:4526; without a token that
        of $ECS_LOCAL_CONTROL_TOKEN. Raises UnreachableError where nothing answers. Whether the
        token is right shows at the first call that asks for it: ControlError, 401.
        """
        where = endpoint or os.environ.get("ECS_LOCAL_ENDPOINT") or _DEFAULT_ENDPOINT
        url = where if "://" in where else f"http://{where}"
        emulator = cls(url, token or os.environ.get("ECS_LOCAL_CONTROL_TOKEN"))
        emulator.health()
        return emulator

    @property
    def url(self) -> str:
        """Where it is, such as `http://127.0.0.1:4526`."""
        return self._transport.url

    @property
    def endpoint(self) -> str:
        """Host and port, as SDKs want an endpoint."""
        return urllib.parse.urlsplit(self.url).netloc

    @property
    def stderr(self) -> str:
        """The latest 200 lines a started emulator wrote; empty for one that was found."""
        return self._process.stderr if self._process else ""

    def stop(self) -> None:
        """Ends an emulator that was started here. One that was found goes on."""
        if self._process:
            self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def account(self, key: str | None = None) -> Account:
        """The account of an access key id; without one of a fresh key, which nobody else has.

        Calls without a key belong to the account `default`.
        """
        return Account(self._transport, key)

    def health(self) -> types.Health:
        """That it is up, and its version."""
        return cast(types.Health, self._transport.call("health"))

    def metrics(self) -> str:
        """What it has done, in the text format of Prometheus."""
        return cast(str, self._transport.call("metrics"))

    def rows(self, *, all: bool = False) -> list[types.Row]:
        """Every documented error row and how it is reached; with `all`, also those beside the pages."""
        wanted = "true" if all else None
        return cast(list[types.Row], self._transport.call("rows", query={"all": wanted}))

    def why(self, request_id: str) -> types.Explanation:
        """Why a call was answered as it was. 404 where it is not among the latest of any account."""
        path = {"request_id": request_id}
        return cast(types.Explanation, self._transport.call("why", path=path))

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of the control interface."""
        return cast(dict[str, Any], self._transport.call("openapi"))

    def schema(self, name: Literal["world", "scenario", "fault"]) -> dict[str, Any]:
        """The JSON Schema of what people write."""
        return cast(dict[str, Any], self._transport.call("schema", path={"name": name}))

    def certificate(self) -> str:
        """The certificate (PEM) that clients are to trust. 404 where it was started without --tls."""
        return cast(str, self._transport.call("certificate"))


def _written(options: dict[str, Any]) -> list[str]:
    said = {name: value for name, value in options.items() if value is not None}
    return [f"--{name}={value}" for name, value in said.items()]

"""Control calls over HTTP: an operation of the table, what fills it in, and what is answered.
Knows no operation by name."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from ._operations import OPERATIONS
from .errors import ControlError, UnreachableError

# Seconds. No control call waits for anything.
_TIMEOUT = 30.0

# The emulator is this machine's or its network's: no proxy that the environment names leads there.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Transport:
    """Where the emulator is, and the token it asks for."""

    def __init__(self, url: str, token: str | None, epitaph: Callable[[], str]) -> None:
        self.url = url
        self._token = token
        # What is known about an emulator that does not answer.
        self._epitaph = epitaph

    def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | None] | None = None,
        body: Any = None,
    ) -> Any:
        """What is answered: parsed JSON, text, or None. Query parameters of None are not sent."""
        request = self._request(operation_id, path or {}, query or {}, body)
        try:
            with _DIRECT.open(request, timeout=_TIMEOUT) as answer:
                return _read(answer.headers.get_content_type(), answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise _refusal(refused.code, refused.read()) from None
        except (OSError, http.client.HTTPException) as error:
            message = f"{self.url} does not answer: {error}{self._epitaph()}"
            raise UnreachableError(message) from error

    def _request(
        self,
        operation_id: str,
        path: Mapping[str, str],
        query: Mapping[str, str | int | None],
        body: Any,
    ) -> urllib.request.Request:
        operation = OPERATIONS[operation_id]
        parts = {name: urllib.parse.quote(part, safe="") for name, part in path.items()}
        pairs = {name: value for name, value in query.items() if value is not None}
        url = f"{self.url}{operation.path.format(**parts)}?{urllib.parse.urlencode(pairs)}"
        data = json.dumps(body).encode() if operation.has_body else None
        request = urllib.request.Request(url.removesuffix("?"), data, method=operation.method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        return request


def _read(content_type: str, body: bytes) -> Any:
    if not body:
        return None
    return json.loads(body) if content_type == "application/json" else body.decode()


def _refusal(status: int, body: bytes) -> ControlError:
    """Something between here and the emulator may answer too, with a body of its own."""
    text = body.decode(errors="replace")
    try:
        said = json.loads(text)
        return ControlError(status, said["Code"], said["Message"])
    except (ValueError, TypeError, KeyError):
        return ControlError(status, "", text)

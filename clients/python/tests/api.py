"""A call of the API, as the code under test would make it: plain HTTP, unsigned, JSON."""

import http.client
import json
import urllib.parse
from typing import Any

from ecs_local import EcsLocal


def call(emulator: EcsLocal, key: str, action: str, **parameters: str) -> tuple[int, Any]:
    """Status and body of the answer."""
    said = {"Action": action, "AccessKeyId": key, "Format": "JSON", **parameters}
    connection = http.client.HTTPConnection(emulator.endpoint, timeout=30)
    try:
        connection.request("GET", f"/?{urllib.parse.urlencode(said)}")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()

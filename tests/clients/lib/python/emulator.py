"""The emulator: where it is, the account's keys, the world every account begins with, and the
control interface. All of it is of the contract in tests/clients/README.md; knows no SDK."""

import json
import os
import urllib.parse
import urllib.request
from contextlib import contextmanager

# host:port, as SDKs want an endpoint.
ENDPOINT = os.environ["ECS_LOCAL_ENDPOINT"]
KEY_ID = os.environ["ECS_LOCAL_KEY_ID"]
KEY_SECRET = os.environ["ECS_LOCAL_KEY_SECRET"]
READER_ID = os.environ["ECS_LOCAL_READER_ID"]
READER_SECRET = os.environ["ECS_LOCAL_READER_SECRET"]
CERTIFICATE = os.environ["ECS_LOCAL_CERTIFICATE"]

REGION = "cn-hangzhou"
IMAGE = "aliyun_3_x64_20G_alibase_20240528.vhd"
VSWITCH = "vsw-hangzhou-h"
SECURITY_GROUP = "sg-hangzhou"

# Control calls go to the emulator whatever proxy the machine names.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def advance(span):
    """Lets time pass for the account, such as "10s"; what comes due on the way happens."""
    _control("POST", "clock", {"advance": span})


def calls():
    """How many calls the account has had (`total`), and the latest first (`calls`)."""
    return _control("GET", "calls")


def latest_request_id():
    return calls()["calls"][0]["request_id"]


def order(order_id):
    return _control("GET", f"orders/{order_id}")


def pay(order_id):
    """Pays an order, as a person would in the console."""
    _control("POST", f"orders/{order_id}/pay", {})


@contextmanager
def fault(action, row):
    """Calls of this action are answered with this row: more of them than any client makes."""
    _control("POST", "faults", {"action": action, "row": row, "times": 10})
    try:
        yield
    finally:
        _control("DELETE", "faults")


def _control(method, path, body=None):
    """What the answer says; None where it has no body."""
    query = urllib.parse.urlencode({"access_key_id": KEY_ID})
    request = urllib.request.Request(
        f"http://{ENDPOINT}/_local/{path}?{query}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with _direct.open(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None

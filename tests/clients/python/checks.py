"""What both programs share: where the emulator is, its clock, and the counting of checks.

Knows no SDK. The clock is moved over the control interface, so nothing here sleeps.
"""

import json
import os
import re
import sys
import urllib.request
import uuid

# host:port, as SDKs want an endpoint.
ENDPOINT = os.environ.get("ECS_LOCAL_ENDPOINT", "127.0.0.1:4526")
REGION = "cn-hangzhou"
ZONE = "cn-hangzhou-h"
IMAGE = "aliyun_3_x64_20G_alibase_20240528.vhd"
VSWITCH = "vsw-hangzhou-h"
SECURITY_GROUP = "sg-hangzhou"

REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")

# Control calls go to the emulator whatever proxy the machine names.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Checks:
    """Counts checks, prints a line for each, and ends the program with their result."""

    def __init__(self, client):
        self.client = client
        # An access key nobody else uses: its world is this program's own.
        self.access_key_id = f"{client}-{uuid.uuid4().hex}"
        self.passed = 0
        self.failed = 0

    def equal(self, what, got, wanted):
        self.true(what, got == wanted, f"got {got!r}, wanted {wanted!r}")

    def true(self, what, holds, otherwise=""):
        if holds:
            self.passed += 1
            print(f"ok      {self.client}: {what}")
        else:
            self.failed += 1
            print(f"FAILED  {self.client}: {what}: {otherwise}")

    def request_id(self, what, request_id):
        fits = REQUEST_ID.fullmatch(request_id or "") is not None
        self.true(what, fits, f"{request_id!r} is no request id")

    def refused(self, what, call, read, wanted):
        """Runs a call that is to be refused; `read` takes status, code, message and request id out
        of the SDK's own exception."""
        try:
            call()
        except Exception as error:  # the SDKs have no common class
            status, code, message, request_id = read(error)
            self.equal(f"{what}: status, code, message", (status, code, message), wanted)
            self.request_id(f"{what}: request id", request_id)
        else:
            self.true(what, False, f"accepted, wanted {wanted!r}")

    def advance(self, span):
        """Moves this program's clock; what comes due on the way happens."""
        control(f"/clock?access_key_id={self.access_key_id}", {"advance": span})

    def order(self, order_id):
        """An order, as the control interface tells it."""
        return control(f"/orders/{order_id}?access_key_id={self.access_key_id}")

    def pay(self, order_id):
        """Pays an order, as a person would in the console."""
        control(f"/orders/{order_id}/pay?access_key_id={self.access_key_id}", {})

    def run(self, *programs):
        """Runs the programs; an exception that escapes one is a failed check."""
        for program in programs:
            try:
                program(self)
            except Exception as error:
                what = f"{program.__name__} runs to its end"
                self.true(what, False, f"{type(error).__name__}: {error}")
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def control(path, body=None):
    """A GET, or with a body a POST."""
    request = urllib.request.Request(
        f"http://{ENDPOINT}/_local{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with _opener.open(request, timeout=10) as answer:
        return json.load(answer)

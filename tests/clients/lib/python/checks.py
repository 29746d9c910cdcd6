"""Counts what a program checks, and prints it in the form of tests/clients/README.md."""

import sys
from contextlib import contextmanager
from importlib.metadata import version

import emulator


class Checks:
    """The steps of one program.

    `exception` is what the client raises for a refusal; `read` takes HTTP status, Code, Message and
    RequestId out of it.
    """

    def __init__(self, *packages, exception, read):
        self._exception = exception
        self._read = read
        self._step = None
        self._passed = 0
        self._failed = 0
        print("version:", ", ".join(f"{package} {version(package)}" for package in packages))

    @contextmanager
    def step(self, name):
        """What escapes a step is a failure of it; the next steps still run."""
        self._step = name
        try:
            yield
        except Exception as error:
            self._fail(f"ended by {type(error).__name__}: {error}")

    def equal(self, what, got, wanted):
        if got == wanted:
            self._pass(f"{what} {got!r}")
        else:
            self._fail(f"{what}: got {got!r}, wanted {wanted!r}")

    def more(self, what, got, than):
        if got > than:
            self._pass(f"{what} {got!r}, more than {than!r}")
        else:
            self._fail(f"{what}: got {got!r}, wanted more than {than!r}")

    def refused(self, call, wanted, calls=1):
        """Runs a call that is to be refused; `calls` is how often this client makes it."""
        before = emulator.calls()["total"]
        try:
            call()
        except self._exception as error:
            after = emulator.calls()
            made = after["total"] - before
            print(f"refused {self._step}: {type(error).__name__}, {made} calls")
            status, code, message, request_id = self._read(error)
            if not wanted.is_whole:
                message = message[: len(wanted.message)]
            self.equal("HTTP status", status, wanted.status)
            self.equal("Code", code, wanted.code)
            self.equal("Message", message, wanted.message)
            self.equal("RequestId", request_id, after["calls"][0]["request_id"])
            self.equal("calls", made, calls)
        else:
            self._fail(f"refusal: got none, wanted {wanted.code}")

    def finish(self):
        """Prints the sum and ends the program with it."""
        print(f"{self._passed} passed, {self._failed} failed")
        sys.exit(1 if self._failed else 0)

    def _pass(self, found):
        self._passed += 1
        print(f"ok      {self._step}: {found}")

    def _fail(self, found):
        self._failed += 1
        print(f"FAILED  {self._step}: {found}")

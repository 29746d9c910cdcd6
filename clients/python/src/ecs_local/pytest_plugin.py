"""Fixtures for pytest: `ecs_local`, one emulator a session, and `ecs_account`, a fresh account a test.
A test that fails with an account shows the latest calls of it."""

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from .account import Account
from .emulator import EcsLocal
from .errors import EcsLocalError

# How many calls a failed test shows.
_SHOWN = 10


@pytest.fixture(scope="session")
def ecs_local_options() -> dict[str, Any]:
    """Arguments of `EcsLocal.start`. Define a fixture of this name in conftest.py to say others."""
    return {}


@pytest.fixture(scope="session")
def ecs_local(ecs_local_options: dict[str, Any]) -> Iterator[EcsLocal]:
    """An emulator for all tests: the one at $ECS_LOCAL_ENDPOINT, else one that is started."""
    if os.environ.get("ECS_LOCAL_ENDPOINT"):
        yield EcsLocal.connect()
        return
    with EcsLocal.start(**ecs_local_options) as emulator:
        yield emulator


@pytest.fixture
def ecs_account(ecs_local: EcsLocal) -> Iterator[Account]:
    """An account for one test; its world is the starting one."""
    account = ecs_local.account()
    yield account
    # An emulator that outlives the tests keeps nothing of them.
    account.reset_world()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    account = getattr(item, "funcargs", {}).get("ecs_account")
    if report.when == "call" and report.failed and account is not None:
        report.sections.append(("ecs-local calls, the latest first", _told(account)))
    return report


def _told(account: Account) -> str:
    try:
        calls = account.calls()["calls"][:_SHOWN]
    except EcsLocalError as error:
        return str(error)
    lines = []
    for call in calls:
        words = [call["action"], str(call["status"]), call["code"], call["fault"]]
        lines.append(" ".join(word for word in words if word))
        if call["code"]:
            lines.append(f"    {call['row']}: {call['message']}")
            lines.append(f"    fix: {call['fix']}")
    return "\n".join(lines) or "none"

"""The type hints, as a type checker of users sees them in the installed package."""

import subprocess
import sys
from pathlib import Path

USES = """\
from datetime import UTC, datetime, timedelta
from ecs_local import EcsLocal

with EcsLocal.start(clock="manual", seed=1) as emulator:
    account = emulator.account()
    account.clock.advance(timedelta(minutes=5)).isoformat()
    account.load_world({}, at=datetime(2031, 1, 1, tzinfo=UTC))["instances"] + 1
    account.arm_fault(action="StopInstance", row="INTERNAL", times=2)[0]["fired"] + 1
    account.details()["balance_cents"] + 1
    decided = account.why("r")["decided"]
    decided["row"]  # wrong: it may be None
    account.arm_fault(acton="StopInstance")  # wrong: no such key
    account.arm_fault(times="2")  # wrong: not a number
    account.load_world({}, at=timedelta(0))  # wrong: not a moment
    account.details()["balance"]  # wrong: no such key
    emulator.health()["gateway"]["errors"] == "alb"  # wrong: no such family
    account.order("o")["state"] == "payed"  # wrong: no such state
    EcsLocal.start(clock="maunal")  # wrong: no such clock
"""


def test_a_type_checker_finds_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    uses = tmp_path / "uses.py"
    uses.write_text(USES)
    command = [sys.executable, "-m", "mypy", "--strict", "--hide-error-context", "--cache-dir"]
    done = subprocess.run(
        [*command, str(tmp_path / "cache"), "--no-error-summary", str(uses)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if " error: " in line]
    found = sorted({int(line.split(":")[1]) for line in told})
    lines = enumerate(USES.splitlines(), start=1)
    assert found == [number for number, line in lines if "# wrong" in line], done.stdout

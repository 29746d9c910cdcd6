"""What all tests share: an emulator whose clock stands, and the rule that whatever a control call sends
and is answered is what the OpenAPI document says. Closes with the tally that run-tests promises."""

from typing import Any

import document
import pytest
from ecs_local import EcsLocal
from ecs_local._transport import Transport

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def ecs_local_options() -> dict[str, Any]:
    return {"clock": "manual"}


@pytest.fixture(scope="session")
def openapi(ecs_local: EcsLocal) -> dict[str, Any]:
    return ecs_local.openapi()


@pytest.fixture(autouse=True)
def every_call_keeps_to_the_document(
    openapi: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Transport.call

    def checked(self: Transport, operation_id: str, **said: Any) -> Any:
        answer = call(self, operation_id, **said)
        document.check_body(openapi, operation_id, said.get("body"))
        document.check_answer(openapi, operation_id, answer)
        return answer

    monkeypatch.setattr(Transport, "call", checked)


def pytest_unconfigure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        count = {what: len(reports) for what, reports in reporter.stats.items()}
        bad = count.get("failed", 0) + count.get("error", 0)
        print(f"{count.get('passed', 0)} passed, {bad} failed")

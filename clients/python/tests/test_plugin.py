"""The pytest plugin, as a test run that has the package installed meets it."""

import pytest
from ecs_local import EcsLocal

USES = """
    def test_one(ecs_local, ecs_account):
        assert ecs_local.url == {url!r}
        ecs_account.load_world({{"instance": {{"i-mine": {{}}}}}})

    def test_other(ecs_account):
        assert "i-mine" not in ecs_account.world()["instance"]
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")


def test_a_session_has_one_emulator_and_a_test_an_account(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        seen = []

        def test_one(ecs_local, ecs_account):
            seen.append((ecs_local, ecs_account.access_key_id))

        def test_other(ecs_local, ecs_account):
            [(emulator, key)] = seen
            assert ecs_local is emulator
            assert ecs_account.access_key_id != key
            assert not ecs_account.clock.is_frozen()
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=2)


def test_options_are_a_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def ecs_local_options():
            return {"clock": "manual"}
    """)
    pytester.makepyfile("""
        def test_clock(ecs_account):
            assert ecs_account.clock.is_frozen()
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_running_emulator_is_used_and_nothing_stays_there(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EcsLocal.start(token="hush", clock="manual") as emulator:
        monkeypatch.setenv("ECS_LOCAL_ENDPOINT", emulator.endpoint)
        monkeypatch.setenv("ECS_LOCAL_CONTROL_TOKEN", "hush")
        # Whatever would be started instead does not start.
        monkeypatch.setenv("ECS_LOCAL_BIN", "/nowhere/ecs-local")
        before = worlds(emulator)
        pytester.makepyfile(USES.format(url=emulator.url))
        pytester.runpytest_subprocess().assert_outcomes(passed=2)
        assert worlds(emulator) == before


def worlds(emulator: EcsLocal) -> list[str]:
    return [line for line in emulator.metrics().splitlines() if line.startswith("ecs_local_worlds")]


def test_a_failed_test_shows_its_calls(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import urllib.request

        def test_stop(ecs_local, ecs_account):
            query = f"Action=StopInstance&InstanceId=i-no&AccessKeyId={ecs_account.access_key_id}"
            urllib.request.urlopen(f"{ecs_local.url}/?{query}")
    """)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*ecs-local calls, the latest first*",
            "StopInstance 404 InvalidInstanceId.NotFound",
            "    *: The specified InstanceId does not exist.",
            "    fix: *",
        ]
    )


def test_an_emulator_that_does_not_start_is_an_error(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECS_LOCAL_BIN", "/nowhere/ecs-local")
    pytester.makepyfile("def test_any(ecs_account): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*StartError: there is no program '/nowhere/ecs-local'*"])

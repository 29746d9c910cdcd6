"""Starting, finding and ending an emulator, and what is said where that goes wrong."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from api import call
from ecs_local import ControlError, EcsLocal, StartError, UnreachableError


def program(folder: Path, text: str) -> Path:
    """A stand-in for the emulator."""
    path = folder / "stand-in"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_started_emulator_answers_until_it_is_stopped() -> None:
    with EcsLocal.start() as emulator:
        assert emulator.health()["status"] == "ok"
        assert emulator.url == f"http://{emulator.endpoint}"
        assert f"listens on {emulator.url}" in emulator.stderr
    with pytest.raises(UnreachableError, match="it has ended with status 0"):
        emulator.health()
    emulator.stop()


def test_nothing_watches_over_an_emulator_that_was_stopped() -> None:
    emulator = EcsLocal.start()
    assert emulator._process is not None
    watchdog = emulator._process._watchdog
    assert watchdog.poll() is None
    emulator.stop()
    assert watchdog.poll() is not None


def test_two_emulators_share_nothing() -> None:
    with EcsLocal.start() as one, EcsLocal.start() as other:
        one.account("a").keep("mine")
        assert one.url != other.url
        assert other.account("a").snapshots() == []


def test_the_clock_stands_or_runs_as_it_is_told() -> None:
    with EcsLocal.start(clock="manual") as manual, EcsLocal.start() as running:
        assert manual.account().clock.is_frozen()
        assert not running.account().clock.is_frozen()


def test_a_seed_decides_the_ids() -> None:
    def request_id(seed: int) -> str:
        with EcsLocal.start(seed=seed, clock="manual") as emulator:
            _, answer = call(emulator, "a", "DescribeRegions")
            return str(answer["RequestId"])

    assert request_id(7) == request_id(7)
    assert request_id(7) != request_id(8)


def test_a_scenario_is_the_starting_world(tmp_path: Path) -> None:
    scenario = tmp_path / "mine.toml"
    scenario.write_text('about = "One instance."\n[given.instance.i-mine]\nstatus = "Stopped"\n')
    with EcsLocal.start(scenario=scenario, clock="manual") as emulator:
        account = emulator.account()
        assert list(account.world()["instance"]) == ["i-mine"]
        assert account.clock.now().isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_date_chooses_the_pages() -> None:
    def page(as_of: date | str | None) -> str:
        with EcsLocal.start(as_of=as_of) as emulator:
            wanted = {"InstanceId": "i-web", "InstanceType": "ecs.g6.xlarge"}
            _, answer = call(emulator, "a", "ModifyInstanceSpec", **wanted)
            return emulator.why(answer["RequestId"])["page"]

    assert page(date(2019, 5, 21)) == page("2019-05-21") == "2019-05-21"
    assert page(None) > "2019-05-21"


def test_strict_signatures_refuse_an_unknown_key() -> None:
    with EcsLocal.start(signatures="strict") as emulator:
        status, answer = call(emulator, "nobody", "DescribeRegions")
    assert status >= 400
    assert "Code" in answer


def test_a_data_directory_keeps_worlds_over_a_restart(tmp_path: Path) -> None:
    with EcsLocal.start(data=tmp_path) as emulator:
        data = emulator.health()["data"]
        assert data is not None
        assert Path(data["directory"]) == tmp_path
        emulator.account("a").load_world({"instance": {"i-mine": {}}})
    with EcsLocal.start(data=tmp_path) as emulator:
        assert list(emulator.account("a").world()["instance"]) == ["i-mine"]
    with EcsLocal.start() as emulator:
        assert emulator.health()["data"] is None


def test_arguments_without_a_name_reach_it() -> None:
    with EcsLocal.start(arguments=["--tls"]) as emulator:
        assert emulator.certificate().startswith("-----BEGIN CERTIFICATE-----")


def test_every_option_is_written_as_the_command_line_has_it(tmp_path: Path) -> None:
    binary = program(tmp_path, 'printf "%s\\n" "$@" >&2')
    with pytest.raises(StartError) as failed:
        EcsLocal.start(
            binary,
            seed=3,
            clock="manual",
            scenario=tmp_path / "a.toml",
            as_of=date(2020, 1, 2),
            signatures="off",
            data=tmp_path,
            token="hush",
            log="debug",
            arguments=["--last", "one"],
        )
    assert failed.value.stderr.splitlines() == [
        "--listen=127.0.0.1:0",
        "--log=debug,ecs_local::cli=info",
        "--seed=3",
        "--clock=manual",
        f"--scenario={tmp_path}/a.toml",
        "--as-of=2020-01-02",
        "--signatures=off",
        f"--data={tmp_path}",
        "--control-token=hush",
        "--last",
        "one",
    ]


def test_a_quiet_emulator_is_heard_to_listen() -> None:
    with EcsLocal.start(log="error") as emulator:
        assert emulator.health()["status"] == "ok"


def test_variables_of_the_shell_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECS_LOCAL_CLOCK", "manual")
    monkeypatch.setenv("ECS_LOCAL_CONTROL_TOKEN", "hush")
    with EcsLocal.start() as emulator:
        assert not emulator.account().clock.is_frozen()


def test_the_binary_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = shutil.which(os.environ["ECS_LOCAL_BIN"])
    assert binary is not None
    (tmp_path / "ecs-local").symlink_to(Path(binary).resolve())
    monkeypatch.delenv("ECS_LOCAL_BIN")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with EcsLocal.start() as emulator:
        assert emulator.health()["status"] == "ok"


def test_a_named_binary_comes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECS_LOCAL_BIN", "/nowhere/from-the-variable")
    with pytest.raises(StartError, match="/nowhere/from-the-variable"):
        EcsLocal.start()
    with pytest.raises(StartError, match="/nowhere/from-the-argument"):
        EcsLocal.start("/nowhere/from-the-argument")


def test_a_binary_that_refuses_to_start_says_why() -> None:
    with pytest.raises(StartError, match="ended with status 2") as failed:
        EcsLocal.start(listen="nonsense")
    assert "invalid value 'nonsense' for '--listen" in failed.value.stderr
    assert failed.value.stderr in str(failed.value)


def test_a_binary_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    binary = tmp_path / "ecs-local"
    binary.write_text("#!/nowhere/interpreter\n")
    binary.chmod(0o755)
    with pytest.raises(StartError, match="No such file"):
        EcsLocal.start(binary)


def test_a_binary_that_never_listens_is_ended(tmp_path: Path) -> None:
    binary = program(tmp_path, 'echo "$$" >&2; exec tail -f /dev/null')
    with pytest.raises(StartError, match="did not listen within 0.5 s") as failed:
        EcsLocal.start(binary, timeout=0.5)
    with pytest.raises(ProcessLookupError):
        os.kill(int(failed.value.stderr), 0)


def test_a_binary_that_takes_no_hint_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecs_local._process._PATIENCE", 0.2)
    # What a shell ignores, the program it becomes ignores too.
    text = "trap '' TERM; echo listens on http://127.0.0.1:1 >&2; exec tail -f /dev/null"
    binary = program(tmp_path, text)
    emulator = EcsLocal.start(binary)
    emulator.stop()
    with pytest.raises(UnreachableError, match=f"status {-signal.SIGKILL}"):
        emulator.health()


# Starts an emulator, says where it is, and waits to be ended. What runs in the background of a shell ignores Ctrl-C.
OWNER = """
import signal
import ecs_local
signal.signal(signal.SIGINT, signal.default_int_handler)
emulator = ecs_local.EcsLocal.start()
print(emulator.endpoint, flush=True)
try:
    input()
except KeyboardInterrupt:
    print(emulator.health()["status"])
"""


def owner() -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", OWNER]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)


def has_ended(emulator: EcsLocal) -> bool:
    """Asks it until it does not answer; not for ever."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            emulator.health()
        except UnreachableError:
            return True
    return False


def test_an_emulator_ends_with_the_process_that_started_it() -> None:
    with owner() as started:
        assert started.stdout is not None
        emulator = EcsLocal.connect(started.stdout.readline().strip())
        started.kill()
        assert has_ended(emulator)


def test_ctrl_c_leaves_the_emulator_to_those_who_clean_up() -> None:
    with owner() as started:
        assert started.stdout is not None
        emulator = EcsLocal.connect(started.stdout.readline().strip())
        os.killpg(started.pid, signal.SIGINT)
        assert started.stdout.read() == "ok\n"
    assert has_ended(emulator)


def test_an_emulator_that_others_reach_asks_for_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with EcsLocal.start(listen="0.0.0.0:0", token="hush") as emulator:
        assert emulator.url.startswith("http://127.0.0.1:")
        assert emulator.account().snapshots() == []
        for token in (None, "wrong"):
            stranger = EcsLocal.connect(emulator.url, token=token)
            with pytest.raises(ControlError) as refused:
                stranger.account().world()
            assert (refused.value.status, refused.value.code) == (401, "EcsLocal.TokenRequired")
            assert "Authorization: Bearer" in refused.value.message
        monkeypatch.setenv("ECS_LOCAL_CONTROL_TOKEN", "hush")
        assert EcsLocal.connect(emulator.url).account().snapshots() == []


def test_a_running_emulator_is_found_and_left_running(monkeypatch: pytest.MonkeyPatch) -> None:
    with EcsLocal.start() as emulator:
        emulator.account("a").keep("mine")
        for endpoint in (emulator.url, emulator.endpoint, f"{emulator.url}/"):
            with EcsLocal.connect(endpoint) as found:
                assert found.url == emulator.url
                assert found.stderr == ""
        monkeypatch.setenv("ECS_LOCAL_ENDPOINT", emulator.endpoint)
        [snapshot] = EcsLocal.connect().account("a").snapshots()
        assert snapshot["name"] == "mine"


def test_nothing_to_connect_to_is_said() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(UnreachableError, match=f"{url} does not answer"):
        EcsLocal.connect(url)


def test_no_proxy_is_asked(ecs_local: EcsLocal) -> None:
    proxy = f"http://127.0.0.1:{closed_port()}"
    text = f"import ecs_local as e; print(e.EcsLocal.connect({ecs_local.url!r}).health()['status'])"
    proxies = {"http_proxy": proxy, "HTTP_PROXY": proxy, "all_proxy": proxy}
    done = subprocess.run(
        [sys.executable, "-c", text],
        env={**os.environ, **proxies},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("ok\n", "")

"""A started emulator as a process: which binary, until when it is waited for, how it ends. It ends
with the tests, however they end; its stderr is read for as long as it runs."""

import collections
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Sequence

from .errors import StartError

_LISTENS = re.compile(r"listens on (https?://\S+)")

# How many of the latest lines of stderr are kept.
_KEPT_LINES = 200

# Seconds between asking it to end and making it.
_PATIENCE = 10.0

# Ends the emulator when its own stdin ends: the other end is held by this process alone, and is
# closed even where this process is killed.
_WATCHDOG = 'read -r _; kill "$1" 2>/dev/null'


class Process:
    """A running emulator. `url` is where it says it listens."""

    def __init__(
        self, binary: str | os.PathLike[str] | None, arguments: Sequence[str], timeout: float
    ) -> None:
        command = [_find(binary), *arguments]
        self._lines: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
        self._spoke = threading.Event()
        self.url = ""
        self._child = _spawn(command)
        self._watchdog = _spawn_watchdog(self._child.pid)
        self._reader = threading.Thread(target=self._read, name="ecs-local stderr", daemon=True)
        self._reader.start()
        self._spoke.wait(timeout)
        if not self.url:
            self._give_up(command, timeout)

    @property
    def stderr(self) -> str:
        """The latest 200 lines it wrote."""
        return "\n".join(self._lines.copy())

    def epitaph(self) -> str:
        """How it ended and what it wrote, where it has ended; else nothing."""
        status = self._child.poll()
        return "" if status is None else f"\nit has ended with status {status}\n{self.stderr}"

    def stop(self) -> None:
        """Ends it and waits until it has ended. Does nothing the second time."""
        self._dismiss_watchdog()
        self._child.terminate()
        try:
            self._child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        # Something it started may still hold its stderr.
        self._reader.join(_PATIENCE)

    def _read(self) -> None:
        assert self._child.stderr is not None
        with self._child.stderr as stream:
            for line in stream:
                self._lines.append(line.rstrip("\n"))
                if not self.url and (found := _LISTENS.search(line)):
                    self.url = _reachable(found[1])
                    self._spoke.set()
        self._spoke.set()

    def _give_up(self, command: Sequence[str], timeout: float) -> None:
        """Whoever closed its stderr is about to end, and tells why by its status."""
        if self._spoke.is_set():
            how = f"ended with status {self._child.wait(_PATIENCE)}"
        else:
            how = f"did not listen within {timeout} s"
        self.stop()
        raise StartError(f"{' '.join(command)}: {how}", self.stderr)

    def _dismiss_watchdog(self) -> None:
        self._watchdog.kill()
        self._watchdog.wait()
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()


def _find(binary: str | os.PathLike[str] | None) -> str:
    name = os.fspath(binary or os.environ.get("ECS_LOCAL_BIN") or "ecs-local")
    found = shutil.which(name)
    if found is None:
        raise StartError(
            f"there is no program {name!r}: put ecs-local on the PATH, set ECS_LOCAL_BIN, or say "
            "which binary to start"
        )
    return found


def _spawn(command: Sequence[str]) -> subprocess.Popen[str]:
    """A session of its own keeps Ctrl-C from it, so that tests can still clean up."""
    # What the emulator is started with is what the test says, not what a shell has left over.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ECS_LOCAL_")
    }
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise StartError(f"{command[0]}: {error}") from error


def _spawn_watchdog(pid: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["sh", "-c", _WATCHDOG, "ecs-local-watchdog", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _reachable(url: str) -> str:
    """Where to call an emulator that listens on every address."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

"""The processes that are measured: the emulator and the floor, each on the first core; load comes from the second."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time

from calls import KEY

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
EMULATOR, FLOOR = RELEASE / "ecs-local", RELEASE / "floor"
LUA = pathlib.Path(__file__).with_name("requests.lua")
# No line for each call, but those that tell the address.
QUIET = "info,ecs_local::seen=off"
SERVER_CORE, LOAD_CORE = "0", "1"
TICKS = os.sysconf("SC_CLK_TCK")


def build():
    """Builds both with the same lock file and profile."""
    for package in ("ecs-local", "floor"):
        subprocess.run(["cargo", "build", "--release", "--locked", "--package", package], cwd=ROOT, check=True)


class Server:
    """A running process that answers at an address."""

    def __init__(self, process, address):
        self.process, self.address = process, address

    def ask(self, method, path, body=None):
        """One request of the control interface; answers its body."""
        connection = http.client.HTTPConnection(self.address, timeout=600)
        connection.request(method, path, body)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return text

    def ask_often(self, target, times):
        """The same request again and again on one connection; every answer is a success."""
        connection = http.client.HTTPConnection(self.address, timeout=600)
        for _ in range(times):
            connection.request("GET", target)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} {text[:300]!r}")
        connection.close()

    def put_world(self, document):
        """Gives the account of the measured key this world."""
        self.ask("PUT", f"/_local/world?access_key_id={KEY}", json.dumps(document))

    def cpu_us(self):
        """User and system time so far, microseconds."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1_000_000 / TICKS

    def rss_kib(self):
        """Resident memory, KiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@contextlib.contextmanager
def running(arguments, wrapper=("taskset", "-c", SERVER_CORE)):
    """A server while it runs."""
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen([*wrapper, *map(str, arguments)], stdout=printed, stderr=subprocess.STDOUT)
        try:
            yield Server(process, first_address(process, printed))
        finally:
            process.terminate()
            process.wait(60)


def first_address(process, printed):
    """The address a server prints once it listens."""
    while process.poll() is None:
        address = re.search(r"\b127\.0\.0\.1:[1-9]\d*", os.pread(printed.fileno(), 4096, 0).decode())
        if address:
            return address[0]
        time.sleep(0.0005)
    raise RuntimeError(f"it ended at once: {os.pread(printed.fileno(), 4096, 0).decode()}")


def emulator(*options, log=QUIET, **how):
    """The emulator, without a line for each call unless told otherwise."""
    return running([EMULATOR, "--listen", "127.0.0.1:0", "--seed", "1", "--log", log, *options], **how)


def floor(length=60, **how):
    """The floor, which answers so many bytes."""
    return running([FLOOR, "127.0.0.1:0", length], **how)


def load(server, targets, connections, seconds):
    """Sends requests for so long; what came of it, with the cpu the server took."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(targets) + "\n")
        file.flush()
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", LUA]
        command += [f"http://{server.address}", "--", file.name]
        before = server.cpu_us()
        printed = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout
        cpu_us = server.cpu_us() - before
    told = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
    told["rps"] = told["calls"] * 1e6 / told["us"]
    told["cpu_us"] = cpu_us / told["calls"]
    return told


def ask_one_by_one(address, targets):
    """Sends the requests one after the other on one connection; the statuses that came."""
    host, port = address.split(":")
    statuses = set()
    with socket.create_connection((host, int(port))) as connection, connection.makefile("rb") as answers:
        for target in targets:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
            statuses.add(int(answers.readline().split()[1]))
            length = 0
            while (line := answers.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            answers.read(length)
    return statuses

"""What a release is made of: the version, which Cargo.toml states, and the platforms, which platforms.tsv
lists. For the programs in this folder; says nothing of how a package is made."""

import csv
import hashlib
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

PACKAGING = Path(__file__).resolve().parent
ROOT = PACKAGING.parent


class Platform(NamedTuple):
    """A row of platforms.tsv; the columns are told there."""

    target: str
    runner_os: str
    runner_arch: str
    npm: str
    archive: str

    @property
    def binary(self) -> str:
        """The name of the program there."""
        return "ecs-local.exe" if self.runner_os == "Windows" else "ecs-local"

    @property
    def folder(self) -> str:
        """The one folder in the archive."""
        return f"ecs-local-{version()}-{self.target}"

    @property
    def archive_name(self) -> str:
        return f"{self.folder}.{self.archive}"

    def read_binary(self, archives: Path) -> bytes:
        """The program out of its archive in a folder of archives."""
        archive, member = archives / self.archive_name, f"{self.folder}/{self.binary}"
        if self.archive == "zip":
            with zipfile.ZipFile(archive) as opened:
                return opened.read(member)
        with tarfile.open(archive) as opened:
            extracted = opened.extractfile(member)
            assert extracted is not None, f"{member} is not a file"
            return extracted.read()


def version() -> str:
    """That of the crate, such as 0.1.0."""
    return str(tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"])


def platforms() -> list[Platform]:
    """All of them, in the order of the table."""
    with (PACKAGING / "platforms.tsv").open(newline="") as table:
        lines = [line for line in table if not line.startswith("#")]
    return [Platform(**row) for row in csv.DictReader(lines, delimiter="\t")]


def platform(target: str) -> Platform:
    """The one of a Rust target. Raises SystemExit where there is none."""
    for candidate in platforms():
        if candidate.target == target:
            return candidate
    raise SystemExit(f"packaging/platforms.tsv has no target {target}")


def licences() -> list[Path]:
    """Our own and those of what is in the binary; they go with it wherever it goes."""
    return sorted(ROOT.glob("LICENSE-*"))


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

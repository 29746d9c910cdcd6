"""What README.md shows works as it stands."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


def shown(heading: str) -> str:
    """The first Python under a heading."""
    section = README.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found, heading
    return found[1]


def test_the_first_test_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(shown("A first test"))
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_without_pytest_it_works_too(pytester: pytest.Pytester) -> None:
    script = pytester.makepyfile(shown("Without pytest"))
    result = pytester.runpython(script)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["Stopped"])


def test_the_testcontainers_snippet_compiles() -> None:
    compile(shown("Testcontainers"), "README.md", "exec")

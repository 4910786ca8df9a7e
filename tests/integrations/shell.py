"""The shell text of pipelines, checked and run as their runners do it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.installation import environment, installed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAMS = Path(sys.executable).parent


class Ended(NamedTuple):
    """How a script ended; what it wrote to both streams, in order."""

    code: int
    told: str


BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
"""How GitHub runs a script of bash: the first command that fails ends it."""

_PYTHON = """\
#!/bin/sh
# python3 -m venv PLACE
mkdir -p "$3/bin"
ln -s "{venv}/bin/policyengine" "$3/bin/policyengine"
cp "{place}/pip" "$3/bin/python"
"""
_PIP = """\
#!/bin/sh
# PLACE/bin/python -m pip install --quiet REQUIREMENT
for asked in "$@"; do printf '%s\\n' "$asked"; done >>"{place}/asked"
"""


class Python:
    """A ``python3`` in whose environments policyengine is: what pip is ``asked`` to install is only noted.

    That pip installs this repository is shown where it takes more: by the action, by pre-commit and by the image.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True, exist_ok=True)
        for name, text in {"python3": _PYTHON, "pip": _PIP}.items():
            (place / name).write_text(text.format(place=place, venv=installed()))
            (place / name).chmod(0o755)

    def asked(self) -> list[str]:
        return (self.place / "asked").read_text().splitlines()


def run(script: str, cwd: Path, variables: Mapping[str, str], shell: Sequence[str] = BASH, path: str = "") -> Ended:
    """Run a script; ``path`` is a directory in which programs are looked for first."""
    given = environment(None, **variables)
    ended = subprocess.run(
        [*shell, script],
        cwd=cwd,
        env={**given, "PATH": f"{path}:{given['PATH']}"} if path else given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)


def complaints(script: str, shell: str = "bash") -> str:
    """What ShellCheck says of a script."""
    command = [str(PROGRAMS / "shellcheck"), f"--shell={shell}", "--format=gcc", "-"]
    return subprocess.run(command, input=script, capture_output=True, text=True, check=False).stdout


def schema_errors(name: str, path: Path) -> str:
    """What is wrong with a file by a schema that check-jsonschema carries."""
    command = [str(PROGRAMS / "check-jsonschema"), "--regex-variant=nonunicode", "--builtin-schema", f"vendor.{name}"]
    ended = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr

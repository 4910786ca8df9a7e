"""The real visudo and cvtsudoers, asked about files."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.authentication.sudoers import tolerant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATHS = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
COMPARED = "1.9.13"
"""The version whose grammar ours is: later ones accept a little more and write their JSON in another way."""


@dataclass(frozen=True)
class Answer:
    """What sudo's programs say: whether visudo accepts, whether strictly, and what cvtsudoers writes."""

    accepted: bool
    strictly: bool
    json: Any
    expanded: Any
    told: str


def program(name: str) -> str | None:
    """Where a program is."""
    return shutil.which(name, path=PATHS)


@cache
def version() -> str | None:
    """The version of visudo, None where there is none."""
    visudo = program("visudo")
    if visudo is None:
        return None
    told = subprocess.run([visudo, "-V"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version ([0-9.]+)", told)
    return found[1] if found else None


def lacking() -> str | None:
    """What the comparison lacks here; None when it can be made."""
    if version() is None or program("cvtsudoers") is None:
        return "there is no visudo or cvtsudoers: install sudo"
    return None if version() == COMPARED else f"sudo is {version()} and not {COMPARED}"


def asked(directory: Path, files: Mapping[str, str]) -> Answer:
    """What the programs say of files: ``sudoers`` is the main one, and others lie where their names say."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    main = str(directory / "sudoers")
    strict = _run(["visudo", "-c", "-s", "-f", main])
    loose = strict if strict.returncode == 0 else _run(["visudo", "-c", "-f", main])
    plain = _run(["cvtsudoers", "-f", "json", main])
    expanded = _run(["cvtsudoers", "-f", "json", "-e", main]) if plain.returncode == 0 else plain
    told = loose.stdout + loose.stderr + strict.stderr + plain.stderr
    return Answer(loose.returncode == 0, strict.returncode == 0, _json(plain), _json(expanded), told)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    path = program(command[0])
    assert path is not None
    return subprocess.run(
        [path, *command[1:]],
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        env={"LC_ALL": "C", "TZ": "UTC"},
        timeout=300,
    )


def _json(ended: subprocess.CompletedProcess[str]) -> Any:
    return tolerant.loads(ended.stdout) if ended.returncode == 0 else None

"""The real useradd, pwck and grpck, in a directory that has the files of a system."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

from policyengine.authentication.files import Entry, Placed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from policyengine.authentication.files import Something

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("useradd", "pwck", "grpck")


def lacking() -> str | None:
    """What the comparison lacks here; None when it can be made."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]
    if missing:
        return f"there is no {missing[0]}: install passwd"
    return None if os.geteuid() == 0 else "another root takes root"


def written(root: Path, files: Mapping[str, Something]) -> None:
    """Write the files of a system below a directory."""
    for path, given in files.items():
        at = root / path.lstrip("/")
        if isinstance(given, Entry):
            at.mkdir(parents=True)
        else:
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(given.data if isinstance(given, Placed) else str(given).encode())


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": _PATH, "LC_ALL": "C"})
    return done.stdout + done.stderr


def added(root: Path, name: str) -> dict[str, str]:
    """What useradd makes of a new user: the fields of passwd and shadow, and the mode of the home."""
    told = _run("useradd", "--prefix", str(root), name)
    [user] = [line for line in (root / "etc/passwd").read_text().splitlines() if line.startswith(f"{name}:")] or [told]
    [shadow] = [line for line in (root / "etc/shadow").read_text().splitlines() if line.startswith(f"{name}:")]
    _, _, uid, _, _, home, shell = user.split(":")
    _, _, _, least, most, warned, inactive, expires, _ = shadow.split(":")
    at = root / home.lstrip("/")
    mode = f"{at.stat().st_mode & 0o7777:04o}" if at.is_dir() else ""
    days = {"min": least, "max": most, "warn": warned, "inactive": inactive, "expires": expires}
    return {"uid": uid, "home": home, "shell": shell, "mode": mode, **days}


def complaints(root: Path) -> Counter[str]:
    """What pwck and grpck say of the files of a system, without what they ask then."""
    said: list[str] = []
    for program, about in (("pwck", "passwd"), ("grpck", "group")):
        lines = _run(program, "--read-only", "--root", str(root)).splitlines()
        said += [f"{about}: {line}" for line in lines if not line.endswith("? No")]
    return Counter(said)

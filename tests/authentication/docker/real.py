"""What the dockerd of this machine says of a configuration, without being started: it is asked as nobody.

It reads its configuration before it looks at who it is, and then does not go on: ``cmd/dockerd/daemon.go``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOBODY = 65534
_NO_ROOT = "needs to be started with root privileges"


def lacking() -> str | None:
    """Why dockerd cannot be asked; None where it can."""
    if shutil.which("dockerd") is None:
        return "there is no dockerd"
    return None if os.geteuid() == 0 else "only root can become nobody"


def refusal(directory: Path, text: str | None, flags: Sequence[str] = ()) -> str | None:
    """What dockerd objects to; None for a configuration that it takes."""
    named: list[str] = []
    if text is not None:
        file = directory / "daemon.json"
        file.write_text(text)
        named = ["--config-file", str(file)]
    ended = subprocess.run(
        ["dockerd", *named, *flags],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{ended.stdout}{ended.stderr}"
    return None if _NO_ROOT in said else said.strip().splitlines()[-1]


def known_flags() -> frozenset[str]:
    """The flags that dockerd tells of."""
    told = subprocess.run(["dockerd", "--help"], capture_output=True, text=True, check=True).stdout
    return frozenset(re.findall(r"--([a-z0-9-]+)", told))

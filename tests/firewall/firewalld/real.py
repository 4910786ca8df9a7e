"""The real firewalld, in a network namespace of its own: what it loads of settings."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from shutil import which
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"

_PROGRAM = """
import subprocess, sys
from firewall import config
from firewall.core.fw import Firewall

def kept(directory, name, *command):
    with open(f"{directory}/{name}", "w") as file:
        subprocess.run(command, stdout=file, check=True)

for directory in sys.argv[1:]:
    config.set_system_config_paths(f"{directory}/etc")
    firewall = Firewall()
    try:
        firewall.start()
    except Exception as error:
        with open(f"{directory}/refused", "w") as file:
            file.write(str(error))
    else:
        kept(directory, "nft.json", "nft", "-j", "list", "table", "inet", "firewalld")
        kept(directory, "4", "iptables-save")
        kept(directory, "6", "ip6tables-save")
    subprocess.run(["nft", "flush", "ruleset"], check=True)
"""


@cache
def _missing() -> str | None:
    if os.geteuid() != 0:
        return "network namespaces need root"
    needed = [name for name in ("firewalld", "nft", "iptables-save") if which(name, path=_PATH) is None]
    return f"there is no {', '.join(needed)} (Debian: firewalld, nftables, iptables)" if needed else None


def needs_firewalld() -> None:
    """Skip a test where firewalld cannot be run; fail where it must be."""
    reason = _missing()
    if reason and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)


def lay(directory: Path, files: Mapping[str, str]) -> Path:
    """Write settings to ``etc`` in a directory, which is given back."""
    for name, text in files.items():
        place = directory / "etc" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return directory


def load(directories: Sequence[Path]) -> None:
    """Load the settings in ``etc`` of each directory, and leave beside it what is then loaded, or why it is refused.

    firewalld's own part runs without its bus, by the Python that Debian has it for.
    """
    python = which("python3", path="/usr/bin:/bin") or "python3"
    command = ["unshare", "--net", python, "-c", _PROGRAM, *map(str, directories)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": _PATH})
    assert ended.returncode == 0, ended.stderr

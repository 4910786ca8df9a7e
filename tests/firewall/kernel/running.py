"""Runs of the differential in processes of their own: each goes into a network namespace of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from tests.firewall.kernel.differential import Found
from tests.installation import ROOT

NEEDED = ("ip", "nft", "ipset", "iptables-nft-restore", "iptables-legacy-restore")


def lacking() -> str | None:
    """Why there can be no lab here, or None."""
    if os.geteuid() != 0:
        return "a lab of the kernel's wants root"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        return f"there is no {', '.join(missing)} (Debian: iproute2, nftables, ipset, iptables)"
    return None


def differential(program: str, family: int, packets: int, seed: int = 0) -> Found:
    """What a run with rules by lot found."""
    return _run("--program", program, "--family", str(family), "--packets", str(packets), "--seed", str(seed))


def with_dump(program: str, dump: Path, packets: int) -> Found:
    """What a run with the rules of a dump found."""
    return _run("--program", program, "--dump", str(dump), "--packets", str(packets))


def _run(*words: str) -> Found:
    command = [sys.executable, "-m", "tests.firewall.kernel.differential", *words]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr
    return msgspec.json.decode(ended.stdout, type=Found)

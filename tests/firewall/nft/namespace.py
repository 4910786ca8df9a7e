"""nft in a network namespace of its own, which ends with it: the rules of the host are never touched."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from shutil import which

import pytest

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


@cache
def _missing() -> str | None:
    if which("nft", path=_PATH) is None:
        return "nft is not installed"
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "network namespaces need root"


def needs_nft() -> None:
    """Skip a test where nft cannot be run; fail where it must be."""
    reason = _missing()
    if reason and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)


def listed(ruleset: str) -> str:
    """What ``nft -j list ruleset`` writes when rules in nft's language are loaded."""
    needs_nft()
    return _run("nft -f - && nft -j list ruleset", ruleset)


def described(expression: str) -> dict[str, int]:
    """The words that nft knows for the values of an expression."""
    needs_nft()
    words = {}
    for line in _run(f"nft describe {expression}", "").splitlines():
        parts = line.split()
        if line.startswith("\t") and len(parts) == 2:
            words[parts[0]] = int(parts[1], 0)
    return words


def _run(command: str, given: str) -> str:
    environment = {**os.environ, "PATH": _PATH}
    found = subprocess.run(
        ["unshare", "--net", "sh", "-c", command],
        input=given,
        text=True,
        capture_output=True,
        check=False,
        env=environment,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout

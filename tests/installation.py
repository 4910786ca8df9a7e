"""policyengine installed from its wheel into a fresh environment, once for all tests that want it."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_QUIET": "1"}
"""What makes ``pip install .`` quick: the libraries are there already. (pip takes 0 to mean no isolation.)"""
_NOT_OURS = ("PYTHON", "PIP_", "POLICYENGINE_", "COLUMNS", "LINES", "FORCE_COLOR")
"""Variables of the tests' own environment that would change what commands print."""


def environment(venv: Path | None = None, /, **more: str) -> dict[str, str]:
    """The variables for commands: plain output, no caches of other runs, and the environment's programs first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    kept |= _OFFLINE | {
        "POLICYENGINE_CACHE_DIR": str(cache_directory()),
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    if venv is not None:
        kept["PATH"] = f"{venv / 'bin'}:{kept['PATH']}"
        kept["VIRTUAL_ENV"] = str(venv)
    return kept | more


@cache
def cache_directory() -> Path:
    """Where the runs of one test session keep checked policies."""
    place = Path(tempfile.mkdtemp(prefix="policyengine-cache-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def fresh(place: Path) -> Path:
    """A new environment in which the libraries of this one are there, but not policyengine."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    site = next(place.glob("lib/python*/site-packages"))
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries) + "\n")
    pip = place / "bin" / "pip"
    pip.write_text(f'#!/bin/sh\nexec "{place / "bin" / "python"}" -m pip "$@"\n')
    pip.chmod(0o755)
    return place


def copied(place: Path) -> Path:
    """A copy of what the repository holds, without what tools leave behind."""
    hidden = shutil.ignore_patterns(
        ".*_cache", ".hypothesis", ".git", "__pycache__", "*.egg-info", "build", "dist", ".venv"
    )
    shutil.copytree(ROOT, place, ignore=hidden)
    return place


def run(command: list[str], cwd: Path, venv: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program of an environment in a directory."""
    variables = environment(venv, **more)
    return subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, timeout=300, check=False)


@cache
def installed() -> Path:
    """An environment with policyengine installed from its wheel."""
    place = Path(tempfile.mkdtemp(prefix="policyengine-installed-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    venv = fresh(place / "venv")
    built = run(["pip", "wheel", str(ROOT), "--wheel-dir", str(place / "wheels")], place, venv)
    assert built.returncode == 0, built.stderr
    (wheel,) = (place / "wheels").glob("policyengine-*.whl")
    done = run(["pip", "install", str(wheel)], place, venv)
    assert done.returncode == 0, done.stderr
    return venv

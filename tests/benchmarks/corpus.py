"""What the benchmarks judge: real manifests where they are at hand, else our own ones."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "corpora" / "realworld" / "k8s"
OURS = ROOT / "fixtures" / "kubernetes"
COPIES = 40


def manifests(place: Path) -> Path:
    """A directory with about 400 Kubernetes files: the real ones in place, or copies of ours below ``place``."""
    if REAL.is_dir():
        return REAL
    for number in range(COPIES):
        shutil.copytree(OURS, place / f"copy{number}")
    return place


def multiplied(directory: Path, times: int, place: Path) -> Path:
    """A directory that holds another one several times: as links where the file system allows it."""
    for number in range(times):
        shutil.copytree(directory, place / f"copy{number}", copy_function=_linked)
    return place


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


def files(directory: Path) -> list[Path]:
    """The files below a directory."""
    return sorted(path for path in directory.rglob("*") if path.is_file())

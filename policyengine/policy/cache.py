"""Checked policies, kept as JSON between runs by what they were made from. A cache that fails is no cache."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def directory() -> Path:
    """``$POLICYENGINE_CACHE_DIR``, else ``$XDG_CACHE_HOME/policyengine``, else ``~/.cache/policyengine``."""
    named = os.environ.get("POLICYENGINE_CACHE_DIR")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "policyengine"


def read(key: str) -> str | None:
    """What was kept under a key; None when there is nothing, or it cannot be read."""
    try:
        return (directory() / f"policies-{key}.json").read_text(encoding="utf-8")
    except (OSError, RuntimeError, UnicodeDecodeError):
        return None


def write(key: str, text: str) -> None:
    """Keep a text under a key, whole or not at all; a place that cannot be written keeps nothing."""
    try:
        place = directory()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=place, delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).replace(place / f"policies-{key}.json")
    except (OSError, RuntimeError):
        return

"""Policies that were found right when policyengine was made: a run need not check them again.

``SHA256SUMS`` beside the built-in policies, as ``sha256sum`` writes it, has the digests of their texts. A text that is
not among them, for somebody changed it, is checked as any other.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LIST = "SHA256SUMS"


def digest(text: str) -> str:
    """A text's SHA-256, as that of its UTF-8."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def digests(place: Path) -> frozenset[str]:
    """Those listed in a directory; none where there is no list."""
    try:
        lines = (place / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(line.partition(" ")[0] for line in lines)


def listed(place: Path, files: Iterable[Path]) -> str:
    """The list of a directory's files, in their order: what ``sha256sum --check`` takes."""
    return "".join(f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(place)}\n" for path in files)

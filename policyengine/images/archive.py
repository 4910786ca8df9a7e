"""Which files ADD takes for archives, told by their names."""

from __future__ import annotations

import re

_ARCHIVE = re.compile(
    r".*\.(?:tar(?:\.\w+)?|t[abgx]z2?|tbz|tlz|tzst|tar[gx]z|gz|bz2|xz|lzma|lz|zst|Z)", re.DOTALL
).fullmatch


def is_archive(name: str) -> bool:
    """Whether a file is called as archives are, and compressed files that may be archives.

    ADD unpacks those that it recognises by their content: tar, alone or compressed.
    """
    return _ARCHIVE(name) is not None

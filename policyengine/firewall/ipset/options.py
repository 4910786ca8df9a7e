"""The options of sets and of their entries, each with its value (ipset(8))."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OF_SETS: Mapping[str, bool] = {
    **dict.fromkeys(("family", "hashsize", "maxelem", "bucketsize", "initval", "range", "size", "timeout"), True),
    **dict.fromkeys(("netmask", "bitmask", "markmask", "probes", "resize", "gc"), True),
    **dict.fromkeys(("counters", "comment", "skbinfo", "forceadd"), False),
}
"""What ``create`` takes, and whether a value follows it."""

OF_ENTRIES: Mapping[str, bool] = {
    **dict.fromkeys(("timeout", "packets", "bytes", "comment", "skbmark", "skbprio", "skbqueue"), True),
    **dict.fromkeys(("nomatch", "wildcard"), False),
}
"""What ``add`` takes, and whether a value follows it."""


def options(found: Iterable[str], known: Mapping[str, bool]) -> dict[str, str]:
    """The options by name, with "" for those without a value. Raises ValueError for what ipset does not know.

    A value is never an option, whatever it reads: ``comment "nomatch"``.
    """
    told: dict[str, str] = {}
    words = iter(found)
    for word in words:
        if word not in known:
            raise ValueError(f'"{word}" is no option of ipset')
        value = next(words, None) if known[word] else ""
        if value is None:
            raise ValueError(f"the value of {word} is missing")
        told[word] = value
    return told

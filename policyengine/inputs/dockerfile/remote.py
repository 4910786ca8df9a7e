"""The sources of ADD that are fetched from elsewhere.

https://docs.docker.com/reference/dockerfile/#adding-files-from-a-url
https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

_REMOTE = re.compile(r"""(?i)["']?(?:(?:https?|git|ssh)://|[a-z0-9_.-]+@[a-z0-9.-]+:)""").match
_BEGINNINGS = ("http://", "https://", "git://", "ssh://", "git@")


def remote_sources(written: Sequence[str], sources: Sequence[str | Unknown]) -> list[tuple[int, str | Unknown]]:
    """The sources that are URLs or git repositories, with their numbers.

    One whose variables are not all known is as written where its beginning shows that it is remote; it is unknown
    where a variable decides.
    """
    found = ((number, _remote(*pair)) for number, pair in enumerate(zip(written, sources, strict=True)))
    return [(number, source) for number, source in found if source is not None]


def _remote(written: str, source: str | Unknown) -> str | Unknown | None:
    if not isinstance(source, Unknown):
        return source if _REMOTE(source) else None
    if _REMOTE(written):
        return written
    known = written.partition("$")[0].lower()
    return source if any(beginning.startswith(known) for beginning in _BEGINNINGS) else None

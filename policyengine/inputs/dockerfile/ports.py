"""The ports of EXPOSE.

https://docs.docker.com/reference/dockerfile/#expose
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PORTS = 100_000
"""How many ports the ranges of one file's EXPOSE may stand for."""

_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?").fullmatch


class Ports:
    """Reads the ports of one file, which are bounded all together."""

    def __init__(self) -> None:
        self._left = MAX_PORTS

    def read(self, text: str) -> Iterator[tuple[str, str | Unknown]]:
        """Ports as PORT/PROTOCOL, each with a key that tells it from others; a range is every port in it.

        An address or a port of the host before them (``8080:80``) says nothing: EXPOSE publishes none.
        """
        written, _, protocol = text.partition("/")
        port = written.rpartition(":")[2]
        protocol = protocol.lower() or "tcp"
        match = _RANGE(port)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if match is None or last > 65535:
            yield f"{port}/{protocol}", f"{port}/{protocol}"
            return
        self._left -= last - first + 1
        if self._left < 0:
            yield text, Unknown("expose", f"the ranges stand for more than {MAX_PORTS:,} ports")
            return
        yield from ((f"{number}/{protocol}", f"{number}/{protocol}") for number in range(first, last + 1))

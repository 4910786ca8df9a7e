"""For whom a configuration is asked: a connection as ``sshd -C`` describes one."""

from __future__ import annotations

from msgspec import Struct


class Identity(Struct, frozen=True):
    """A connection. What is None is not given, and no ``Match`` on it holds.

    ``groups`` are the names of the groups that ``user`` is in; None where they are not known.
    ``host`` is what sshd takes for the client's name: its address, unless ``UseDNS`` is on.
    """

    name: str = ""
    user: str | None = None
    groups: tuple[str, ...] | None = None
    host: str | None = None
    addr: str | None = None
    laddr: str | None = None
    lport: int | None = None
    rdomain: str | None = None


NOBODY = Identity()
"""No connection in particular: what ``sshd -T`` without ``-C`` tells of. Only ``Match all`` holds."""

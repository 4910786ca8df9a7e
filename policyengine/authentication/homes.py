"""The home directories of a root's users."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.hostfiles.names import MOST_HOMES, users
from policyengine.authentication.resolving import glob
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

ROOT = "/root"
_NOBODYS = ("/bin/", "/dev/", "/nonexistent/", "/proc/", "/run/", "/sbin/", "/sys/", "/usr/")
"""Where passwd(5) says that users live who have no home directory."""


def homes(root: Root) -> tuple[str | Unknown, ...]:
    """Where users' files may lie: root's home, those that passwd(5) tells of, and what is in /home.

    Unknown stands for homes of which it cannot be told, and for those beyond the first 512.
    """
    found = {ROOT: None}
    named = users(root)
    for user in () if isinstance(named, Unknown) else named:
        home = posixpath.normpath(user.home)
        if home.startswith("/") and home.strip("/") and not f"{home}/".startswith(_NOBODYS):
            found[home] = None
    listed = glob(root, "/home/*")
    paths = tuple(found | dict.fromkeys(() if isinstance(listed, Unknown) else listed))
    why = f"there are {len(paths)} homes, and files are looked for in {MOST_HOMES} at most"
    more = Unknown("/etc/passwd", why) if len(paths) > MOST_HOMES else None
    return (*paths[:MOST_HOMES], *(one for one in (named, listed, more) if isinstance(one, Unknown)))

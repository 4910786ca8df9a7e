"""The start-up files of shells that a root has, and for whom each is read.

bash(1) INVOCATION, dash(1), zsh(1) STARTUP/SHUTDOWN FILES, tcsh(1) "Startup and shutdown"; what /etc/profile reads of
/etc/profile.d, and the files for changes of one's own, are those of Debian, Red Hat and SUSE.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.authentication.hostfiles.names import homes, users
from policyengine.authentication.resolving import entry, glob, resolved, text
from policyengine.authentication.shells import bourne, csh
from policyengine.authentication.wildcards import is_wild
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.authentication.files import Root
    from policyengine.authentication.resolving import Text
    from policyengine.authentication.shells.settings import Told

Shells = Literal["sh", "csh"]
Audience = Literal["everybody", "root", "user"]

SYSTEM: dict[Shells, tuple[str, ...]] = {
    "sh": (
        *("/etc/profile", "/etc/profile.d/*.sh", "/etc/profile.d/sh.local", "/etc/profile.local"),
        *("/etc/bash.bashrc", "/etc/bash.bashrc.local", "/etc/bashrc", "/etc/mkshrc"),
        *("/etc/zsh/zshenv", "/etc/zsh/zprofile", "/etc/zsh/zshrc", "/etc/zshenv", "/etc/zprofile", "/etc/zshrc"),
    ),
    "csh": ("/etc/csh.cshrc", "/etc/csh.login", "/etc/profile.d/*.csh"),
}
"""For everybody who logs in, in the order in which they are read; the first is the one to be changed."""

HOME: dict[Shells, tuple[str, ...]] = {
    "sh": (".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile", ".zshrc", ".mkshrc"),
    "csh": (".cshrc", ".tcshrc", ".login"),
}
"""In the home of a user, for the user alone."""

_READERS = {"sh": bourne.told, "csh": csh.told}
_SIGNS_OF_SHELLS = ("/etc/shells", "/bin/sh")


class Startup(Struct, frozen=True):
    """What the files say that are read for somebody, in their order; ``unread`` are the reasons why not all is known.

    ``main`` is the path of the first one, whether or not it is there.
    """

    audience: Audience
    shells: Shells
    main: str
    user: str = ""
    told: tuple[Told, ...] = ()
    texts: tuple[Text, ...] = ()
    unread: tuple[Unknown, ...] = ()


def startups(root: Root) -> Iterator[Startup]:
    """Everybody's, and those of the users who have such files in their homes.

    Everybody's for sh are told wherever there are shells, also where nothing is set; others where there are files.
    """
    for shells, paths in SYSTEM.items():
        found = _read(root, "everybody", shells, paths)
        if found.texts or found.unread or (shells == "sh" and _has_shells(root)):
            yield found
    named = users(root)
    lived_in = named if isinstance(named, Unknown) else homes(named)
    if isinstance(lived_in, Unknown):
        yield from (Startup("root", shells, paths[0], "root", unread=(lived_in,)) for shells, paths in HOME.items())
        return
    for home, user in lived_in.items():
        for shells, names in HOME.items() if resolved(root, home) is not None else ():
            paths = tuple(posixpath.join(home, name) for name in names)
            found = _read(root, "root" if user.uid == 0 else "user", shells, paths, user.name)
            if found.texts or found.unread:
                yield found


def _has_shells(root: Root) -> bool:
    return any(entry(root, path) is not None for path in _SIGNS_OF_SHELLS)


def _read(root: Root, audience: Audience, shells: Shells, paths: tuple[str, ...], user: str = "") -> Startup:
    texts: list[Text] = []
    unread: list[Unknown] = []
    for found in _texts(root, paths, exact=bool(user)):
        if isinstance(found, Unknown):
            unread.append(found)
        elif all(found.path != other.path for other in texts):
            texts.append(found)
    told = tuple(_READERS[shells](one) for one in texts)
    unread += [one.unread for one in told if one.unread is not None]
    return Startup(audience, shells, paths[0], user, told, tuple(texts), tuple(unread))


def _texts(root: Root, paths: Iterable[str], *, exact: bool) -> Iterator[Text | Unknown]:
    """The files of some paths, which are patterns unless they are ``exact``."""
    for path in paths:
        matched = glob(root, path) if not exact and is_wild(path) else (path,)
        if isinstance(matched, Unknown):
            yield matched
            continue
        yield from filter(None, (text(root, one) for one in matched))

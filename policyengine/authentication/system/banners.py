"""What is shown before and after somebody logs in: issue(5), agetty(8), motd(5), pam_motd(8)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import Text, text, texts
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.authentication.files import Root

BANNERS: Mapping[str, tuple[str, ...]] = {
    "issue": ("/etc/issue", "/etc/issue.d/*.issue"),
    "issue_net": ("/etc/issue.net",),
    "motd": ("/etc/motd", "/etc/motd.d/*"),
}
"""The files of each banner, its own first."""

_RELEASES = ("/etc/os-release", "/usr/lib/os-release")
_ESCAPE = re.compile(r"\\[Smrsv]")
_NAME = re.compile(r"^(ID|NAME)=[\"']?([^\"'\n]{1,64})[\"']?[ \t]*$", re.MULTILINE)


class Banner(Struct, frozen=True):
    """``exists``: whether its own file is there. ``discloses`` is what tells of the system: ``\\r``, ``debian``."""

    exists: bool
    text: str
    discloses: tuple[str, ...]


def banners(root: Root) -> Mapping[str, Banner | Unknown]:
    """Each banner: its text is that of all its files."""
    names = _names(root)
    return {name: _banner(root, paths, names) for name, paths in BANNERS.items()}


def _banner(root: Root, paths: Sequence[str], names: Sequence[str] | Unknown) -> Banner | Unknown:
    found: list[Text] = []
    for one in texts(root, paths):
        if isinstance(one, Unknown):
            return one
        found.append(one)
    written = "".join(one.text for one in found)
    if isinstance(names, Unknown):
        return names
    escapes = [match[0] for match in _ESCAPE.finditer(written)]
    told = [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", written, re.IGNORECASE)]
    return Banner(text(root, paths[0]) is not None, written, tuple(dict.fromkeys((*escapes, *told))))


def _names(root: Root) -> Sequence[str] | Unknown:
    """What the system is called: os-release(5)."""
    for path in _RELEASES:
        found = text(root, path)
        if isinstance(found, Unknown):
            return found
        if found is not None:
            last = {match[1]: match[2].lower() for match in _NAME.finditer(found.text)}
            return tuple(dict.fromkeys(last.values()))
    return ()

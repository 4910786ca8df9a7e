"""The rule set of a file, with those beside it that belong to it, or of the directory of a program's settings."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from policyengine.documents.load import decoded
from policyengine.errors import SourceError
from policyengine.firewall import dumps, firewalld, nft, ufw
from policyengine.firewall.rules import Ruleset
from policyengine.firewall.written import Written
from policyengine.inputs.firewall.recognise import program_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.location import Location

PAIRS = ((".v4", ".v6"), ("iptables", "ip6tables"))
"""What tells the names of two dumps apart that belong together, of IPv4 and of IPv6: Debian's ``rules.v4``, Fedora's
``iptables``, Arch's ``iptables.rules``, and ``iptables-save.txt`` or what else people call such dumps."""

SETS = ("ipsets", "ipset")
"""What lies beside them with the sets that their rules name: netfilter-persistent(8), ipset's service."""

_FRAMES = re.compile(r'"family"\s*:\s*"(?:bridge|arp)"').search

STOCK = ("../../usr/lib/firewalld", "../usr/lib/firewalld")
"""Where firewalld's own files may be, as seen from /etc/firewalld, or from a copy of it that lies beside usr."""


def ruleset(document: Document, context: Context) -> Ruleset:
    """The rules that a document stands for. Raises :class:`DocumentError` or :class:`SourceError`."""
    program = program_of(document)
    if program == "ufw":
        return Ruleset(ufw.read(_of_ufw(document, context)))
    if program == "firewalld":
        return Ruleset(firewalld.read(*_of_firewalld(document, context)))
    return dumps.read(restored(document, context))


def restored(document: Document, context: Context) -> list[Written]:
    """A dump, and those beside it that are restored with it."""
    own = Written(document.path, document.text)
    if program_of(document) != "iptables" or _other(document.path) is None:
        return [own]
    beside = [_beside(document, context, name) for name in (_other(document.path) or "", *SETS)]
    return [own, *(file for file in beside if file is not None)]


def read_with(document: Document, context: Context) -> str | None:
    """The dump of IPv4 that one of IPv6 is read with; None for any other document."""
    name = posixpath.basename(document.path)
    if program_of(document) != "iptables" or not any(six in name for _, six in PAIRS):
        return None
    file = _beside(document, context, _other(document.path) or "")
    return file.path if file is not None else None


def frames(document: Document, context: Context) -> Iterator[tuple[Location, str]]:
    """What of a firewall decides about frames, and is no part of its rule set, with where it stands."""
    program = program_of(document)
    if program == "nftables":
        found = nft.passed_over(document.text, document.path) if _FRAMES(document.text) else []
        yield from ((one.where, f"table {' '.join(one.table)}") for one in found)
    elif program == "firewalld":
        path = posixpath.join(posixpath.dirname(document.path), firewalld.DIRECT)
        direct = _file(path, document, context)
        yield from ((one, "a direct rule of ebtables") for one in (firewalld.frames(direct) if direct else ()))


def _other(path: str) -> str | None:
    """The name of the dump of the other family that belongs to one."""
    name = posixpath.basename(path)
    for four, six in PAIRS:
        if six in name:
            return name.replace(six, four)
        if four in name:
            return name.replace(four, six)
    return None


def _beside(document: Document, context: Context, name: str) -> Written | None:
    """A dump beside another, and no script of its name."""
    file = _file(posixpath.join(posixpath.dirname(document.path), name), document, context)
    return file if file is not None and (name.startswith("rules.v") or dumps.kind(file.text)) else None


def _of_ufw(document: Document, context: Context) -> dict[str, Written]:
    """The files beside ``ufw.conf``, and the defaults: /etc/default/ufw as seen from /etc/ufw."""
    directory = posixpath.dirname(document.path)
    found = {ufw.CONF: Written(document.path, document.text)}
    for name in (*ufw.RULES, *ufw.RULES6):
        if (file := _file(posixpath.join(directory, name), document, context)) is not None:
            found[name] = file
    for path in ("../default/ufw", "default/ufw"):
        place = posixpath.normpath(posixpath.join(directory, path))
        if ufw.DEFAULTS not in found and (file := _file(place, document, context)) is not None:
            found[ufw.DEFAULTS] = file
    return found


def _of_firewalld(document: Document, context: Context) -> tuple[dict[str, Written], dict[str, Written] | None]:
    """The files beside ``firewalld.conf``, and firewalld's own where they can be read."""
    directory = posixpath.dirname(document.path)
    own = {firewalld.CONF: Written(document.path, document.text), **_below(directory, document, context)}
    direct = _file(posixpath.join(directory, firewalld.DIRECT), document, context)
    if direct is not None:
        own[firewalld.DIRECT] = direct
    for path in STOCK:
        try:
            stock = _below(posixpath.normpath(posixpath.join(directory, path)), document, context)
        except SourceError:  # outside the project: what is known of firewalld counts
            continue
        if stock:
            return own, stock
    return own, None


def _below(directory: str, document: Document, context: Context) -> dict[str, Written]:
    """The files of firewalld below a directory, by their names there."""
    return {
        f"{part}/{name}": file
        for part in firewalld.DIRECTORIES
        for name in _names(posixpath.join(directory, part), part, document, context)
        if (file := _file(posixpath.join(directory, part, name), document, context)) is not None
    }


def _names(directory: str, part: str, document: Document, context: Context) -> Iterator[str]:
    """The files of one kind: of zones, those in a directory make one zone."""
    for name in context.files.names(directory, by=document.path):
        if name.endswith(".xml"):
            yield name
        elif part == "zones" and "." not in name:
            parts = context.files.names(posixpath.join(directory, name), by=document.path)
            yield from (f"{name}/{one}" for one in parts if one.endswith(".xml"))


def _file(path: str, document: Document, context: Context) -> Written | None:
    data = context.files.read(path, by=document.path)
    return None if data is None else Written(path, decoded(path, data))

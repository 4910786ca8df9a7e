"""Firewalls as files: what iptables-save, ip6tables-save, ``nft -j list ruleset`` and ``ipset save`` write; ufw's and
firewalld's own.

ufw is read from the directory that its ``ufw.conf`` lies in, with /etc/default/ufw beside or above it; firewalld from
that of its ``firewalld.conf``, with /usr/lib/firewalld where that is a part of the project. Dumps of both families that
lie side by side (``rules.v4`` and ``rules.v6``) are one firewall. ``host://`` is the live firewall
of this host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "firewall"
SCHEME = "host"


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind."""
    from policyengine.inputs.firewall.reading import SUPPLIES

    return SUPPLIES


def claims(document: Document) -> int:
    """2 for a text that begins as a dump does, or is named as no other file is; else 0."""
    if document.format != "rules":
        return 0
    from policyengine.inputs.firewall.recognise import program_of

    return 2 if program_of(document) else 0


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The firewall that a file, or the directory that it lies in, has."""
    from policyengine.inputs.firewall import reading

    return reading.read(document, context)


def read_live(url: str, context: Context) -> Iterator[Resource]:
    """The firewall of this host, which ``host://`` names. Raises :class:`SourceError` where it cannot be read."""
    from policyengine.inputs.firewall import reading

    return reading.read_live(url, context)

"""Firewalls as resources: of a file, or of the directory that it lies in, and of this host."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.documents.load import decoded
from policyengine.firewall.firewall import Firewall
from policyengine.inputs.firewall.deciding import DECIDED
from policyengine.inputs.firewall.loading import frames, read_with, ruleset
from policyengine.inputs.firewall.origins import RuleOrigins
from policyengine.inputs.firewall.recognise import program_of
from policyengine.inputs.firewall.summing import summed
from policyengine.model.kinds import firewall as kind
from policyengine.model.location import Location
from policyengine.model.report import Skipped
from policyengine.model.resource import Resource
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context

ORIGIN = "firewall"
WHOLE = ("ufw", "firewalld")
"""Programs whose firewall is a directory, and is called by its name."""

SUPPLIES = {"firewall": frozenset(kind.KIND.fields)}
LIVE = "host://"


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The firewall that a document stands for; what keeps it from being read is raised, and nothing is told of it."""
    program = program_of(document)
    first = read_with(document, context) if context.source else None
    if first is not None:
        context.skipped.append(Skipped(document.path, f"read with {first}: they are one firewall"))
        return
    rules = ruleset(document, context)
    context.skipped.extend(_of_frames(document, context))
    directory, file = posixpath.split(document.path)
    name = (posixpath.basename(directory) if program in WHOLE else file) or str(program)

    def text(path: str) -> str | None:
        if path == document.path:
            return document.text
        data = context.files.read(path, by=document.path)
        return None if data is None else decoded(path, data)

    yield _resource(name, str(program), Firewall(rules), document.locate((0, 1)), text, context)


def _of_frames(document: Document, context: Context) -> Iterator[Skipped]:
    """What decides about frames is left out, and that is said: no packet is told by it."""
    for where, what in frames(document, context):
        yield Skipped(str(where), f"{what} is left out: it decides about frames, and not about packets")


def read_live(url: str, context: Context) -> Iterator[Resource]:
    """The firewall of this host; a tree of files has none. Raises :class:`SourceError` for anybody but root."""
    from policyengine.inputs.firewall.live import live

    if url != LIVE:
        return
    found, texts = live()
    yield replace(_resource("host", "netfilter", found, Location(LIVE), texts.get, context), handle={"url": LIVE})


def _resource(
    name: str,
    program: str,
    found: Firewall,
    own: Location,
    text: Callable[[str], str | None],
    context: Context,
) -> Resource:
    counted, places = summed(found.ruleset)
    facts: dict[str, object] = {"name": name, "program": program, **counted}
    for field, told in DECIDED.items():
        if context.wants(kind.KIND.name, field):
            facts[field], where = told(found, name)
            places |= where
    origins = RuleOrigins(own, places, facts, text)
    return Resource(kind.KIND.name, name, ORIGIN, Scope(ORIGIN, name, own.path), facts, origins, whole=found)

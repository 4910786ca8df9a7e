"""The one place where sources become networks: files of any kind, engines, this host, and what these were in git."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.commands.firewall.hosts import HOST, live_network
from policyengine.commands.firewall.rule_files import Rules, networks_of_rules
from policyengine.errors import SourceError
from policyengine.networks.makers import MAKERS, made_of
from policyengine.sources import Reader, is_special, several

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.firewall.reach import Network
    from policyengine.model.report import Problem
    from policyengine.model.resource import Resource
    from policyengine.networks.makers import Maker
    from policyengine.settings import Settings

RULES = "firewall"
"""The kind of resource that is the rules of a host."""

_WANTED = "name rule dumps, Compose files, Kubernetes manifests, docker:// or host://"


class Read(Struct):
    """What was read of the sources: resources by input kind, and the rules of firewalls."""

    resources: dict[str, list[Resource]] = field(default_factory=dict)
    rules: list[Rules] = field(default_factory=list)


def networks(
    sources: Sequence[str], settings: Settings, makers: Mapping[str, Callable[[], Maker]] = MAKERS
) -> tuple[Network, ...]:
    """The networks of sources: one for each engine, Compose project and cluster, and one for all rule dumps.

    Raises :class:`SourceError` where anything cannot be read: without a rule, or a policy, every verdict may be wrong.
    """
    found: list[Network] = [live_network()] if HOST in sources else []
    read = _read([source for source in sources if source != HOST], settings)
    found += _made(read.resources, makers)
    found += networks_of_rules(read.rules)
    if not found:
        raise SourceError(f"nothing in {', '.join(sources)} tells who reaches whom", hint=_WANTED)
    return tuple(found)


def _made(resources: Mapping[str, Sequence[Resource]], makers: Mapping[str, Callable[[], Maker]]) -> Iterator[Network]:
    """The networks that resources are in, each made of all that there are of it."""
    for origin, found in resources.items():
        if origin not in makers:
            continue
        made_by = makers[origin]()
        parts: dict[tuple[str, str, str], list[Resource]] = {}
        for resource in found:
            if resource.kind in made_by.kinds:
                parts.setdefault(made_by.key(resource), []).append(resource)
        yield from (made_by.network(key, each) for key, each in parts.items())


def _read(sources: Sequence[str], settings: Settings) -> Read:
    reader = Reader(settings.env, settings.exclude, settings.exclusions, made_of())  # nothing else is asked
    found = Read()
    problems: list[Problem] = []
    for item in reader.items(sources):
        data = None if item.is_live or item.parts else reader.data(item)
        reading = reader.read(item, data)
        for resource in reading.resources:
            if resource.kind == RULES and data is not None:  # all dumps that are named are one host's
                found.rules.append(Rules(str(resource.facts["program"]), item.path, data, reading.files))
            else:
                found.resources.setdefault(resource.origin, []).append(resource)
        problems += reading.problems
    problems += reader.problems
    if problems:
        raise UnreadError(problems)
    return found


class UnreadError(SourceError):
    """Sources that cannot be read, each with its reason in ``errors``."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.errors = [SourceError(one.message, path=one.path, line=one.line, column=one.column) for one in problems]
        super().__init__(str(self.errors[0]))


@contextlib.contextmanager
def at_revision(source: str) -> Iterator[str]:
    """A source as it is named from where it can be read: of ``REVISION:PATH`` where the revision is laid out.

    As in git, the path is relative to the repository's top, or to the working directory where it begins with ``./`` or
    ``../``: https://git-scm.com/docs/gitrevisions. Raises :class:`UsageError` for a revision that there is not.
    """
    ref, colon, path = source.partition(":")
    if not colon or is_special(source) or several(source) or Path(source).exists():
        yield source
        return
    from policyengine.connections.git import repository
    from policyengine.revisions import laid_out

    here = Path.cwd()
    ours = repository(here)
    with laid_out(ours, ours.commit(ref), here=here) as revision:
        near = path.startswith(("./", "../")) or path in (".", "..")
        with contextlib.chdir(revision.directory if near else revision.top):
            yield path or "."

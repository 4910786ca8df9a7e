"""``--new-since``: what was found in another revision, by the same policies, is not new."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace as replaced

from policyengine.commands.exempting import exempted
from policyengine.commands.judging import judged
from policyengine.connections.git import repository
from policyengine.connections.git_trees import entries
from policyengine.connections.git_working_tree import renames
from policyengine.exceptions.known import TOLD, Known
from policyengine.policy import cache
from policyengine.revisions import comparable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.connections.git import Repository
    from policyengine.revisions import Revision
    from policyengine.settings import Settings


class Before(Struct, frozen=True):
    """What was found at a commit, and where its files are now: paths as reports of this run show them."""

    commit: str
    known: Sequence[Known]
    renames: Mapping[str, str]


def before(sources: Sequence[str], settings: Settings, chosen: Choice) -> Before:
    """What the sources came to where HEAD left ``settings.new_since``, whole and with the exceptions of then.

    Raises :class:`UsageError` for sources that have no history, and for a revision that there is not.
    """
    here = Path.cwd()
    ours = repository(here)
    commit = ours.base(settings.new_since)
    place = Path(settings.cache_directory or cache.directory()).absolute() if settings.cache else None
    with comparable(ours, commit, here=here, cache=place) as revision:
        renamed = _renamed(ours, commit, here)
        then = _sources(sources, revision, {new: old for old, new in renamed.items()})
        known = _known(then, _moved(settings, place, revision), _rebased(chosen, revision), revision) if then else []
    return Before(commit, known, renamed)


def _sources(sources: Sequence[str], revision: Revision, olds: Mapping[str, str]) -> list[str]:
    """What the sources were: a file that is named may have had another name, as hooks name those that changed."""
    found = []
    for source in sources:
        there = revision.source(source)
        if there is None:
            old = olds.get(os.path.relpath(os.path.realpath(source), os.path.realpath(revision.here)))
            there = revision.source(old) if old else None
        found += [there] if there else []
    return list(dict.fromkeys(found))


def _known(sources: Sequence[str], settings: Settings, chosen: Choice, revision: Revision) -> list[Known]:
    with contextlib.chdir(revision.directory):
        now = judged(sources, settings, chosen, excerpts=False, tracks=bool(settings.baseline), revision=True)
        found = exempted(now, settings).findings
    ids = {policy.id for policy, _ in chosen.policies}  # that a change adds an exception is always new
    return [Known.of(finding) for finding in found if finding.status in TOLD and finding.policy in ids]


def _moved(settings: Settings, place: Path | None, revision: Revision) -> Settings:
    """The settings for a run in the revision: what they name in the working tree is what it was then."""
    return replace(
        settings,
        all=False,
        progress=False,
        cache_directory=str(place) if place else "",
        waivers=_there(settings.waivers, revision),
        baseline=_there(settings.baseline, revision),
        exclusions=tuple((_base(base, revision), patterns) for base, patterns in settings.exclusions),
    )


def _there(path: str, revision: Revision) -> str:
    """A file of exceptions as it was then; none where there was none. One that is outside has no history."""
    if not path:
        return ""
    there = _mapped(Path(path), revision)
    return os.path.relpath(there, revision.directory) if there.is_file() else ""


def _rebased(chosen: Choice, revision: Revision) -> Choice:
    rules = tuple(replace(rule, base=_base(rule.base, revision)) for rule in chosen.enforcements.rules)
    return replaced(chosen, enforcements=replace(chosen.enforcements, rules=rules))


def _base(base: str, revision: Revision) -> str:
    return str(_mapped(Path(base), revision)) if base else base


def _mapped(path: Path, revision: Revision) -> Path:
    from policyengine.errors import UsageError

    try:
        return revision.mapped(path)
    except UsageError:  # outside of the repository: it is the same then and now
        return revision.here / path


def _renamed(ours: Repository, commit: str, here: Path) -> dict[str, str]:
    """From the paths of then to those of now."""
    return {old: new for new, old in _shown(renames(ours, entries(ours, commit)), ours, here)}


def _shown(paths: Mapping[str, str], ours: Repository, here: Path) -> Iterator[tuple[str, str]]:
    top, stand = os.path.realpath(ours.top), os.path.realpath(here)
    for new, old in paths.items():
        yield tuple(os.path.relpath(os.path.join(top, path), stand) for path in (new, old))  # type: ignore[misc] # noqa: PTH118 - a text

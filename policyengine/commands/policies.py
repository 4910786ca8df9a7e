"""The policies of a run, and the command that lists them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.commands.tables import table
from policyengine.errors import PolicyengineError, UsageError, did_you_mean
from policyengine.inputs import inputs
from policyengine.policy import cache
from policyengine.policy.library import built_in, by_id, load_policies
from policyengine.policy.select import Names, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings


def loaded(settings: Settings, more: Iterable[Path] = ()) -> tuple[list[Policy], list[PolicyengineError]]:
    """The built-in policies and those of ``settings.policies``, and what is wrong with those that are not loaded.

    ``more`` are further places: packs that bring policies along. A file that is reached twice is loaded once. Raises
    :class:`~policyengine.errors.SourceError` for a path that is not there.
    """
    places = [built_in()] if settings.built_in else []
    found: list[Policy] = []
    errors: list[PolicyengineError] = []
    places += [*map(Path, settings.policies), *more]
    with cache.used(wanted=settings.cache):
        for place in places:
            policies, wrong = load_policies(place, tuple(inputs()))
            found.extend(policies)
            errors.extend(wrong)
    if len(places) > 1:
        found = list({os.path.realpath(policy.path): policy for policy in found}.values())
    try:
        by_id(found)
    except PolicyengineError as error:
        errors.append(error)
        found = list({policy.id: policy for policy in reversed(found)}.values())[::-1]
    return sorted(found, key=lambda policy: policy.id), errors


def named(name: str, policies: Sequence[Policy]) -> Policy:
    """The policy of that id, alias, or check of another tool.

    Raises :class:`UsageError` where it is none or several.
    """
    known = {key: policy for policy in policies for key in (policy.id, *policy.aliases)}
    if name in known:
        return known[name]
    try:
        meant = list(Names.of(policies).resolved([name]))
    except UnknownNameError:
        hint = did_you_mean(name, known) or "policyengine policies lists them"
        raise UsageError(f'unknown policy "{name}"', hint=hint) from None
    if len(meant) > 1:
        raise UsageError(f'"{name}" stands for {len(meant)} policies', hint=", ".join(meant))
    return known[meant[0]]


FORMATS = ("table", "markdown", "json")
"""The forms of the listing."""


def listing(
    policies: Sequence[Policy], form: str = "table", width: int | None = None, packs: Mapping[str, Sequence[str]] = {}
) -> str:
    """The policies in one of the ``FORMATS``; ``packs`` are the names of those that each is in, by its id.

    A table's titles are wrapped to fit the width if there is one. Raises :class:`UsageError` for another form.
    """
    if form == "table":
        return _table(policies, width)
    if form == "markdown":
        from policyengine.commands.page import page

        return page(policies, packs)
    if form == "json":
        from policyengine.commands.data import data

        return data(policies, packs)
    hint = did_you_mean(form, FORMATS)
    raise UsageError(f'format takes {", ".join(FORMATS[:-1])} or {FORMATS[-1]}, not "{form}"', hint=hint)


def _table(policies: Sequence[Policy], width: int | None) -> str:
    """A narrow table has no kinds, and a very narrow one no categories."""
    columns = [
        ("Policy", [policy.id for policy in policies], None),
        ("Severity", [policy.severity for policy in policies], None),
        ("Category", [policy.category for policy in policies], None),
        ("Judges", [", ".join(policy.targets) for policy in policies], _JUDGED),
        ("Title", [policy.title for policy in policies], None),
    ]
    if width is not None and width < _WIDE:
        left_out = ("Judges",) if width >= _NARROW else ("Judges", "Category")
        columns = [column for column in columns if column[0] not in left_out]
    headers, cells, limits = zip(*columns, strict=True)
    return table(headers, list(zip(*cells, strict=True)), width, limits[:-1]) + "\n"


_JUDGED = 20
"""Columns that kinds may take on a terminal: a policy may judge many."""
_WIDE = 104
"""Columns of a terminal that has room for kinds."""
_NARROW = 90
"""Columns of a terminal that has room for categories beside the longest id."""

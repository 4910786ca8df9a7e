"""The policies of a run, and the command that lists them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.commands.tables import table
from policyengine.errors import PolicyengineError, UsageError, did_you_mean
from policyengine.inputs import inputs
from policyengine.policy.library import built_in, by_id, load_policies

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    for place in [*places, *map(Path, settings.policies), *more]:
        policies, wrong = load_policies(place, tuple(inputs()))
        found.extend(policies)
        errors.extend(wrong)
    found = list({os.path.realpath(policy.path): policy for policy in found}.values())
    try:
        by_id(found)
    except PolicyengineError as error:
        errors.append(error)
        found = list({policy.id: policy for policy in reversed(found)}.values())[::-1]
    return sorted(found, key=lambda policy: policy.id), errors


def named(name: str, policies: Iterable[Policy]) -> Policy:
    """The policy of that id or alias. Raises :class:`UsageError` for an unknown one."""
    known = {key: policy for policy in policies for key in (policy.id, *policy.aliases)}
    if name not in known:
        raise UsageError(
            f'unknown policy "{name}"', hint=did_you_mean(name, known) or "policyengine policies lists them"
        )
    return known[name]


def listing(policies: Sequence[Policy], width: int | None = None) -> str:
    """The policies as a table, their titles wrapped to fit the width if there is one; a narrow one has no kinds."""
    if width is not None and width < _WIDE:
        short = [(policy.id, policy.severity, policy.category, policy.title) for policy in policies]
        return table(["Policy", "Severity", "Category", "Title"], short, width) + "\n"
    rows = [
        (policy.id, policy.severity, policy.category, ", ".join(policy.targets), policy.title) for policy in policies
    ]
    limits = (None, None, None, _JUDGED)
    return table(["Policy", "Severity", "Category", "Judges", "Title"], rows, width, limits) + "\n"


_JUDGED = 20
"""Columns that kinds may take on a terminal: a policy may judge many."""
_WIDE = 100
"""Columns of a terminal that has room for kinds."""
